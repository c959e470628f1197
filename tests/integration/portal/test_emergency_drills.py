"""Drills: lines in every area, what is sent compared with what arrived, and what stays as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from kiestoon.adapters.emergency_centre import CentreSilent
from kiestoon.adapters.sip_test_call import Outcome
from kiestoon.domain.emergency.drill import KINDS, Report
from kiestoon.domain.routing.call import CallAttempt
from kiestoon.domain.routing.decide import decide
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.calls.models import Call
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.emergency_drills.address_checks import answer_question, open_questions, take_over_checks
from kiestoon.portal.emergency_drills.current import due_drills, stands
from kiestoon.portal.emergency_drills.models import AddressCheck, Drill, DrillLine
from kiestoon.portal.emergency_drills.services import Plan, ask_for_run, make_run, set_drill_settings
from kiestoon.portal.emergency_routes.models import Table
from kiestoon.portal.emergency_routes.services import By, approve_table, load_table, propose_table
from kiestoon.store.snapshot import SqliteSnapshot
from tests.integration.portal.conftest import World
from tests.integration.portal.test_emergency_routes import world

__all__ = ["world"]
pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC)
NUMBER = "+3238080900"
AREAS = "key,name_nl,name_fr,name_de,name_en,municipalities\nnorth,N,N,N,N,11002 11001\nsouth,S,S,S,S,92094\n"
ROUTES = (
    "service,area,trunk,rank,testing\n"
    "100,,emergency,1,no\n101,,emergency,1,no\n112,,emergency,1,no\n"
    "112,north,emergency,1,yes\n112,north,emergency-partner,2,yes\n"
    "112,south,emergency,1,yes\n112,south,emergency-partner,2,no\n"
)
DRILLS = 3 * len(KINDS)


@pytest.fixture
def table(world: World) -> Table:
    made = load_table(By("nele", 1), areas=AREAS, routes=ROUTES, origin="a letter")
    propose_table(made, By("nele", 1), belgian_day(NOW))
    set_drill_settings(
        number=NUMBER, limit_days=30, report_url="http://127.0.1.112:8112/calls", report_paths={}
    )
    return approve_table(made, By("chris", 2))


class Centre:
    """A centre that receives what is sent, but for what is changed."""

    def __init__(self, **changed: object) -> None:
        self.received: dict[str, Report] = {}
        self.changed = changed
        self.plans: list[Plan] = []
        self.is_silent = False

    def call(self, plan: Plan) -> Outcome:
        self.plans.append(plan)
        call_id = f"call-{len(self.plans)}"
        self.received[call_id] = replace(plan.sent, **self.changed)  # type: ignore[arg-type]
        return Outcome(call_id, 200, 40, "OK")

    def reports(self) -> Mapping[str, Report]:
        if self.is_silent:
            raise CentreSilent("the centre's report cannot be read")
        return self.received


def drilled(centre: Centre) -> list[Drill]:
    run = make_run(ask_for_run("nele"), call=centre.call, reports=centre)
    assert run.fault == ""
    assert run.ended_at is not None
    return list(run.drills.order_by("pk"))


def test_every_route_for_testing_from_every_area_by_every_kind(table: Table, store: Path) -> None:
    centre = Centre()
    drills = drilled(centre)
    assert {(d.area, d.trunk, d.kind) for d in drills} == {
        (area, trunk, kind)
        for area, trunk in (("north", "emergency"), ("north", "emergency-partner"), ("south", "emergency"))
        for kind in KINDS
    }
    assert {d.result for d in drills} == {"passed"}
    assert {one.sent.number for one in centre.plans} == {NUMBER}
    assert {(one.wanted.area, one.sent.place) for one in centre.plans} == {
        ("north", "BE; Aartselaar; Drill; 1; 2630"),
        ("south", "BE; Namen; Drill; 1; 5000"),
    }
    assert {one.standing for one in stands(NOW)} == {"passed"}
    assert due_drills(NOW) == []


def test_the_call_plane_knows_the_lines_and_sends_what_is_expected(table: Table, store: Path) -> None:
    """The decision for each line over the store just published is what the drill expects to arrive."""
    centre = Centre()
    drilled(centre)
    edge = SqliteSnapshot(store, store.with_name("ported.sqlite"))
    for plan in centre.plans:
        call = CallAttempt(plan.urn, username=plan.line.username, drill=plan.wanted.trunk)
        if plan.wanted.kind == "trunk":
            call = CallAttempt(
                plan.urn,
                trunk_id="emergency-drills",
                presented=plan.line.identity,
                drill=plan.wanted.trunk,
            )
        with edge.frozen():
            decision = decide(call, edge, NOW)
        assert [target.id for target in decision.targets()] == [plan.wanted.trunk]
        assert decision.location is not None
        assert decision.location.A3 in plan.sent.place
        assert (decision.from_number, decision.caller_name) == (NUMBER, plan.sent.name)


def test_lines_are_made_once(table: Table) -> None:
    drilled(Centre())
    lines = DrillLine.objects.count()
    drilled(Centre())
    assert DrillLine.objects.count() == lines == 2 * len(KINDS)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"place": "BE; Gent; Korenmarkt; 1; 9000"}, "place"),
        ({"number": ""}, "number"),
        ({"name": "Somebody"}, "name"),
        ({"path": "elsewhere"}, "path"),
        ({"is_test": False}, "is_test"),
    ],
)
def test_a_centre_that_received_something_else_is_red(
    table: Table, changed: dict[str, object], field: str
) -> None:
    drills = drilled(Centre(**changed))
    assert {d.result for d in drills} == {"failed"}
    assert {one["field"] for d in drills for one in d.differences} == {field}
    assert len(due_drills(NOW)) == DRILLS


def test_nothing_arrived(table: Table) -> None:
    centre = Centre()
    centre.is_silent = True
    drills = drilled(centre)
    assert {(d.result, d.arrived, d.why) for d in drills} == {
        ("failed", None, "the centre's report cannot be read")
    }


def test_what_is_due(table: Table) -> None:
    assert len(due_drills(NOW)) == DRILLS
    drilled(Centre())
    assert due_drills(NOW + timedelta(days=14)) == []
    assert len(due_drills(NOW + timedelta(days=16))) == DRILLS
    assert {one.standing for one in stands(NOW + timedelta(days=29))} == {"passed"}
    assert {one.standing for one in stands(NOW + timedelta(days=31))} == {"overdue"}


def test_one_run_at_a_time_and_none_without_a_route(table: Table) -> None:
    ask_for_run("nele")
    with pytest.raises(ValidationError, match="going on"):
        ask_for_run("chris")


def test_a_drill_stays(table: Table) -> None:
    drilled(Centre())
    for change in (lambda: Drill.objects.update(result="passed"), lambda: Drill.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_number_that_is_not_ours_stops_the_run(table: Table) -> None:
    set_drill_settings(number="+3223456789", limit_days=30, report_url="", report_paths={})
    run = make_run(ask_for_run("nele"), call=Centre().call, reports=Centre())
    assert run.fault
    assert not Drill.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "112x"),
        ("limit_days", 0),
        ("report_url", "http://centre.example/"),
        ("report_url", "ftp://x"),
    ],
)
def test_settings_that_cannot_be(world: World, field: str, value: object) -> None:
    given = {"number": "", "limit_days": 30, "report_url": "", "report_paths": {}, field: value}
    with pytest.raises(ValidationError) as refused:
        set_drill_settings(**given)  # type: ignore[arg-type]
    assert set(refused.value.message_dict) == {field}


# -------------------------------------------------------------------- what users say


def heard(call_id: str, world: World, result: str | None) -> None:
    events: list[dict[str, object]] = [{"e": "attempt"}]
    if result is not None:
        events.append({"e": "address-check", "result": result})
    Call.objects.create(
        call_id=call_id, direction="internal", to_number="*55", dialled="*55", username="anna",
        customer_id=world.zon.pk, verified=True, started_at=NOW, ended_at=NOW, talk_ms=0,
        sip_call_ids=[], stages=[], anomalies=[], events=events, updated_at=NOW,
    )  # fmt: skip


def test_a_wrong_address_becomes_a_question(world: World) -> None:
    for call_id, result in (("a", "right"), ("b", "wrong"), ("c", "none"), ("d", None)):
        heard(call_id, world, result)
    assert take_over_checks(NOW) == 3
    assert take_over_checks(NOW) == 0
    [question] = open_questions(AddressCheck.objects.all())
    assert (question.call_id, question.username) == ("b", "anna")
    answer_question(question, "sam")
    assert not open_questions(AddressCheck.objects.all())
    with pytest.raises(ValidationError):
        answer_question(question, "sam")
    with pytest.raises(DatabaseError), transaction.atomic():
        AddressCheck.objects.update(result="right")


def test_drills_prove_the_duty(table: Table) -> None:
    drilled(Centre())
    today = belgian_day(NOW)
    counts = REGISTER.evidence("emergency-calls").counts(today, today)
    assert {(one.step, one.result, one.why, one.decisions) for one in counts} == {
        ("drill", "passed", f"{kind} over {trunk}", 2 if trunk == "emergency" else 1)
        for kind in KINDS
        for trunk in ("emergency", "emergency-partner")
    }
    rows = list(REGISTER.evidence("emergency-calls").rows(NOW - timedelta(hours=1), NOW + timedelta(hours=1)))
    assert len(rows) == DRILLS
