"""Forwarding and blocking: what a person may set, what is refused in which words, nothing half-changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiestoon.portal.phones.models import Forwarding, TelephoneUser
from kiestoon.portal.phones.services import change_user, create_user
from tests.integration.portal.conftest import World, api_client, make_world, user_client
from tests.integration.portal.rooms import body, send, signed_in, version

pytestmark = pytest.mark.django_db

PATH = "/en/forwarding/anna/"
USUAL = {"ring_seconds": "20"}


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def forwardings(user: TelephoneUser) -> list[tuple[str, str]]:
    return sorted(Forwarding.objects.filter(user=user).values_list("condition", "target"))


def test_every_condition_and_every_wish(world: World) -> None:
    client = signed_in(world, "customer-admin")
    answer = send(
        client, PATH, busy="202", no_answer="0470 12 34 56", unreachable="*202", ring_seconds="15",
        reject_anonymous="on", stop_forwarding="on", clir="on",
    )  # fmt: skip
    assert answer.status_code == 302
    assert forwardings(world.anna) == [
        ("busy", "202"),
        ("no-answer", "+32470123456"),
        ("unreachable", "*202"),
    ]
    anna = TelephoneUser.objects.get(pk=world.anna.pk)
    assert (anna.ring_seconds, anna.reject_anonymous, anna.stop_forwarding, anna.clir) == (
        15,
        True,
        True,
        True,
    )
    page = body(client.get("/en/forwarding/"))
    assert "No answer: to 0470 12 34 56" in page


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ("201", "This is the user&#x27;s own extension."),
        ("*201", "This is the user&#x27;s own extension."),
        ("03 808 01 01", "This is the user&#x27;s own number."),
        ("0903 12 345", "premium or short number"),
        ("070 12 34 56", "premium or short number"),
        ("0123 45", "There is no number of this form: “0123 45”."),
        ("299", "“299” is no extension of this company and no number."),
        ("03 808 99 99", "Nobody has the number “03 808 99 99”."),
        ("112", "never forwarded to an emergency number or helpline (“112”)"),
        ("02 112", "There is no number of this form"),
        ("my mobile", "is no extension of this company and no number"),
    ],
)
def test_a_target_that_cannot_be(world: World, entered: str, words: str) -> None:
    change_user(world.anna, forwarding=[("busy", "202")])
    client = signed_in(world, "customer-admin")
    answer = send(client, PATH, always=entered, no_answer="202", clir="on", **USUAL)
    assert answer.status_code == 422
    assert words in body(answer)
    assert entered in body(answer)
    assert forwardings(world.anna) == [("busy", "202")]
    assert not TelephoneUser.objects.get(pk=world.anna.pk).clir


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "Oproepen zouden rondjes draaien: Bram"),
        ("fr", "Les appels tourneraient en rond"),
        ("de", "Anrufe liefen im Kreis: Bram"),
        ("en", "Calls would go in a circle: Bram"),
    ],
)
def test_two_colleagues_who_forward_everything_to_each_other(world: World, language: str, words: str) -> None:
    change_user(world.bram, forwarding=[("always", "201")])
    client = signed_in(world, "customer-admin")
    answer = send(client, f"/{language}/forwarding/anna/", always="202", **USUAL)
    assert answer.status_code == 422
    assert words in body(answer)
    assert forwardings(world.anna) == []


def test_a_circle_by_number_and_over_a_third_colleague(world: World) -> None:
    carl = create_user(world.zon, username="carl", password="c", extension="203", name="Carl")
    change_user(world.bram, forwarding=[("busy", "203")])
    change_user(carl, forwarding=[("always", "+3238080101")])
    answer = send(signed_in(world, "support"), PATH, no_answer="03 808 01 02", **USUAL)
    assert answer.status_code == 422
    assert "Bram, Carl" in body(answer)


def test_colleagues_who_cover_for_each_other_when_busy_are_no_circle(world: World) -> None:
    change_user(world.bram, forwarding=[("busy", "201")])
    assert send(signed_in(world, "support"), PATH, busy="202", **USUAL).status_code == 302


def test_a_barred_kind_of_call_is_no_target(world: World) -> None:
    change_user(world.anna, barred=["mobile"])
    answer = send(signed_in(world, "support"), PATH, always="0470 12 34 56", **USUAL)
    assert "Calls of this kind are barred for this user" in body(answer)


def test_another_companys_number_is_a_number_like_any_other(world: World) -> None:
    client = signed_in(world, "customer-admin")
    assert send(client, PATH, always="081 88 02 01", **USUAL).status_code == 302
    assert forwardings(world.anna) == [("always", "+3281880201")]


def test_each_wrong_target_is_said_beside_its_own_field(world: World) -> None:
    page = body(send(signed_in(world, "support"), PATH, always="299", busy="112", **USUAL))
    assert 'href="#id_always"' in page
    assert 'href="#id_busy"' in page


def test_seconds_out_of_bounds(world: World) -> None:
    answer = send(signed_in(world, "support"), PATH, ring_seconds="2")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in body(answer)


def test_two_people_change_one_forwarding(world: World) -> None:
    client = signed_in(world, "customer-admin")
    seen = version(client, PATH)
    change_user(world.anna, forwarding=[("always", "202")])
    answer = client.post(PATH, {"version": seen, "always": "0470 12 34 56", **USUAL})
    assert answer.status_code == 422
    assert "It now says: 202." in body(answer)
    assert forwardings(world.anna) == [("always", "202")]


def test_a_customers_user_changes_its_own_only(world: World) -> None:
    client = signed_in(world, "customer-user")
    assert client.get("/en/forwarding/")["Location"] == "/en/forwarding/bram/"
    assert send(client, "/en/forwarding/bram/", always="201", **USUAL).status_code == 302
    assert forwardings(world.bram) == [("always", "201")]
    assert client.get(PATH).status_code == 404
    assert client.post(PATH, {"always": "202", **USUAL}).status_code == 404


@pytest.mark.parametrize("role", ["network", "compliance", "finance"])
def test_others_of_the_operator_change_no_forwarding(world: World, role: str) -> None:
    client = signed_in(world, role)
    assert client.get(PATH).status_code == 403
    assert client.get("/en/forwarding/").status_code == 403


def test_network_staff_do_not_read_peoples_mobiles(world: World) -> None:
    change_user(world.anna, forwarding=[("always", "+32470123456")])
    page = body(signed_in(world, "network").get("/en/users/anna/"))
    assert "0470 ·· ·· 56" in page
    assert "0470 12 34 56" not in page


def test_callers_a_company_refuses(world: World) -> None:
    client = signed_in(world, "customer-admin")
    path = f"/en/customers/{world.zon.pk}/blocked/"
    answer = send(client, path, blocked="0470 66 67 77\n\n+33 1 45 67 89 01")
    assert answer.status_code == 302
    world.zon.refresh_from_db()
    assert world.zon.blocked == ["+32470666777", "+33145678901"]
    answer = send(client, path, blocked="0470 66 67 77\nnobody")
    assert answer.status_code == 422
    assert "You entered “nobody”" in body(answer)
    world.zon.refresh_from_db()
    assert len(world.zon.blocked) == 2


def test_a_users_own_program_changes_forwarding_and_nothing_else(world: World) -> None:
    client = user_client(world, world.bram)
    change = {"forwarding": [{"condition": "always", "target": "201"}], "clir": True}
    answer = client.patch("/api/users/bram", change, content_type="application/json")
    assert answer.status_code == 200
    assert forwardings(world.bram) == [("always", "201")]
    answer = client.patch("/api/users/bram", {"barred": []}, content_type="application/json")
    assert answer.status_code == 403
    assert client.patch("/api/users/anna", change, content_type="application/json").status_code == 404


def test_a_program_that_read_an_older_version_changes_nothing(world: World) -> None:
    client = api_client("customer-admin", world.zon)
    tag = client.get("/api/users/anna")["ETag"]
    change_user(world.anna, forwarding=[("always", "202")])
    answer = client.patch(
        "/api/users/anna", {"clir": True}, content_type="application/json", headers={"If-Match": tag}
    )
    assert answer.status_code == 412
    fresh = client.get("/api/users/anna")["ETag"]
    answer = client.patch(
        "/api/users/anna", {"clir": True}, content_type="application/json", headers={"If-Match": fresh}
    )
    assert answer.status_code == 200
    assert answer["ETag"] != fresh
