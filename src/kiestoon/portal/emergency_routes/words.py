"""Faults of a table and how places are served, in the reader's language."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kiestoon.domain.emergency.table import Cover, Fault
from kiestoon.portal.emergency_routes.models import PolicyDecision, Table

COVER_STATES: dict[Cover, str] = {"two-paths": "ok", "one-path": "warn", "elsewhere": "warn", "hole": "bad"}
"""Of <c-status>."""


def fault_in_words(fault: Fault) -> str:
    """What is wrong and what would do."""
    values = dict(fault.values)
    if "day" in values:
        values["day"] = date_format(date.fromisoformat(values["day"]), "d/m/Y")
    words = {
        "area-without-key": _("This area has no key."),
        "area-twice": _("The area %(area)s is there twice."),
        "unknown-municipality": _("No municipality of Belgium has the NIS code %(nis)s."),
        "overlap": _("%(name)s (%(nis)s) is in the areas %(other)s and %(area)s: leave it in one."),
        "unknown-service": _("%(service)s is no service that comes: enter 100, 101 or 112."),
        "unknown-area": _("There is no area %(area)s."),
        "unknown-trunk": _("There is no emergency trunk %(trunk)s: add the trunk first."),
        "ends-before-it-begins": _("This route ends before it begins."),
        "route-twice": _("%(service)s from area %(area)s over %(trunk)s is there twice for the same days."),
        "in-no-area": _(
            "%(name)s (%(nis)s) is in no area and has no way to %(service)s on %(day)s: put it in an area, "
            "or add a route that holds where no area does."
        ),
        "no-route": _(
            "Area %(area)s has no route to %(service)s on %(day)s: add one, or a route that holds where no "
            "area does."
        ),
    }
    return words[fault.said] % values


def cover_words(cover: Cover) -> str:
    return {
        "two-paths": _("Two paths"),
        "one-path": _("One path only"),
        "elsewhere": _("By the general route"),
        "hole": _("No way"),
    }[cover]


def table_state(table: Table, today: date, *, is_followed: bool) -> tuple[str, str]:
    """(state of <c-status>, words)."""
    day = date_format(table.in_force, "d/m/Y") if table.in_force else ""
    if table.state == Table.State.APPROVED:
        if is_followed:
            return "ok", _("Calls follow it since %s") % day
        if table.in_force is not None and table.in_force > today:
            return "wait", _("Approved, in force from %s") % day
        return "off", _("Replaced; was in force from %s") % day
    return {
        Table.State.DRAFT: ("off", _("Draft")),
        Table.State.PROPOSED: ("wait", _("Waits for a second person; from %s") % day),
        Table.State.REFUSED: ("off", _("Refused")),
    }[Table.State(table.state)]


def policy_words(policy: str) -> str:
    return {
        PolicyDecision.Policy.ROUTE: _("Route: to the centre of the last known address, which is told so"),
        PolicyDecision.Policy.ANNOUNCE: _("Announce: the caller hears that 112 cannot be reached from here"),
    }[PolicyDecision.Policy(policy)]
