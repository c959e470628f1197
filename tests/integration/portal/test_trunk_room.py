"""Trunks and carriers, the agreement of the special interface, the operator's settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiestoon.portal.carriers.models import Operator, SpecialInterface, Trunk
from kiestoon.portal.carriers.reachability import Outcome, judge, outcomes
from kiestoon.portal.carriers.services import change_trunk, create_trunk
from kiestoon.portal.publication.compilation import compile_operator
from tests.integration.portal.conftest import World, api_client, make_world
from tests.integration.portal.rooms import body, send, signed_in, version
from tests.integration.portal.test_pages import make_call

pytestmark = pytest.mark.django_db

NATIONAL = "/en/trunks/national/change/"
FIELDS = {
    "name": "national carrier",
    "uri": "sip:127.0.1.1:5060",
    "addresses": "127.0.1.1",
    "interface": "national",
    "priority": "5",
    "main_number": "",
    "agreement": "",
}
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def world(store: Path) -> World:
    made = make_world()
    create_trunk(
        "special", name="special", kind="carrier", uri="sip:127.0.1.4:5060", addresses=["127.0.1.4"],
        interface="special", special={"agreement": "A-1"},
    )  # fmt: skip
    create_trunk(
        "zon-pbx", name="Zon PBX", kind="customer-pbx", uri="sip:127.0.1.3:5060", addresses=["127.0.1.3"],
        customer=made.zon,
    )  # fmt: skip
    return made


def test_a_carrier_is_changed(world: World) -> None:
    answer = send(signed_in(world, "network"), NATIONAL, **FIELDS | {"addresses": "127.0.1.1\n2001:db8::1"})
    assert answer.status_code == 302
    trunk = Trunk.objects.get(pk="national")
    assert trunk.priority == 5
    assert trunk.addresses == ["127.0.1.1", "[2001:db8::1]"]


def test_lines_are_kept_for_emergency_calls(world: World) -> None:
    client = signed_in(world, "network")
    answer = send(client, NATIONAL, **FIELDS | {"max_calls": "30", "reserved_calls": "2"})
    assert answer.status_code == 302
    shown = body(client.get("/en/trunks/national/"))
    assert "Of them kept for emergency calls" in shown
    operator = compile_operator()
    assert operator is not None
    national = next(one for one in operator.trunks if one.trunk_id == "national")
    assert (national.max_calls, national.reserved_calls) == (30, 2)


def test_a_centre_says_from_where_it_calls_back(world: World) -> None:
    create_trunk(
        "centre", name="centre", kind="emergency", uri="sip:127.0.1.112:5060", addresses=["127.0.1.112"]
    )
    client = api_client("admin")
    change = {"call_back_numbers": ["03 222 33 44", "+3232223344"]}
    answer = client.patch("/api/trunks/centre", change, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["call_back_numbers"] == ["+3232223344"]
    wrong = client.patch(
        "/api/trunks/centre", {"call_back_numbers": ["112"]}, content_type="application/json"
    )
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"uri": "127.0.1.1"}, "Enter a SIP address"),
        ({"addresses": "carrier.example"}, "You entered “carrier.example”"),
        ({"addresses": "127.0.1.4"}, "Each source address can belong to one trunk only."),
        ({"addresses": ""}, "This field is required."),
        ({"priority": "-1"}, "greater than or equal to 0"),
        ({"main_number": "+3238080100"}, "Choose one of the customer&#x27;s numbers."),
        ({"interface": "special"}, "art. 4"),
        ({"agreement": "A-2"}, "only a special interface has an agreement"),
        ({"max_calls": "10", "reserved_calls": "10"}, "Reserve fewer calls"),
        ({"reserved_calls": "1"}, "Reserve fewer calls"),
        ({"call_back_numbers": "+3222222222"}, "Only an emergency centre calls back."),
    ],
)
def test_a_carrier_that_cannot_be(world: World, fields: dict[str, str], words: str) -> None:
    answer = send(signed_in(world, "network"), NATIONAL, **FIELDS | fields)
    assert answer.status_code == 422
    assert words in body(answer)
    assert Trunk.objects.get(pk="national").priority == 100


def test_two_people_change_one_carrier(world: World) -> None:
    client = signed_in(world, "admin")
    seen = version(client, NATIONAL)
    change_trunk(Trunk.objects.get(pk="national"), priority=50)
    answer = client.post(NATIONAL, {"version": seen, **FIELDS})
    assert answer.status_code == 422
    assert "It now says: 50." in body(answer)
    assert Trunk.objects.get(pk="national").priority == 50


def test_a_carrier_comes_and_goes(world: World) -> None:
    client = signed_in(world, "network")
    new = {**FIELDS, "trunk_id": "second", "kind": "carrier", "addresses": "192.0.2.10"}
    assert send(client, "/en/trunks/add/", **new).status_code == 302
    assert Trunk.objects.filter(pk="second").exists()
    assert send(client, "/en/trunks/second/remove/").status_code == 302
    assert not Trunk.objects.filter(pk="second").exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "customer-pbx"}, "Enter the number of the customer whose exchange this is."),
        ({"customer_id": "999999", "kind": "customer-pbx"}, "There is no customer 999999."),
        ({"customer_id": "1"}, "only an exchange belongs to a customer"),
        ({"trunk_id": "national"}, "already exists"),
        ({"trunk_id": "two words"}, "Enter a valid"),
    ],
)
def test_a_new_trunk_that_cannot_be(world: World, fields: dict[str, str], words: str) -> None:
    new = {**FIELDS, "trunk_id": "new", "kind": "carrier", "addresses": "192.0.2.10"}
    answer = send(signed_in(world, "network"), "/en/trunks/add/", **new | fields)
    assert answer.status_code == 422
    assert words in body(answer)
    assert Trunk.objects.count() == 3


@pytest.mark.parametrize("role", ["support", "compliance"])
def test_who_only_looks(world: World, role: str) -> None:
    client = signed_in(world, role)
    page = body(client.get("/en/trunks/special/"))
    assert "A-1" in page
    assert "Change the trunk" not in page
    for path in (NATIONAL, "/en/trunks/add/", "/en/trunks/special/agreement/"):
        assert client.get(path).status_code == 403
    assert "demo.kiestoon.test" in body(client.get("/en/operator/"))
    assert client.post("/en/operator/", {"realm": "x"}).status_code == 403


def test_a_company_sees_its_own_exchange_only(world: World) -> None:
    client = signed_in(world, "customer-admin")
    page = body(client.get("/en/trunks/"))
    assert "Zon PBX" in page
    assert "national carrier" not in page
    assert client.get("/en/trunks/national/").status_code == 404
    assert client.get("/en/trunks/zon-pbx/").status_code == 200
    assert client.get("/en/trunks/zon-pbx/change/").status_code == 403
    assert client.get("/en/operator/").status_code == 403


def test_the_agreement_of_the_special_interface(world: World) -> None:
    client = signed_in(world, "network")
    path = "/en/trunks/special/agreement/"
    answer = send(
        client, path, agreement="A-2", nomadic="on", cloud_numbers="02 555 00 01", blocked="02 555 00 02"
    )
    assert answer.status_code == 302
    row = SpecialInterface.objects.get(trunk_id="special")
    assert (row.agreement, row.nomadic, row.cloud_numbers) == ("A-2", True, ["+3225550001"])
    answer = send(client, path, agreement="A-3", blocked="nobody")
    assert answer.status_code == 422
    assert 'href="#id_blocked"' in body(answer)
    assert SpecialInterface.objects.get(trunk_id="special").agreement == "A-2"
    assert client.get("/en/trunks/national/agreement/").status_code == 404


def test_the_operators_settings(world: World) -> None:
    client = signed_in(world, "network")
    fields = {"realm": "demo.kiestoon.test", "domains": "demo.kiestoon.test\nsip.example.be"}
    answer = send(client, "/en/operator/", **fields, blocks="+323808\n+328188\n+3293", roaming_check="D-7")
    assert answer.status_code == 302
    row = Operator.objects.get()
    assert row.blocks == ["+323808", "+328188", "+3293"]
    assert row.roaming_check == "D-7"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"realm": "other.example"}, "The realm cannot change while there are users"),
        ({"domains": "not a domain"}, "You entered “not a domain”"),
        ({"blocks": "0800"}, "Enter a number block"),
        ({"domains": ""}, "This field is required."),
    ],
)
def test_settings_that_cannot_be(world: World, fields: dict[str, str], words: str) -> None:
    good = {"realm": "demo.kiestoon.test", "domains": "demo.kiestoon.test", "blocks": "+323808"}
    answer = send(signed_in(world, "admin"), "/en/operator/", **good | fields)
    assert answer.status_code == 422
    assert words in body(answer)
    assert Operator.objects.get().blocks == ["+323808", "+328188"]


def test_settings_and_agreement_over_the_api(world: World) -> None:
    client = api_client("network")
    tag = client.get("/api/operator")["ETag"]
    answer = client.patch("/api/operator", {"roaming_check": "D-8"}, content_type="application/json")
    assert answer.json()["roaming_check"] == "D-8"
    answer = client.patch(
        "/api/operator", {"roaming_check": "D-9"}, content_type="application/json",
        headers={"If-Match": tag},
    )  # fmt: skip
    assert answer.status_code == 412
    answer = client.patch(
        "/api/trunks/special/agreement", {"suspended": True}, content_type="application/json"
    )
    assert answer.json()["suspended"] is True
    answer = client.patch(
        "/api/trunks/special/agreement", {"blocked": ["x"]}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "blocked"
    assert client.get("/api/trunks/national/agreement").status_code == 404


@pytest.mark.parametrize("role", ["support", "compliance"])
def test_settings_are_written_by_network_only(world: World, role: str) -> None:
    client = api_client(role)
    assert client.get("/api/operator").status_code == 200
    for path in ("/api/operator", "/api/trunks/special/agreement"):
        assert client.patch(path, {}, content_type="application/json").status_code == 403
    theirs = api_client("customer-admin", world.zon)
    assert theirs.get("/api/operator").status_code == 403
    assert theirs.get("/api/trunks/special/agreement").status_code == 403


def call(**fields: Any) -> dict[str, Any]:
    return {
        "started_at": NOON, "answered_at": None, "sip_code": 486, "trunk_id": "national",
        "trunk_in_id": None, "stages": [], **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "works"),
    [
        ({"sip_code": 486}, [("national", True)]),
        ({"sip_code": 503}, [("national", False)]),
        ({"sip_code": 408}, [("national", False)]),
        ({"sip_code": 503, "answered_at": NOON}, [("national", True)]),
        ({"sip_code": 487}, []),
        ({"trunk_id": None, "trunk_in_id": "national"}, [("national", True)]),
        ({"trunk_id": None}, []),
    ],
)
def test_what_one_call_says_of_its_trunk(fields: dict[str, Any], works: list[tuple[str, bool]]) -> None:
    assert [(one.trunk_id, one.works) for one in outcomes(call(**fields))] == works


def test_a_carrier_given_up_for_the_next_one_failed() -> None:
    legs = [
        {"trunk": {"id": "national"}, "to": "+32470123456", "because": "routed"},
        {"trunk": {"id": "international"}, "to": "+32470123456", "because": "routed"},
    ]
    found = outcomes(call(trunk_id="international", answered_at=NOON, sip_code=200, stages=legs))
    assert [(one.trunk_id, one.works) for one in found] == [("national", False), ("international", True)]


def test_the_newest_outcome_decides() -> None:
    later = NOON + timedelta(minutes=1)
    assert judge([Outcome("a", later, True), Outcome("a", NOON, False, 503)])["a"].state == "ok"
    assert judge([Outcome("a", NOON, True), Outcome("a", later, False, 503)])["a"].state == "bad"


def test_the_list_says_which_carrier_is_bad(world: World) -> None:
    make_call("c1", trunk_id="national", trunk_name="national carrier", sip_code=503)
    page = body(signed_in(world, "network").get("/en/trunks/"))
    assert page.count("Last call failed") == 1
    assert "(SIP 503)" in page
    assert page.count("No calls in the last hour") == 2
