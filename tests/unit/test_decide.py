"""Routing decisions, named by the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.caller import line_of
from kiestoon.domain.routing.decide import decide
from tests.unit.fake_snapshot import DictSnapshot, forwarding, world

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def route(
    snapshot: DictSnapshot, dialled: str, username: str | None = "anna", **fields: object
) -> RouteDecision:
    return decide(CallAttempt(dialled=dialled, username=username, **fields), snapshot, NOW)  # type: ignore[arg-type]


def test_extension_to_extension() -> None:
    decision = route(world(), "302")
    assert decision.outcome == "route"
    assert [t.id for t in decision.targets()] == ["bram"]
    assert (decision.from_number, decision.to_number, decision.direction) == (
        "+3238080101",
        "+3238080102",
        "internal",
    )


@pytest.mark.parametrize("dialled", ["0470123456", "+32470123456", "0032470123456", "0470 12 34 56"])
def test_out_through_carriers_with_fail_over_and_routing_number(dialled: str) -> None:
    decision = route(world(), dialled)
    assert [t.id for t in decision.targets()] == ["national", "international"]
    assert decision.targets()[0].request_user == "+32470123456;rn=C1234;npdi"
    assert decision.targets()[0].cli == "+3238080101"
    assert decision.direction == "outgoing"


def test_in_by_number_from_a_carrier() -> None:
    decision = route(world(), "+3238080102", None, trunk_id="national", presented="+32470123456")
    assert [t.id for t in decision.targets()] == ["bram"]
    assert decision.targets()[0].cli == "+32470123456"
    assert decision.direction == "incoming"


def test_no_transit_for_a_carrier() -> None:
    assert route(world(), "+32470123456", None, trunk_id="national").sip_code == 404


def test_main_number_rings_everyone() -> None:
    decision = route(world(), "+3238080100", None, trunk_id="national", presented="+32470123456")
    assert [t.id for t in decision.targets()] == ["anna", "bram", "chloe"]


def test_forwarding_always_to_a_mobile_shows_the_original_caller() -> None:
    snapshot = world(bram={"forwarding": forwarding(always="+32470123456")})
    decision = route(snapshot, "+3238080102", None, trunk_id="national", presented="+32499000001")
    target = decision.targets()[0]
    assert (target.id, target.cli) == ("national", "+32499000001")
    assert decision.forwarded_from == "+3238080102"
    assert decision.direction == "forwarded"


def test_forwarding_no_answer_follows_ringing() -> None:
    snapshot = world(bram={"forwarding": forwarding(no_answer="303", busy="+32470123456")})
    stage = route(snapshot, "302").stage
    assert stage
    assert stage.no_answer
    assert stage.no_answer.targets[0].id == "chloe"
    assert stage.busy
    assert stage.busy.targets[0].id == "national"


def test_forwarding_in_a_circle_ends() -> None:
    snapshot = world(
        anna={"forwarding": forwarding(always="302")}, bram={"forwarding": forwarding(always="101")}
    )
    decision = route(snapshot, "302", "chloe")
    assert decision.outcome == "route"


def test_a_chain_of_forwardings_is_kept_whole_latest_first() -> None:
    snapshot = world(
        bram={"forwarding": forwarding(busy="303")},
        chloe={"forwarding": forwarding(no_answer="+32470123456")},
    )
    first = route(snapshot, "302").stage
    assert first
    assert first.diversions == ()
    colleague = first.busy
    assert colleague
    assert (colleague.because, colleague.forwarded_from) == ("busy", "+3238080102")
    mobile = colleague.no_answer
    assert mobile
    assert mobile.failed
    expected = [("+3238080103", "no-answer"), ("+3238080102", "busy")]
    for stage in (mobile, mobile.failed):
        assert [(d.number, d.condition) for d in stage.diversions] == expected
        assert stage.because == "no-answer"


@pytest.mark.parametrize("target", ["101", "*101"])
def test_forwarding_to_an_extension_with_emergency_digits_rings_the_colleague(target: str) -> None:
    decision = route(world(bram={"forwarding": forwarding(always=target)}), "302", "chloe")
    assert [t.id for t in decision.targets()] == ["anna"]


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        ("112", {}),
        ("+32112", {}),
        ("+3270245245", {}),
        ("+3290000000", {}),
        ("+3238080199", {}),
        ("999", {}),
        ("+32470123456", {"barred": ("mobile",)}),
    ],
    ids=["112", "+32112", "helpline", "premium", "nobody's", "no extension", "barred"],
)
def test_a_forwarding_that_cannot_be_followed_leaves_the_devices_ringing(
    target: str, fields: dict[str, object]
) -> None:
    decision = route(world(bram={"forwarding": forwarding(always=target), **fields}), "302")
    assert [t.id for t in decision.targets()] == ["bram"]
    assert any(r.step == "forwarding" and r.result == "ignored" for r in decision.reasons)


def test_a_call_forwarded_to_another_customer_stays_the_first_ones() -> None:
    snapshot = world(bram={"forwarding": forwarding(always="+3281880201")})
    decision = route(snapshot, "+3238080102", None, trunk_id="national", presented="+32470123456")
    assert [t.id for t in decision.targets()] == ["denis"]
    assert decision.customer_id == 1


@pytest.mark.parametrize(
    ("trunk_id", "presented", "shown"),
    [
        ("national", "0470123456", "+32470123456"),
        ("national", "32470123456", "+32470123456"),
        ("national", "0033612345678", "+33612345678"),
        ("international", "33612345678", "+33612345678"),
        ("national", "33612345678", None),
        ("international", "asterisk", None),
    ],
)
def test_numbers_as_carriers_present_them(trunk_id: str, presented: str, shown: str | None) -> None:
    target = route(world(), "+3238080102", None, trunk_id=trunk_id, presented=presented).targets()[0]
    assert (target.cli, target.anonymous) == (shown, shown is None)


@pytest.mark.parametrize("presented", ["+3281880210", "081880210", "3281880210"])
def test_a_pbx_presents_its_number_in_any_form(presented: str) -> None:
    decision = route(world(), "0470123456", None, trunk_id="pbx-2", presented=presented)
    assert any(r.step == "cli-guard" and r.result == "own number" for r in decision.reasons)


@pytest.mark.parametrize(
    "dialled", ["0470123456;phone-context=demo.kiestoon.test", "+32470123456;npdi;rn=C9", "#31#0470123456"]
)
def test_parameters_of_what_is_dialled_are_not_digits(dialled: str) -> None:
    assert route(world(), dialled).to_number == "+32470123456"


def test_a_number_the_customer_does_not_hold_is_replaced() -> None:
    decision = route(world(), "0470123456", presented="+3225550000")
    assert decision.targets()[0].cli == "+3238080101"
    assert any(r.step == "cli-guard" and r.result == "replaced" for r in decision.reasons)


def test_pbx_shows_its_main_number_when_it_presents_another() -> None:
    decision = route(world(), "0470123456", None, trunk_id="pbx-2", presented="+32470000000")
    assert decision.targets()[0].cli == "+3281880210"


@pytest.mark.parametrize(
    ("dialled", "code"),
    [("99999", 404), ("047012", 484), ("+3238080199", 404), ("abc", 404), ("", 404)],
)
def test_numbers_that_do_not_exist(dialled: str, code: int) -> None:
    assert route(world(), dialled).sip_code == code


def test_barred_call_type() -> None:
    assert route(world(anna={"barred": ("mobile",)}), "0470123456").sip_code == 403


def test_block_list_and_anonymous_rejection_and_stopped_forwarding() -> None:
    blocked = world(blocked=("+32470123456",))
    assert route(blocked, "+3238080102", None, trunk_id="national", presented="+32470123456").sip_code == 603
    refusing = world(bram={"reject_anonymous": True})
    assert route(refusing, "+3238080102", None, trunk_id="national", anonymous=True).sip_code == 433
    stopping = world(bram={"stop_forwarding": True})
    diverted = route(
        stopping, "+3238080102", None, trunk_id="national", presented="+32470123456", forwarded_by=""
    )
    assert diverted.sip_code == 603


def test_main_number_spares_who_rejects_anonymous_calls() -> None:
    def call(snapshot: DictSnapshot) -> RouteDecision:
        return route(snapshot, "+3238080100", None, trunk_id="national", anonymous=True)

    rejecting: dict[str, object] = {"reject_anonymous": True}
    assert [t.id for t in call(world(bram=rejecting)).targets()] == ["anna", "chloe"]
    assert call(world(anna=rejecting, bram=rejecting, chloe=rejecting)).sip_code == 433


def test_suspended_user_reaches_only_emergency_services() -> None:
    snapshot = world(anna={"suspended": True})
    assert route(snapshot, "302").sip_code == 403
    assert route(snapshot, "112").emergency_class == "on-site"
    assert route(snapshot, "106").emergency_class == "remote"


@pytest.mark.parametrize(
    "dialled", ["112", "0112", "+32112", "urn:service:sos", "URN:service:sos.police", "101", "100"]
)
def test_on_site_services_take_both_paths(dialled: str) -> None:
    decision = route(world(), dialled)
    assert [t.id for t in decision.targets()][:2] == ["emergency-own", "emergency-partner"]
    assert decision.location is not None
    assert decision.caller_name == "Anna"


@pytest.mark.parametrize(
    "dialled", ["102", "106", "116000", "1813", "070245245", "02 649 95 55", "+3280032123"]
)
def test_helplines_get_the_number_only(dialled: str) -> None:
    decision = route(
        world(anna={"barred": ("short", "premium", "free", "geographic"), "clir": True}), dialled
    )
    assert decision.emergency_class == "remote"
    assert decision.targets()[0].id == "national"
    assert decision.targets()[0].cli == "+3238080101"
    assert not decision.targets()[0].anonymous
    assert decision.location is None
    assert decision.caller_name == ""


def test_unverified_claim_reaches_112_with_its_location_and_nothing_else() -> None:
    decision = route(world(), "112", verified=False)
    assert decision.location is not None
    assert decision.from_number == "+3238080101"
    assert route(world(), "0470123456", verified=False).outcome == "reject"
    assert route(world(), "106", verified=False).outcome == "reject"


@pytest.mark.parametrize("claim", ["anna", "+3238080101", "038080101", "3238080101"])
def test_a_line_is_claimed_by_name_or_number(claim: str) -> None:
    assert line_of(claim, world()) == "anna"


@pytest.mark.parametrize("claim", ["anonymous", "", "+3238080100", "+32470123456", "101"])
def test_what_is_no_line_of_ours_claims_nothing(claim: str) -> None:
    assert line_of(claim, world()) is None


def test_an_extension_with_emergency_digits_is_reached_with_a_star() -> None:
    assert route(world(), "101", "bram").emergency_class == "on-site"
    assert [t.id for t in route(world(), "*101", "bram").targets()] == ["anna"]


@pytest.mark.parametrize(
    ("call", "calling"),
    [
        (CallAttempt("302", "anna", anonymous=True), 1),
        (CallAttempt("#31#0470123456", "anna"), 1),
        (CallAttempt("+3238080102", trunk_id="national", presented="+32470123456", anonymous=True), None),
        (CallAttempt("+3281880210", "anna", anonymous=True), 1),
        (CallAttempt("112", "anna", anonymous=True), 1),
        (CallAttempt("1", "anna", anonymous=True), 1),
    ],
    ids=["inside", "code", "from a carrier", "to a PBX", "emergency", "refused"],
)
def test_a_withheld_number_is_marked_however_the_call_goes(call: CallAttempt, calling: int | None) -> None:
    decision = decide(call, world(), NOW)
    assert (decision.withheld, decision.calling_customer_id) == (True, calling)
    shown = decide(replace(call, dialled=call.dialled.removeprefix("#31#"), anonymous=False), world(), NOW)
    assert shown.withheld is False


def test_a_forwarded_call_keeps_its_withheld_mark_although_the_carrier_gets_the_number() -> None:
    snapshot = world(bram={"forwarding": forwarding(always="+32470123456")})
    call = CallAttempt("+3238080102", trunk_id="national", presented="+32499000001", anonymous=True)
    decision = decide(call, snapshot, NOW)
    assert decision.targets()[0].cli == "+32499000001"
    assert decision.withheld
    assert (decision.calling_customer_id, decision.customer_id) == (None, 1)


def test_a_refused_call_to_a_helpline_is_of_its_class() -> None:
    decision = route(world(), "106", "anna", verified=False)
    assert (decision.outcome, decision.emergency_class) == ("reject", "remote")
    assert route(world(), "106", None, trunk_id="national").emergency_class == "remote"
    assert route(world(), "302", "anna", verified=False).emergency_class is None
