"""Numbers: where they ring, who points them elsewhere, who gives and takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiestoon.portal.carriers.services import create_trunk
from kiestoon.portal.numbers.models import Number
from tests.integration.portal.conftest import World, make_world
from tests.integration.portal.rooms import body, send, signed_in, version

pytestmark = pytest.mark.django_db

ANNAS = "/en/numbers/+3238080101/"


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def target() -> str:
    return Number.objects.get(e164="+3238080101").target


def test_a_company_sees_its_own_numbers(world: World) -> None:
    page = body(signed_in(world, "customer-admin").get("/en/numbers/"))
    assert "03 808 01 01" in page
    assert "Anna, extension 201" in page
    assert "081" not in page


def test_found_by_its_first_digits_or_the_customer(world: World) -> None:
    client = signed_in(world, "support")
    assert "081 88 02 01" in body(client.get("/en/numbers/", {"q": "081"}))
    assert "03 808" not in body(client.get("/en/numbers/", {"q": "081"}))
    assert "081 88 02 01" in body(client.get("/en/numbers/", {"q": "Lambert"}))


@pytest.mark.parametrize("role", ["customer-admin", "support", "admin"])
def test_it_rings_a_colleague_then_everyone(world: World, role: str) -> None:
    client = signed_in(world, role)
    assert send(client, ANNAS, kind="user", extension="202").status_code == 302
    assert target() == "bram"
    assert send(client, ANNAS, kind="everyone").status_code == 302
    assert target() == ""


def test_it_rings_the_customers_own_exchange(world: World) -> None:
    create_trunk(
        "zon-pbx", name="Zon PBX", kind="customer-pbx", uri="sip:127.0.1.3:5060", addresses=["127.0.1.3"],
        customer=world.zon,
    )  # fmt: skip
    client = signed_in(world, "customer-admin")
    assert send(client, ANNAS, kind="trunk", trunk="zon-pbx").status_code == 302
    assert target() == "zon-pbx"
    answer = send(client, ANNAS, kind="trunk", trunk="national")
    assert answer.status_code == 422
    assert target() == "zon-pbx"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "user", "extension": "299"}, "Enter the extension of a user of this customer."),
        ({"kind": "user"}, "Enter the extension of a user of this customer."),
        ({"kind": "trunk"}, "Choose one of the customer&#x27;s exchanges."),
        ({}, "This field is required."),
    ],
)
def test_a_target_that_is_not_there(world: World, fields: dict[str, str], words: str) -> None:
    answer = send(signed_in(world, "customer-admin"), ANNAS, **fields)
    assert answer.status_code == 422
    assert words in body(answer)
    assert target() == "anna"


def test_two_people_point_one_number(world: World) -> None:
    client = signed_in(world, "support")
    seen = version(client, ANNAS)
    send(client, ANNAS, kind="everyone")
    answer = client.post(ANNAS, {"version": seen, "kind": "user", "extension": "202"})
    assert answer.status_code == 422
    assert "It now says: Everyone of the customer." in body(answer)
    assert target() == ""


@pytest.mark.parametrize("role", ["network", "compliance", "finance"])
def test_who_only_looks(world: World, role: str) -> None:
    client = signed_in(world, role)
    page = body(client.get(ANNAS))
    assert "Anna, extension 201" in page
    assert '<button class="btn btn-primary">Save' not in page
    assert client.post(ANNAS, {"kind": "everyone"}).status_code == 403
    assert target() == "anna"


def test_a_number_is_given_and_taken_back(world: World) -> None:
    client = signed_in(world, "support")
    give = f"/en/customers/{world.zon.pk}/give-number/"
    assert client.post(give, {"e164": "03 808 01 50"}).status_code == 302
    assert send(client, "/en/numbers/+3238080150/take-back/").status_code == 302
    assert not Number.objects.filter(e164="+3238080150").exists()
    answer = send(client, "/en/numbers/+3238080100/take-back/")
    assert answer.status_code == 422
    assert "main number" in body(answer)


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ("03 808 01 01", "is already given out"),
        ("02 555 12 34", "outside the operator&#x27;s number blocks"),
        ("112", "You entered “112”"),
    ],
)
def test_a_number_that_cannot_be_given(world: World, entered: str, words: str) -> None:
    answer = signed_in(world, "support").post(
        f"/en/customers/{world.lambert.pk}/give-number/", {"e164": entered}
    )
    assert answer.status_code == 422
    assert words in body(answer)
    assert world.lambert.numbers.count() == 1


def test_a_company_gives_itself_no_numbers(world: World) -> None:
    client = signed_in(world, "customer-admin")
    answer = client.post(f"/en/customers/{world.zon.pk}/give-number/", {"e164": "03 808 01 50"})
    assert answer.status_code == 403
    assert client.get(f"{ANNAS}take-back/").status_code == 403
