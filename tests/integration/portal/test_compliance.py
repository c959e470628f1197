"""The duty board and its evidence, requests for the user of a call, and what duties refuse to activate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from kiestoon.duties.duty import belgian_day
from kiestoon.duties.register import DUTIES, Refusal
from kiestoon.portal.calls.models import Call
from kiestoon.portal.carriers.models import SpecialInterface, Trunk
from kiestoon.portal.carriers.services import change_trunk, create_trunk
from kiestoon.portal.compliance import services
from kiestoon.portal.compliance.counting import count_decisions
from kiestoon.portal.compliance.identification import find, identify, moments
from kiestoon.portal.compliance.models import Blocking, DecisionCount, Example, IdentityRequest, Measurement
from kiestoon.portal.compliance.register import REGISTER, check_activation
from kiestoon.portal.compliance.words import words
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.phones.services import create_user, remove_user
from tests.integration.portal.conftest import World, api_client, make_world
from tests.integration.portal.test_pages import make_call, signed_in

NOW = datetime.now(UTC)
BLOCKED = {
    "step": "spoofed-number",
    "result": "block",
    "why": "art. 1: from abroad",
    "duty": "spoofed-numbers",
}
REFUSED = {**BLOCKED, "result": "refused", "why": "a Belgian number from abroad"}
PASSED = {**BLOCKED, "result": "pass", "why": "art. 1: the number is not Belgian"}
SPECIAL = {"agreement": "agreement 7", "nomadic": True}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def decided(call_id: str, *reasons: dict[str, Any], **fields: Any) -> Call:
    events = [{"e": "attempt", "t": 0, "reasons": list(reasons)}, {"e": "fail", "code": 403}]
    return make_call(call_id, events=events, direction="incoming", username=None, **fields)


def special_trunk() -> Trunk:
    return create_trunk(
        "special",
        name="special interface",
        kind="carrier",
        uri="sip:127.0.1.4:5060",
        addresses=["127.0.1.4"],
        interface="special",
        special=SPECIAL,
    )


def asked(hours_ago: float, **fields: Any) -> IdentityRequest:
    values = {"asked_by": "BIPT", "reference": "2026/1", "call_id": "c1", **fields}
    return services.record_request("an", asked_at=NOW - timedelta(hours=hours_ago), **values)


# ------------------------------------------------------------------ evidence


def test_every_duty_has_something_that_proves_it() -> None:
    assert REGISTER.missing() == []


def test_the_pages_english_is_the_registers() -> None:
    for duty in DUTIES:
        told = words()[duty.key]
        assert (told.title, told.summary, told.evidence) == (duty.title, duty.summary, duty.evidence)


def test_decisions_are_counted_by_day_and_branch_from_the_reasons_of_calls(world: World) -> None:
    """A block and the refusal that follows from it are one decision."""
    decided("blocked", BLOCKED, REFUSED)
    decided("passed", PASSED)
    make_call("other")
    count_decisions(NOW)
    today = belgian_day(NOW - timedelta(minutes=2))
    counts = REGISTER.evidence("spoofed-numbers").counts(today, today)
    assert [(one.day, one.result, one.decisions) for one in counts] == [
        (today, "block", 1),
        (today, "pass", 1),
    ]
    assert {row.call_id for row in Example.objects.all()} == {"blocked", "passed"}
    rows = list(REGISTER.evidence("spoofed-numbers").rows(NOW - timedelta(hours=1), datetime.now(UTC)))
    assert [(row["call_id"], row["result"]) for row in rows] == [("blocked", "block"), ("passed", "pass")]


def test_a_day_begins_at_midnight_in_belgium(world: World) -> None:
    decided("late", BLOCKED, started_at=datetime(2026, 11, 22, 22, 30, tzinfo=UTC))
    decided("early", BLOCKED, started_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    count_decisions(datetime(2026, 11, 23, 12, tzinfo=UTC))
    counts = REGISTER.evidence("spoofed-numbers").counts(date(2026, 11, 22), date(2026, 11, 23))
    assert [one.day for one in counts] == [date(2026, 11, 22), date(2026, 11, 23)]


def test_calls_ingested_later_are_counted_too_and_nothing_twice(world: World) -> None:
    yesterday = NOW - timedelta(hours=20)
    decided("first", BLOCKED, started_at=yesterday)
    assert count_decisions(NOW) >= 1
    decided("behind", BLOCKED, started_at=yesterday)
    count_decisions(NOW)
    count_decisions(NOW)
    assert sum(DecisionCount.objects.values_list("decisions", flat=True)) == 2
    assert Example.objects.count() == 2


def test_evidence_that_is_old_or_missing_is_not_measured(world: World) -> None:
    client = signed_in("compliance")
    assert "Not measured yet" in client.get("/en/duties/").content.decode()
    count_decisions(NOW)
    assert "In order, measured until" in client.get("/en/duties/").content.decode()
    Measurement.objects.update(at=NOW - timedelta(hours=1))
    assert "Not measured since" in client.get("/en/duties/").content.decode()


def test_one_duty_shows_rule_article_counts_and_calls(world: World) -> None:
    decided("blocked", BLOCKED, REFUSED)
    count_decisions(NOW)
    body = signed_in("compliance").get("/en/duties/spoofed-numbers/").content.decode()
    assert "https://www.ejustice.just.fgov.be/eli/arrete/2024/05/12/2024005253/justel" in body
    assert "This rule decided 1 time in 30 days." in body
    assert "test_a_belgian_number_from_abroad_is_blocked" in body
    assert "/en/calls/blocked/" in body


def test_evidence_as_csv(world: World) -> None:
    decided("blocked", BLOCKED)
    count_decisions(NOW)
    client = signed_in("compliance")
    days = b"".join(client.get("/en/duties/spoofed-numbers/counts.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert days.splitlines()[1].endswith("spoofed-number,block,art. 1: from abroad,1")
    day = belgian_day(NOW - timedelta(minutes=2))
    answer = client.get("/en/duties/spoofed-numbers/decisions.csv", {"day": day.isoformat()})
    rows = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert ",blocked,spoofed-number,block,art. 1: from abroad," in rows


@pytest.mark.parametrize("path", ["/en/duties/", "/en/duties/spoofed-numbers/", "/en/requests/"])
def test_duties_and_requests_are_for_compliance_and_admin(world: World, path: str) -> None:
    for role in ("compliance", "admin"):
        assert signed_in(role).get(path).status_code == 200
    for role in ("support", "network", "finance"):
        assert signed_in(role).get(path).status_code == 403
    assert signed_in("customer-admin", customer=world.zon).get(path).status_code == 403


# ------------------------------------------------------------------ who was it


def test_who_made_a_call_by_its_number_and_moment_though_their_clock_is_off(world: World) -> None:
    at = datetime(2026, 11, 20, 14, 5, 30, tzinfo=UTC)
    call = make_call(
        "c1",
        customer_id=world.zon.pk,
        username="anna",
        started_at=at,
        ended_at=at + timedelta(minutes=3),
        source="192.0.2.7:5060",
        user_agent="Yealink",
    )
    minute = timedelta(minutes=1)
    assert find("", "+3238080101", "", at - minute, minute) == [call]
    assert find("", "+3238080101", "", at + 2 * minute, minute) == [call]
    assert find("", "+3238080101", "", at - 2 * minute, minute) == []
    assert find("", "+3238080101", "", at + 5 * minute, minute) == []
    assert find("", "+3238080101", "+32470999999", at, minute) == []
    assert find("", "+3238080102", "", at, minute) == []
    found = identify(call)
    assert (found.customer, found.user, found.address) == (world.zon, world.anna, "Meir 1, 2000 Antwerpen")
    assert found.is_ours


def test_the_hour_that_the_change_of_clocks_repeats_is_looked_at_twice(world: World) -> None:
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moments(at) == (at, at + timedelta(hours=1))
    make_call("summer", started_at=at, ended_at=at + timedelta(minutes=1))
    make_call("winter", started_at=at + timedelta(hours=1), ended_at=at + timedelta(minutes=61))
    found = find("", "+3238080101", "", at, timedelta(minutes=2))
    assert {call.call_id for call in found} == {"summer", "winter"}


def test_a_user_who_left_and_a_user_of_another_operator_are_said_to_be_so(world: World) -> None:
    special_trunk()
    make_call("gone", customer_id=world.zon.pk, username="gone")
    decided("theirs", PASSED, trunk_in_id="special", from_number="+3225551234")
    client = signed_in("compliance")
    row = asked(1, call_id="gone")
    assert "gone, who no longer exists" in client.get(f"/en/requests/{row.pk}/").content.decode()
    row = asked(1, call_id="theirs")
    body = client.get(f"/en/requests/{row.pk}/").content.decode()
    assert "A user of the operator behind special interface" in body
    assert "agreement 7" in body


def test_a_request_is_recorded_answered_and_kept_as_it_was_told(world: World) -> None:
    make_call("c1", customer_id=world.zon.pk, username="bram", from_number="+3238080102")
    client = signed_in("compliance")
    form = {
        "asked_by": "BIPT",
        "reference": "2026/7",
        "asked_at": (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S"),
        "number": "03 808 01 02",
        "moment": "20/11/2026",
        "tolerance_seconds": "120",
    }
    answer = client.post("/en/requests/new/", form)
    assert answer.status_code == 422
    assert "Enter day and time, for example" in answer.content.decode()
    assert IdentityRequest.objects.count() == 0
    answer = client.post("/en/requests/new/", {**form, "call_id": "c1", "moment": ""})
    assert answer.status_code == 302
    row = IdentityRequest.objects.get()
    assert (row.number, row.recorded_by) == ("+3238080102", "a-compliance")
    page = client.get(answer["Location"]).content.decode()
    assert "Bram (bram)" in page
    answer = client.post(f"/en/requests/{row.pk}/answer/", {"call_id": "c1", "note": "by mail"})
    assert answer.status_code == 302
    world.bram.numbers.all().delete()
    remove_user(world.bram)
    row.refresh_from_db()
    assert row.answer is not None
    assert row.answer["user"] == {"username": "bram", "name": "Bram"}
    assert row.answer["address"] == "Meir 1, 2000 Antwerpen"
    again = client.post(f"/en/requests/{row.pk}/answer/", {"call_id": "c1"})
    assert again.status_code == 422
    assert "a-compliance has answered this request already" in again.content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"call_id": ""}, "number"),
        ({"call_id": "", "number": "+3238080101"}, "moment"),
        ({"number": "nonsense"}, "number"),
        ({"reference": " "}, "reference"),
        ({"moment": NOW + timedelta(days=1)}, "moment"),
        ({"tolerance_seconds": 99999}, "tolerance_seconds"),
    ],
)
def test_a_request_that_names_no_call_is_refused_and_kept_nowhere(
    world: World, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        asked(1, **fields)
    assert list(refused.value.message_dict) == [field]
    assert IdentityRequest.objects.count() == 0


def test_a_late_request_is_seen_on_both_boards(world: World) -> None:
    client = signed_in("compliance")
    asked(20)
    assert "Due within 4 hours" in client.get("/en/requests/").content.decode()
    assert "Answer to BIPT due within 4 hours" in client.get("/en/duties/").content.decode()
    asked(30, reference="2026/2")
    assert "Late by 6 hours" in client.get("/en/requests/").content.decode()
    assert "1 answer to BIPT is late" in client.get("/en/duties/").content.decode()


def test_the_user_who_was_not_identified_is_blocked_on_the_special_interface(world: World) -> None:
    special_trunk()
    client = signed_in("compliance")
    in_time, late = asked(23), asked(25, reference="2026/2")
    early = client.post(f"/en/requests/{in_time.pk}/block/", {"numbers": "02 555 12 34"})
    assert early.status_code == 422
    assert "this one is not" in early.content.decode()
    assert client.post(f"/en/requests/{late.pk}/block/", {"numbers": "not a number"}).status_code == 422
    assert SpecialInterface.objects.get().blocked == []
    answer = client.post(f"/en/requests/{late.pk}/block/", {"numbers": "02 555 12 34\n+3225551235"})
    assert answer.status_code == 302
    assert SpecialInterface.objects.get().blocked == ["+3225551234", "+3225551235"]
    done = Blocking.objects.get()
    assert (done.by, done.why, done.trunks) == ("a-compliance", "late", ["special"])
    assert client.post(f"/en/requests/{late.pk}/blockings/{done.pk}/lift/").status_code == 302
    assert SpecialInterface.objects.get().blocked == []
    assert Blocking.objects.get().lifted_by == "a-compliance"


def test_an_answer_that_bipt_calls_wrong_blocks_and_a_better_one_ends_it(world: World) -> None:
    special_trunk()
    make_call("c1", customer_id=world.zon.pk, username="anna")
    row = asked(2)
    services.answer_request(row.pk, "an", call=Call.objects.get(pk="c1"), note="")
    services.judge_answer(row.pk, "an", "wrong")
    row.refresh_from_db()
    assert row.must_block(datetime.now(UTC))
    services.answer_request(row.pk, "bo", call=None, note="the right name, by telephone")
    row.refresh_from_db()
    assert not row.must_block(datetime.now(UTC))
    assert row.answered_by == "bo"


def test_what_another_blocking_holds_stays_blocked(world: World) -> None:
    special_trunk()
    first, second = asked(25), asked(26, reference="2026/2")
    one = services.block_numbers(first.pk, "an", ["+3225551234"])
    services.block_numbers(second.pk, "an", ["+3225551234", "+3225551235"])
    services.lift_blocking(one.pk, "an")
    assert SpecialInterface.objects.get().blocked == ["+3225551234", "+3225551235"]


def test_the_api_tells_who_and_keeps_requests(world: World) -> None:
    make_call("c1", customer_id=world.zon.pk, username="anna")
    client = api_client("compliance")
    body = {
        "asked_by": "BIPT",
        "reference": "2026/9",
        "asked_at": (NOW - timedelta(hours=1)).isoformat(),
        "call_id": "c1",
    }
    made = client.post("/api/compliance/requests", body, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["standing"] == "open"
    path = f"/api/compliance/requests/{made.json()['id']}"
    told = client.get(f"{path}/calls").json()
    assert told[0]["customer"] == {"id": world.zon.pk, "name": "Zon"}
    assert told[0]["user"] == {"username": "anna", "name": "Anna"}
    assert api_client("support").get(f"{path}/calls").status_code == 403
    answered = client.post(f"{path}/answer", {"call_id": "c1"}, content_type="application/json")
    assert answered.json()["standing"] == "answered"
    assert client.get("/api/compliance/requests").json()["count"] == 1
    items = client.get("/api/compliance/duties").json()["items"]
    assert {one["key"] for one in items} == {one.key for one in DUTIES}


# ------------------------------------------------------------------ activation


def test_a_special_interface_without_an_agreement_is_not_activated(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        create_trunk(
            "s", name="s", kind="carrier", uri="sip:127.0.1.9", addresses=["127.0.1.9"], interface="special"
        )
    message = refused.value.message_dict["interface"][0]
    assert "needs a written agreement" in message
    assert "Enter the reference of the agreement" in message
    assert "Calls from abroad with a Belgian number are blocked (RD Spoofing arts. 1-5" in message
    trunk = Trunk.objects.get(pk="national")
    answer = api_client("network").patch(
        "/api/trunks/national", {"interface": "special"}, content_type="application/json"
    )
    assert answer.status_code == 422
    trunk.refresh_from_db()
    assert trunk.interface == "national"
    change_trunk(trunk, interface="special", special=SPECIAL)
    assert SpecialInterface.objects.get(trunk=trunk).agreement == "agreement 7"


def test_a_number_and_a_user_of_a_customer_without_an_address_are_not_activated(world: World) -> None:
    world.zon.address = None
    world.zon.save()
    with pytest.raises(ValidationError) as refused:
        give_number(world.zon, "+3238080109")
    assert "Nobody could tell an emergency centre" in refused.value.message_dict["e164"][0]
    with pytest.raises(ValidationError) as refused:
        create_user(world.zon, username="chloe", password="c", extension="203", name="Chloé")
    assert "Enter the customer's installation address first, with street" in refused.value.messages[0]
    assert not world.zon.users.filter(username="chloe").exists()


def test_a_later_chapter_adds_its_check(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Refusal("call-barring", "No contract is signed.", "Sign it first.")
    monkeypatch.setattr(REGISTER, "_checks", {"number": [("call-barring", lambda number: refusal)]})
    with pytest.raises(ValidationError, match=r"No contract is signed\. Sign it first\."):
        give_number(world.zon, "+3238080109")
    monkeypatch.setattr(REGISTER, "_checks", {})
    check_activation("number", None)


def test_everything_without_a_sign_in_leads_to_it(world: World, client: Client) -> None:
    for path in ("/en/duties/", "/en/requests/", "/en/requests/new/"):
        assert client.get(path)["Location"].startswith("/en/sign-in/")
