"""Emergency routes, policy, drills and address tests as the walk over every page looks at them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from kiestoon.duties.duty import belgian_day
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.emergency_drills.current import wanted_drills
from kiestoon.portal.emergency_drills.models import AddressCheck, Drill, DrillRun
from kiestoon.portal.emergency_routes.models import Area, PolicyDecision, Route, Table
from kiestoon.portal.emergency_routes.policy import approve_policy, propose_policy
from kiestoon.portal.emergency_routes.services import By, copy_table, keep_route, propose_table

NELE, CHRIS = By("Nele", 0), By("Chris", -1)
ENDS = date(2027, 3, 1)


def _draft() -> dict[str, Any]:
    return {"table_id": Table.objects.get(state="draft").pk}


def _proposed() -> dict[str, Any]:
    return {"table_id": Table.objects.get(state="proposed").pk}


def _area() -> dict[str, Any]:
    return {**_draft(), "area_id": Area.objects.filter(**_draft())[0].pk}


def _route() -> dict[str, Any]:
    return {**_draft(), "route_id": Route.objects.filter(**_draft())[0].pk}


def _decision() -> dict[str, Any]:
    return {"decision_id": PolicyDecision.objects.get(state="proposed").pk}


def _run() -> dict[str, Any]:
    return {"run_id": DrillRun.objects.latest("pk").pk}


EMERGENCY: dict[str, Callable[[], dict[str, Any]]] = {
    **dict.fromkeys(
        (
            *("emergency_table", "copy_emergency_table", "edit_emergency_table", "add_emergency_area"),
            *("discard_emergency_table", "propose_emergency_table", "add_emergency_route"),
        ),
        _draft,
    ),
    **dict.fromkeys(("approve_emergency_table", "refuse_emergency_table"), _proposed),
    **dict.fromkeys(("edit_emergency_area", "remove_emergency_area"), _area),
    **dict.fromkeys(("edit_emergency_route", "remove_emergency_route"), _route),
    "emergency_table_file": lambda: {**_draft(), "part": "routes"},
    **dict.fromkeys(("approve_emergency_policy", "refuse_emergency_policy"), _decision),
    **dict.fromkeys(("emergency_drill_run", "emergency_drill_progress"), _run),
    "answer_address_question": lambda: {"call_id": "heard-wrong"},
}
"""What fills the parameters of a route, by its name."""


def make_emergency_world() -> None:
    """A draft with a hole from a later day on, a proposal, decisions on the policy, drills of each result."""
    now = datetime.now(UTC)
    followed = Table.objects.get()
    copied = copy_table(followed, NELE)
    propose_table(copied, NELE, belgian_day(now) + timedelta(days=30))
    draft = copy_table(followed, NELE)
    for route in draft.routes.filter(area="namur", service="101"):
        keep_route(route, NELE, valid_until=ENDS)
    decided = propose_policy(
        NELE,
        policy="announce",
        reason="The centre asks for it",
        document="Decision 12",
        document_date=date(2026, 11, 2),
        signed_by="An Peeters",
    )
    approve_policy(decided, CHRIS)
    propose_policy(NELE, policy="route", reason="The authority has answered")
    _make_drills(followed, now)
    zon = Customer.objects.get(name="Bakkerij De Zon")
    for user, result in zip(zon.users.order_by("extension"), ("right", "wrong", "none"), strict=True):
        AddressCheck.objects.create(
            call_id=f"heard-{result}", at=now, customer_id=zon.pk, username=user.username, result=result
        )


def _make_drills(table: Table, now: datetime) -> None:
    run = DrillRun.objects.create(asked_at=now, asked_by="Nele", begun_at=now, ended_at=now, total=198)
    sent = {"number": "+3238080900", "name": "Drill desk", "place": "BE; Aartselaar; Drill; 1; 2630"}
    for n, wanted in enumerate(wanted_drills(table, now)):
        if n % 50 == 7:
            continue
        differs = n % 40 == 5
        arrived = {**sent, "place": "BE; Gent; Korenmarkt; 1; 9000"} if differs else sent
        differences = [{"field": "place", "sent": sent["place"], "arrived": arrived["place"]}]
        Drill.objects.create(
            run=run,
            table=table.pk,
            service=wanted.service,
            area=wanted.area,
            trunk=wanted.trunk,
            kind=wanted.kind,
            started_at=now - timedelta(days=40 if n % 30 == 9 else 0),
            sip_call_id=f"drill-{n}",
            code=200,
            setup_ms=20 + n * 3,
            sent=sent,
            arrived=arrived,
            differences=differences if differs else [],
            result="failed" if differs else "passed",
        )
