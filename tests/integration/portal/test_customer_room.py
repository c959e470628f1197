"""Customers: what they have, what is broken, and the forms that change them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Address, Customer
from kiestoon.portal.customers.services import add_address, change_customer
from kiestoon.portal.phones.services import change_user
from tests.integration.portal.conftest import World, make_world
from tests.integration.portal.rooms import body, send, signed_in, version

pytestmark = pytest.mark.django_db

ADDRESS = {
    "street": "Meir", "house_number": "78", "house_number_suffix": "", "unit": "bus 3", "postcode": "2000",
    "municipality": "Antwerpen", "province": "", "country": "be",
}  # fmt: skip


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


@pytest.mark.parametrize("text", ["zon", "03 808 01 01", "Anna", "+3238080100"])
def test_found_by_name_number_and_user(world: World, text: str) -> None:
    page = body(signed_in(world, "support").get("/en/customers/", {"q": text}))
    assert f"/en/customers/{world.zon.pk}/" in page
    assert f"/en/customers/{world.lambert.pk}/" not in page


def test_what_a_customer_has_and_what_is_broken(world: World) -> None:
    change_user(world.bram, suspended=True)
    page = body(signed_in(world, "support").get(f"/en/customers/{world.zon.pk}/"))
    for words in ("Meir 1, 2000 Antwerpen", "Anna", "03 808 01 01", "2 users without a device"):
        assert words in page
    assert "1 user suspended" in page


def test_a_customers_people_see_their_own(world: World) -> None:
    client = signed_in(world, "customer-admin")
    assert client.get("/en/customers/")["Location"] == f"/en/customers/{world.zon.pk}/"
    assert client.get(f"/en/customers/{world.lambert.pk}/").status_code == 404
    assert signed_in(world, "customer-user").get("/en/customers/").status_code == 403


def test_a_customer_is_added_with_its_address(world: World) -> None:
    client = signed_in(world, "support")
    answer = client.post("/en/customers/add/", {"name": "De Maan", "language": "nl", **ADDRESS})
    assert answer.status_code == 302
    made = Customer.objects.get(name="De Maan")
    assert str(made.address) == "Meir 78, 2000 Antwerpen"
    assert made.address is not None
    assert made.address.country == "BE"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"postcode": "200"}, "postcode"),
        ({"street": ""}, "street"),
        ({"house_number": ""}, "house_number"),
        ({"name": ""}, "name"),
        ({"language": "es"}, "language"),
        ({"country": "Belgium"}, "country"),
    ],
)
def test_a_customer_that_cannot_be(world: World, fields: dict[str, str], field: str) -> None:
    given = {"name": "De Maan", "language": "nl", **ADDRESS, **fields}
    answer = signed_in(world, "support").post("/en/customers/add/", given)
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in body(answer)
    assert Customer.objects.count() == 2
    assert Address.objects.count() == 2


def test_only_the_operator_suspends_and_renames(world: World) -> None:
    path = f"/en/customers/{world.zon.pk}/change/"
    given = {"language": "fr", "main_number": "+3238080101", "outside_prefix": "0"}
    theirs = signed_in(world, "customer-admin")
    send(theirs, path, **given, name="Pirate", suspended="on")
    world.zon.refresh_from_db()
    assert (world.zon.name, world.zon.suspended, world.zon.language) == ("Zon", False, "fr")
    send(signed_in(world, "support"), path, **given, name="De Zon", suspended="on")
    world.zon.refresh_from_db()
    assert (world.zon.name, world.zon.suspended) == ("De Zon", True)


def test_a_main_number_the_customer_does_not_hold(world: World) -> None:
    path = f"/en/customers/{world.zon.pk}/change/"
    answer = send(
        signed_in(world, "customer-admin"), path, language="nl", main_number="+3281880201", outside_prefix=""
    )
    assert answer.status_code == 422
    assert "Choose one of the customer&#x27;s numbers." in body(answer)


def test_two_people_change_one_customer(world: World) -> None:
    client = signed_in(world, "support")
    path = f"/en/customers/{world.zon.pk}/change/"
    seen = version(client, path)
    change_customer(world.zon, outside_prefix="9")
    answer = client.post(path, {"version": seen, "name": "Zon", "language": "nl", "outside_prefix": "0"})
    assert answer.status_code == 422
    assert "It now says: 9." in body(answer)
    world.zon.refresh_from_db()
    assert world.zon.outside_prefix == "9"


def test_an_address_is_corrected_added_and_chosen(world: World) -> None:
    client = signed_in(world, "support")
    base = f"/en/customers/{world.zon.pk}/addresses"
    first = world.zon.address
    assert first is not None
    assert send(client, f"{base}/{first.pk}/", **ADDRESS).status_code == 302
    first.refresh_from_db()
    assert first.unit == "bus 3"
    answer = send(client, f"{base}/{first.pk}/", **ADDRESS | {"postcode": "B-2000"})
    assert answer.status_code == 422
    assert send(client, f"{base}/add/", **ADDRESS | {"house_number": "80"}).status_code == 302
    second = Address.objects.get(house_number="80")
    world.zon.refresh_from_db()
    assert world.zon.address == first
    assert send(client, f"{base}/{second.pk}/choose/").status_code == 302
    world.zon.refresh_from_db()
    assert world.zon.address == second


def test_addresses_are_the_operators_to_change(world: World) -> None:
    row = add_address(world.zon, NewAddress("Meir", "90", "2000", "Antwerpen"))
    base = f"/en/customers/{world.zon.pk}/addresses"
    theirs = signed_in(world, "customer-admin")
    for path in (f"{base}/add/", f"{base}/{row.pk}/", f"{base}/{row.pk}/choose/", "/en/customers/add/"):
        assert theirs.get(path).status_code == 403
    other = f"/en/customers/{world.lambert.pk}/addresses/{row.pk}/"
    assert signed_in(world, "support").get(other).status_code == 404
