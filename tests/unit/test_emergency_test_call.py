"""A test call goes where an emergency call would, but only by routes marked for testing (RFC 6881)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kiestoon.domain.emergency.classify import classify
from kiestoon.domain.emergency.testing import service_tested, urn_for_test
from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.vocabulary.emergency import EmergencyArea, EmergencyRoute
from tests.unit.fake_snapshot import MEIR, OPERATOR, DictSnapshot, world

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWN = EmergencyRoute("112", "a", "emergency-own", "+3232000112", 2, testing=True)
PARTNER = EmergencyRoute("112", "a", "emergency-partner", "", 1, testing=True)


def called(
    *routes: EmergencyRoute, dialled: str = "urn:service:test.sos", user: str | None = "anna", **call: Any
) -> RouteDecision:
    areas = (EmergencyArea("a", ("11002",)),)
    operator = replace(OPERATOR, emergency_areas=areas, emergency_routes=routes)
    snapshot = DictSnapshot(world(anna={"address": MEIR}).all_customers(), operator)
    return decide(CallAttempt(dialled, username=user, **call), snapshot, NOW)


def test_it_is_no_emergency_call_but_carries_the_same() -> None:
    decision = called(OWN, PARTNER)
    assert (decision.outcome, decision.test, decision.emergency_class) == ("route", True, None)
    assert [t.id for t in decision.targets()] == ["emergency-partner", "emergency-own"]
    assert {t.request_user for t in decision.targets()} == {"urn:service:test.sos"}
    assert (decision.location, decision.caller_name) == (MEIR, "Anna")
    assert all("transport=tcp" in t.uri for t in decision.targets())
    assert classify("urn:service:test.sos") is None


def test_a_drill_names_its_path() -> None:
    assert [t.id for t in called(OWN, PARTNER, drill="emergency-own").targets()] == ["emergency-own"]
    assert called(OWN, drill="emergency-partner").outcome == "reject"


@pytest.mark.parametrize(
    "routes",
    [
        (),
        (replace(OWN, testing=False),),
        (replace(OWN, valid_until=date(2026, 1, 1)),),
        (replace(OWN, trunk_id="national"),),
        (replace(OWN, area="b"),),
        (replace(OWN, service="101"),),
    ],
)
def test_a_real_centre_is_never_called(routes: tuple[EmergencyRoute, ...]) -> None:
    decision = called(*routes)
    assert (decision.outcome, decision.sip_code, decision.targets()) == ("reject", 403, ())


@pytest.mark.parametrize(
    "call",
    [
        {"user": None},
        {"user": "nobody"},
        {"verified": False},
        {"user": None, "trunk_id": "national", "presented": "+32470123456"},
        {"user": None, "trunk_id": "emergency-own", "presented": "112"},
    ],
)
def test_strangers_and_carriers_may_not_test(call: dict[str, Any]) -> None:
    assert called(OWN, PARTNER, **call).outcome != "route"


@pytest.mark.parametrize("service", ["100", "101", "112"])
def test_each_service_has_its_test(service: str) -> None:
    decision = called(replace(OWN, service=service), dialled=urn_for_test(service).upper())
    assert decision.targets()[0].request_user == urn_for_test(service)


@pytest.mark.parametrize("dialled", ["urn:service:test.sosx", "urn:service:test", "test.sos", "112", ""])
def test_what_is_no_test(dialled: str) -> None:
    assert service_tested(dialled) is None
