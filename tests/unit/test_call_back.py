"""A centre calls back: whom it reaches, and who is not believed to be one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.vocabulary.configuration import Trunk
from tests.unit.fake_snapshot import OPERATOR, DictSnapshot, forwarding, world

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CENTRE = "+3232223344"
SHUT = {
    "forwarding": forwarding(always="+32470999999"),
    "suspended": True,
    "reject_anonymous": True,
    "stop_forwarding": True,
}


def with_call_back_number(snapshot: DictSnapshot) -> DictSnapshot:
    trunks = tuple(
        replace(one, call_back_numbers=(CENTRE,)) if one.kind == "emergency" else one
        for one in OPERATOR.trunks
    )
    return DictSnapshot(snapshot.all_customers(), replace(OPERATOR, trunks=trunks))


def call_in(
    snapshot: DictSnapshot, trunk: str, presented: str, to: str, helped: str | None = None
) -> RouteDecision:
    call = CallAttempt(to, trunk_id=trunk, presented=presented, anonymous=not presented, helped=helped)
    return decide(call, snapshot, NOW)


def test_over_its_own_trunk_a_centre_rings_through_everything() -> None:
    shut = world(anna=SHUT, suspended=True, blocked=("+32112",))
    decision = call_in(shut, "emergency-own", "112", "+3238080101")
    assert [one.id for one in decision.targets()] == ["anna"]
    assert decision.targets()[0].cli == "112"
    assert decision.call_back


def test_the_main_number_rings_the_colleague_who_called_and_then_everyone() -> None:
    decision = call_in(world(chloe={"suspended": True}), "emergency-own", "112", "+3238080100", "user:chloe")
    assert decision.stage is not None
    assert [one.id for one in decision.stage.targets] == ["chloe"]
    assert decision.stage.no_answer is not None
    assert [one.id for one in decision.stage.no_answer.targets] == ["anna", "bram", "chloe"]


def test_nobody_is_remembered_and_everyone_rings_suspended_or_not() -> None:
    decision = call_in(world(chloe={"suspended": True}), "emergency-own", "112", "+3238080100")
    assert [one.id for one in decision.targets()] == ["anna", "bram", "chloe"]


def test_a_number_that_changed_hands_rings_its_new_customer() -> None:
    decision = call_in(world(), "emergency-own", "112", "+3238080101", "user:denis")
    assert [one.id for one in decision.targets()] == ["anna"]


def test_behind_an_exchange_the_exchange_rings() -> None:
    decision = call_in(world(), "emergency-own", "112", "+3281880210", "trunk:pbx-2")
    assert [(one.kind, one.id, one.request_user) for one in decision.targets()] == [
        ("trunk", "pbx-2", "+3281880210")
    ]


def test_by_its_number_over_another_network_when_somebody_called_lately() -> None:
    shut = with_call_back_number(world(anna=SHUT))
    assert call_in(shut, "national", CENTRE, "+3238080101", "user:anna").call_back
    assert not call_in(shut, "national", CENTRE, "+3238080101").call_back, "nobody called lately"
    assert not call_in(shut, "national", "+32470123456", "+3238080101", "user:anna").call_back


@pytest.mark.parametrize("trunk", ["national", "international", "pbx-2"])
def test_nobody_else_is_believed(trunk: str) -> None:
    decision = call_in(world(anna=SHUT), trunk, "+32112", "+3238080101", "user:anna")
    assert not decision.call_back


def test_a_number_nobody_has_is_not_found() -> None:
    decision = call_in(world(), "emergency-own", "112", "+3238080199")
    assert (decision.outcome, decision.sip_code) == ("reject", 404)


def test_a_spoofed_number_of_the_centre_is_not_believed() -> None:
    shut = with_call_back_number(world(anna=SHUT))
    assert call_in(shut, "international", CENTRE, "+3238080101", "user:anna").sip_code == 403


def test_a_trunk_keeps_its_reserve_out_of_ordinary_plans() -> None:
    limited = replace(OPERATOR.trunks[0], max_calls=10, reserved_calls=2)
    operator = replace(OPERATOR, trunks=(limited, *OPERATOR.trunks[1:]))
    snapshot = DictSnapshot(world().all_customers(), operator)
    ordinary = decide(CallAttempt("0470123456", username="anna"), snapshot, NOW).targets()[0]
    assert (ordinary.max_calls, ordinary.reserved_calls) == (10, 2)
    helpline = decide(CallAttempt("106", username="anna"), snapshot, NOW).targets()[0]
    assert (helpline.id, helpline.max_calls) == ("national", 0)
    assert isinstance(limited, Trunk)
