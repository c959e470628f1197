"""What holds now: the table in force and the policy, as the call plane gets them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from kiestoon.portal.emergency_routes.models import PolicyDecision, Table
from kiestoon.vocabulary.emergency import EmergencyArea, EmergencyPolicy, EmergencyRoute


def approved_tables() -> QuerySet[Table]:
    """The latest in force first."""
    return Table.objects.filter(state=Table.State.APPROVED).order_by("-in_force")


def table_on(day: date) -> Table | None:
    """The approved table calls follow on this day."""
    return approved_tables().filter(in_force__lte=day).first()


def policy_now() -> PolicyDecision | None:
    """The last approved decision; None: never one, calls are routed."""
    return PolicyDecision.objects.filter(state=PolicyDecision.State.APPROVED).order_by("-decided_at").first()


def compile_table(day: date) -> tuple[tuple[EmergencyArea, ...], tuple[EmergencyRoute, ...]]:
    """Areas and routes of the table on this day; empty when none is in force."""
    table = table_on(day)
    if table is None:
        return (), ()
    areas = tuple(area.value for area in table.areas.order_by("key"))
    return areas, tuple(route.value for route in table.routes.order_by("pk"))


def compile_policy() -> tuple[EmergencyPolicy, str]:
    """(policy, document); announce only with its document."""
    decision = policy_now()
    if decision is None or decision.policy != PolicyDecision.Policy.ANNOUNCE or not decision.reference:
        return "route", ""
    return "announce", decision.reference
