"""RD Spoofing of 12 May 2024, row by row, and on a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.duties.spoofed_numbers import IncomingCall, judge, must_block, standing
from kiestoon.vocabulary.configuration import Operator, SpecialInterface, Trunk
from tests.unit.fake_snapshot import OPERATOR, DictSnapshot, world

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AGREEMENT = SpecialInterface("agreement 7", nomadic=True, cloud_numbers=("+3225550001",))
SUPPORT_ONLY = SpecialInterface("agreement 8", cloud_numbers=("+3225550001",), blocked=("+3225550009",))


@pytest.mark.parametrize(
    ("number", "action"),
    [
        ("+3225551234", "block"),
        ("+3280012345", "block"),
        ("+3278123456", "block"),
        ("+3270123456", "block"),
        ("+321207", "block"),
        ("+32999", "block"),
        ("+32470123456", "pass-without-number"),
        ("+33123456789", "pass"),
        (None, "pass"),
    ],
)
def test_on_the_international_interface(number: str | None, action: str) -> None:
    assert judge(IncomingCall("international", number), "infeasible", None, NOW).action == action


@pytest.mark.parametrize(
    ("roaming", "action"),
    [("abroad", "pass"), ("at-home", "block"), ("infeasible", "pass-without-number")],
)
def test_mobile_numbers_depend_on_where_the_subscriber_is(roaming: str, action: str) -> None:
    call = IncomingCall("international", "+32470123456")
    assert judge(call, roaming, None, NOW).action == action  # type: ignore[arg-type]


def test_an_identity_that_is_no_international_number_is_blocked() -> None:
    assert judge(IncomingCall("international", "+33123456789", False), "abroad", None, NOW).action == "block"
    assert judge(IncomingCall("international", None, False), "abroad", None, NOW).action == "block"


@pytest.mark.parametrize(
    ("by", "action"),
    [("+33123456789", "pass"), ("+32470999999", "pass"), ("+3225551111", "block"), (None, "block")],
    ids=["a foreign number", "a roaming mobile", "a Belgian fixed number", "nobody"],
)
def test_calls_forwarded_back_to_belgium_are_not_blocked(by: str | None, action: str) -> None:
    call = IncomingCall("international", "+3225551234", forwarded_by=by)
    assert judge(call, "at-home", None, NOW).action == action


@pytest.mark.parametrize(
    ("special", "number", "action"),
    [
        (AGREEMENT, "+3225551234", "pass"),
        (AGREEMENT, "+32470123456", "block"),
        (AGREEMENT, "+33123456789", "block"),
        (AGREEMENT, None, "block"),
        (SUPPORT_ONLY, "+3225550001", "pass"),
        (SUPPORT_ONLY, "+3225551234", "block"),
        (SUPPORT_ONLY, "+3225550009", "block"),
        (SpecialInterface("agreement 9", nomadic=True, suspended=True), "+3225551234", "block"),
        (None, "+3225551234", "block"),
    ],
)
def test_on_the_special_interface(special: SpecialInterface | None, number: str | None, action: str) -> None:
    assert judge(IncomingCall("special", number), "at-home", special, NOW).action == action


@pytest.mark.parametrize(
    ("at", "number", "action"),
    [
        ("2024-08-31T21:59:59+00:00", "+3225551234", "pass"),
        ("2024-08-31T22:00:00+00:00", "+3225551234", "block"),
        ("2024-11-30T22:59:59+00:00", "+32470123456", "pass"),
        ("2024-11-30T23:00:00+00:00", "+32470123456", "block"),
    ],
    ids=["last second before", "first second of 1 September", "before 1 December", "1 December"],
)
def test_from_its_first_day_in_belgium(at: str, number: str, action: str) -> None:
    call = IncomingCall("international", number)
    assert judge(call, "at-home", None, datetime.fromisoformat(at)).action == action


def incoming(trunk_id: str, presented: str, roaming_check: str = "") -> RouteDecision:
    operator = Operator(OPERATOR.realm, OPERATOR.domains, OPERATOR.blocks, (*OPERATOR.trunks, SPECIAL))
    if roaming_check:
        operator = Operator(
            operator.realm, operator.domains, operator.blocks, operator.trunks, roaming_check=roaming_check
        )
    snapshot = DictSnapshot(tuple(world().all_customers()), operator)
    call = CallAttempt("+3238080102", trunk_id=trunk_id, presented=presented)
    return decide(call, snapshot, NOW)


SPECIAL = Trunk(
    "special", "special interface", "carrier", "sip:127.0.1.4:5060", interface="special", special=AGREEMENT
)


def test_a_belgian_number_from_abroad_is_blocked() -> None:
    decision = incoming("international", "+3225551234")
    assert (decision.outcome, decision.sip_code) == ("reject", 403)
    assert decision.reasons[-1].duty == "spoofed-numbers"
    assert incoming("national", "+3225551234").outcome == "route"
    assert incoming("special", "+3225551234").outcome == "route"


def test_a_belgian_mobile_from_abroad_passes_without_its_number_when_roaming_cannot_be_checked() -> None:
    assert incoming("international", "+32470123456").outcome == "reject"
    decision = incoming("international", "+32470123456", "letter of 1 March 2026")
    assert decision.outcome == "route"
    assert decision.targets()[0].cli is None
    assert decision.targets()[0].anonymous


@pytest.mark.parametrize(
    ("hours", "found", "now", "state", "blocks"),
    [
        (None, "", 24, "open", False),
        (None, "", 24.001, "late", True),
        (23, "", 30, "answered", False),
        (24, "", 30, "answered", False),
        (25, "", 30, "answered-late", False),
        (2, "incomplete", 3, "incomplete", True),
        (25, "wrong", 30, "wrong", True),
    ],
)
def test_the_user_of_a_call_is_told_to_bipt_within_24_hours(
    hours: float | None, found: Literal["", "incomplete", "wrong"], now: float, state: str, blocks: bool
) -> None:
    """The clock does not stop at the change of clocks: Friday evening to Saturday of a weekend in March."""
    asked = datetime(2027, 3, 27, 18, tzinfo=ZoneInfo("Europe/Brussels")).astimezone(UTC)
    answered = None if hours is None else asked + timedelta(hours=hours)
    found_state = standing(asked, answered, found, asked + timedelta(hours=now))
    assert found_state == state
    assert must_block(found_state) == blocks
