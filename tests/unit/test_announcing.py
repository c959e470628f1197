"""Which calls the attendant takes, and what it is to say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kiestoon.domain.emergency.classify import classify
from kiestoon.domain.emergency.spoken import address_file
from kiestoon.domain.routing.announcing import CHECK_ADDRESS, attendant_stage
from kiestoon.domain.routing.call import Announcement, CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.portal.customers.models import Language
from kiestoon.vocabulary.attendant import LANGUAGES
from kiestoon.vocabulary.configuration import Customer
from tests.unit.fake_snapshot import MEIR, OPERATOR, DictSnapshot, forwarding, user, world

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def route(
    snapshot: DictSnapshot, dialled: str, username: str | None = "anna", **fields: object
) -> RouteDecision:
    return decide(CallAttempt(dialled=dialled, username=username, **fields), snapshot, NOW)  # type: ignore[arg-type]


def said(decision: RouteDecision) -> tuple[str, str, bool] | None:
    one = decision.announcement
    return (one.name, one.language, one.early) if one else None


def test_a_number_nobody_has_is_announced_in_the_callers_language() -> None:
    decision = route(world(), "+3238080199")
    assert (decision.outcome, decision.sip_code, decision.sip_reason) == ("attendant", 404, "Not Found")
    assert said(decision) == ("number-unreachable", "nl", True)
    assert said(route(world(), "+3238080199", "denis")) == ("number-unreachable", "fr", True)
    assert said(route(world(language="xx"), "+3238080199")) == ("number-unreachable", "nl", True)
    assert decision.reasons[-1].step == "announcement"
    assert decision.as_dict()["outcome"] == "attendant"


def test_a_suspended_user_is_announced_in_the_called_customers_language_to_outsiders() -> None:
    snapshot = world(bram={"suspended": True}, language="de")
    decision = route(snapshot, "+3238080102", None, trunk_id="national", presented="+32470123456")
    assert (decision.sip_code, said(decision)) == (480, ("number-unreachable", "de", True))
    colleague = route(snapshot, "302", "anna")
    assert (colleague.outcome, colleague.sip_code) == ("attendant", 480)


def test_a_suspended_customer_and_a_number_of_our_blocks_from_a_carrier() -> None:
    suspended = route(world(suspended=True), "+3238080101", None, trunk_id="national")
    assert (suspended.sip_code, said(suspended)) == (480, ("number-unreachable", "nl", True))
    nobody = route(world(), "+3238080199", None, trunk_id="national")
    assert (nobody.sip_code, said(nobody)) == (404, ("number-unreachable", "nl", True))


@pytest.mark.parametrize("dialled", ["99999", "abc", "047012", ""])
def test_what_is_no_number_is_refused_in_silence(dialled: str) -> None:
    decision = route(world(), dialled)
    assert (decision.outcome, decision.announcement) == ("reject", None)


def test_what_is_not_ours_or_was_asked_for_is_refused_in_silence() -> None:
    transit = route(world(), "+32470123456", None, trunk_id="national")
    blocked = route(
        world(blocked=("+32470123456",)), "+3238080101", None, trunk_id="national", presented="+32470123456"
    )
    barred = route(world(anna={"barred": ("mobile",)}), "0470123456")
    suspended = route(world(anna={"suspended": True}), "0470123456")
    assert [one.outcome for one in (transit, blocked, barred, suspended)] == ["reject"] * 4


def test_a_forwarding_that_cannot_be_followed_announces_nothing() -> None:
    snapshot = world(bram={"forwarding": forwarding(always="+3238080199")})
    assert route(snapshot, "302").outcome == "route"


def test_the_service_code_reads_back_the_address_of_the_device_that_calls() -> None:
    decision = route(world(), CHECK_ADDRESS)
    assert (decision.outcome, decision.direction, decision.to_number) == ("attendant", "internal", "*55")
    assert decision.announcement == Announcement(
        "address-read-back", "nl", early=False, text_file=address_file(MEIR, "nl")
    )
    nowhere = route(world(anna={"address": None}, address=None), CHECK_ADDRESS)
    assert nowhere.announcement
    assert nowhere.announcement.text_file == ""


def test_the_service_code_is_for_our_callers_only() -> None:
    assert classify(CHECK_ADDRESS) is None
    assert route(world(), CHECK_ADDRESS, None, trunk_id="national").outcome == "reject"
    assert route(world(anna={"suspended": True}), CHECK_ADDRESS).sip_code == 403
    assert route(world(), CHECK_ADDRESS, verified=False).sip_code == 403
    pbx = route(world(), CHECK_ADDRESS, None, trunk_id="pbx-2")
    assert pbx.outcome == "attendant"


def test_the_service_code_goes_before_an_extension_of_its_digits() -> None:
    zon = Customer(
        9, "Zon", "en", "", users=(user("eve", 9, "55", None), user("frans", 9, "56", None)), numbers=()
    )
    snapshot = DictSnapshot((zon,), OPERATOR)
    assert route(snapshot, CHECK_ADDRESS, "frans").outcome == "attendant"
    assert [t.id for t in route(snapshot, "55", "frans").targets()] == ["eve"]


@pytest.mark.parametrize("dialled", ["112", "100", "101", "0112", "urn:service:sos"])
def test_an_emergency_call_never_goes_to_the_attendant_by_itself(dialled: str) -> None:
    for snapshot in (world(), world(anna={"suspended": True}), world(anna={"address": None}, address=None)):
        decision = route(snapshot, dialled)
        assert (decision.outcome, decision.announcement) == ("route", None)


def test_a_stage_holds_the_attendant_with_what_follows() -> None:
    decision = route(world(), "+3238080199")
    assert decision.announcement
    stage = attendant_stage(decision, decision.announcement)
    [target] = stage.targets
    assert (target.kind, target.uri) == ("attendant", "sip:127.0.0.1:5070;transport=tcp")
    assert (stage.announcement, stage.refusal) == (decision.announcement, (404, "Not Found"))
    assert not stage.emergency


def test_there_are_prompts_in_every_language_of_a_customer() -> None:
    assert set(Language.values) == set(LANGUAGES)
