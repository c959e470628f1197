"""RD Numbering art. 43 against WEC art. 107 §3: what is announced instead of routed, and what never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.duties.nomadic_emergency_calls import DUTY, NomadicCall, judge
from kiestoon.vocabulary.configuration import Customer, User
from kiestoon.vocabulary.emergency import DeviceLocation, EmergencyPolicy, LocationState, Network
from tests.unit.fake_snapshot import MEIR, OPERATOR, TRUNKS, DictSnapshot

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOCUMENT = "decision 12, 2026-11-02, An Peeters"
HOME = Network("192.0.2.0/24")
AWAY = "203.0.113.7"
SAID = DeviceLocation("", MEIR, HOME, True, "2026-11-01T10:00:00+00:00")


@pytest.mark.parametrize("policy", ["route", "announce"])
@pytest.mark.parametrize("document", ["", DOCUMENT])
@pytest.mark.parametrize("state", ["unknown", "declared", "confirmed", "stale"])
@pytest.mark.parametrize("nomadic", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_row_by_row(
    policy: EmergencyPolicy, document: str, state: LocationState, nomadic: bool, known: bool
) -> None:
    verdict = judge(NomadicCall(nomadic, known, state), policy, document)
    announced = (
        policy == "announce" and bool(document) and nomadic and known and state in ("unknown", "stale")
    )
    assert verdict.action == ("announce" if announced else "route")
    assert verdict.article == ("art. 43" if announced else "art. 107 §3")
    assert verdict.applies is nomadic


def snapshot(
    *, policy: EmergencyPolicy = "announce", document: str = DOCUMENT, language: str = "fr", **user: Any
) -> DictSnapshot:
    anna = replace(User("anna", "0" * 32, 1, "101", "Anna", "+3238080101", nomadic=True), **user)
    customer = Customer(1, "Zon", language, "+3238080100", users=(anna,))
    operator = replace(OPERATOR, emergency_policy=policy, emergency_policy_document=document)
    return DictSnapshot((customer, Customer(2, "Lambert", language, "+3281880200")), operator)


def called(world: DictSnapshot, dialled: str = "112", **call: Any) -> RouteDecision:
    given = {"username": "anna", "source": AWAY, **call}
    return decide(CallAttempt(dialled, **given), world, NOW)


def nomadic_reason(decision: RouteDecision) -> list[tuple[str, str]]:
    return [(r.result, r.why) for r in decision.reasons if r.duty == DUTY.key]


@pytest.mark.parametrize("dialled", ["100", "101", "112", "0112", "urn:service:sos"])
@pytest.mark.parametrize("locations", [(), (SAID,)])
def test_an_uncertain_place(dialled: str, locations: tuple[DeviceLocation, ...]) -> None:
    decision = called(snapshot(locations=locations), dialled)
    assert (decision.outcome, decision.sip_code, decision.sip_reason) == (
        "attendant",
        403,
        "Location Unknown",
    )
    assert decision.announcement is not None
    assert (decision.announcement.name, decision.announcement.language) == ("location-unknown", "fr")
    assert decision.emergency_class == "on-site"
    assert decision.location is None
    assert nomadic_reason(decision) == [
        ("announce", f"art. 43: the operator's recorded decision: {DOCUMENT}")
    ]


def test_the_policy_route_sends_the_last_known_address() -> None:
    decision = called(snapshot(policy="route", locations=(SAID,)))
    assert (decision.outcome, decision.location, decision.location_state) == ("route", MEIR, "stale")
    assert nomadic_reason(decision) == [
        ("route", "art. 107 §3: routed by the last known address, which is told so")
    ]


@pytest.mark.parametrize(
    ("world", "call"),
    [
        ({"document": ""}, {}),
        ({"nomadic": False}, {}),
        ({"nomadic": False, "address": MEIR}, {}),
        ({"locations": (SAID,)}, {"source": "192.0.2.9"}),
        ({"locations": (replace(SAID, confirmed=False),)}, {"source": "192.0.2.9"}),
        ({"address": MEIR}, {}),
        ({}, {"verified": False}),
        ({}, {"username": "nobody"}),
        ({}, {"username": None}),
        ({}, {"username": None, "trunk_id": "pbx-2", "presented": "+3281880210"}),
    ],
    ids=[
        *("no document", "a fixed line", "a fixed line with its address", "a confirmed place"),
        *("a declared place", "an installation address", "a device that proved nothing", "a stranger"),
        *("nobody", "behind a customer's PBX"),
    ],
)
@pytest.mark.parametrize("dialled", ["100", "101", "112"])
def test_nothing_else_is_ever_blocked(world: dict[str, Any], call: dict[str, Any], dialled: str) -> None:
    decision = called(snapshot(**world), dialled, **call)
    assert decision.outcome == "route"
    assert decision.stage is not None
    assert [target.kind for target in decision.targets()] == ["trunk", "trunk"]


def test_a_helpline_is_never_announced() -> None:
    assert called(snapshot(locations=(SAID,)), "106").outcome == "route"


def test_the_pbx_of_the_test_is_one() -> None:
    assert any(t.trunk_id == "pbx-2" and t.kind == "customer-pbx" for t in TRUNKS)
