"""The duty board: where each duty stands, from evidence and requests, never from a tick in a box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kiestoon.duties.duty import Count, Duty, belgian_day
from kiestoon.duties.register import DUTIES
from kiestoon.portal.compliance.models import IdentityRequest
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.compliance.words import Words, words
from kiestoon.portal.notices.listing import not_reached
from kiestoon.portal.number_counts.standing import overview
from kiestoon.portal.number_database.standing import standing

FRESH: Final = timedelta(minutes=20)
"""Evidence older than this proves nothing about now: the job counts every 5 minutes."""
FRESH_FOR: Final = {
    "emergency-notice": timedelta(hours=2),
    "number-database": timedelta(hours=48),
    "redundant-access": timedelta(days=370),
}
"""Duties whose job runs less often."""
PERIOD: Final = timedelta(days=30)
ANSWERED_BY: Final = "spoofed-numbers"
"""The duty whose requests have deadlines."""
ORDER: Final = ("bad", "warn", "wait", "off", "ok")


@dataclass(frozen=True)
class State:
    """Key of a status (ok, wait, warn, bad, off) and its words."""

    key: str
    words: str


@dataclass(frozen=True)
class Line:
    """A duty on the board, with the evidence of the last 30 days."""

    duty: Duty
    words: Words
    state: State
    decisions: int
    results: list[tuple[str, int]]
    """Decisions by result, most first."""


def lines(now: datetime) -> list[Line]:
    """Every duty, the most pressing first."""
    told = words()
    found = [line_of(duty, told[duty.key], now) for duty in DUTIES]
    return sorted(found, key=lambda line: ORDER.index(line.state.key))


def line_of(duty: Duty, told: Words, now: datetime) -> Line:
    counts = last_period(duty.key, now)
    results: Counter[str] = Counter()
    for count in counts:
        results[count.result] += count.decisions
    return Line(duty, told, state_of(duty, now), results.total(), results.most_common())


def last_period(key: str, now: datetime) -> list[Count]:
    """What the evidence of a duty counted in the last 30 days."""
    return REGISTER.evidence(key).counts(belgian_day(now - PERIOD), belgian_day(now))


def state_of(duty: Duty, now: datetime) -> State:
    """The first that holds of: late, due, to verify, not in force, not measured, in order."""
    if duty.key in PRESSING and (pressing := PRESSING[duty.key](now)) is not None:
        return pressing
    if duty.to_verify:
        return State("warn", _("To verify: the rule is not confirmed in our law facts"))
    if not duty.holds_on(belgian_day(now)):
        return State("off", _("Not in force today"))
    measured = REGISTER.evidence(duty.key).measured_at()
    if measured is None:
        return State("off", _("Not measured yet"))
    if now - measured > FRESH_FOR.get(duty.key, FRESH):
        return State("off", _("Not measured since %(when)s") % {"when": shown(measured)})
    return State("ok", _("In order, measured until %(when)s") % {"when": shown(measured)})


def _requests(now: datetime) -> State | None:
    """Art. 4 §2: late answers first, then the ones that are due."""
    rows = list(IdentityRequest.objects.filter(answered_at=None).order_by("asked_at"))
    rows += IdentityRequest.objects.exclude(found="").filter(blockings=None)
    late = [row for row in rows if row.must_block(now)]
    if late:
        text = ngettext("%(count)d answer to BIPT is late", "%(count)d answers to BIPT are late", len(late))
        return State("bad", text % {"count": len(late)})
    if rows:
        hours = max(0, int((rows[0].due_at - now).total_seconds() // 3600))
        text = ngettext(
            "Answer to BIPT due within %(count)d hour", "Answer to BIPT due within %(count)d hours", hours + 1
        )
        return State("warn", text % {"count": hours + 1})
    return None


def _not_told(now: datetime) -> State | None:
    """RD Numbering art. 43: nomadic users whose quarter has passed."""
    late = len(not_reached(now))
    if not late:
        return None
    text = ngettext("%(count)d user was not told in time", "%(count)d users were not told in time", late)
    return State("bad", text % {"count": late})


def _number_database(now: datetime) -> State | None:
    """WEC art. 106/2: late, or not the same as here."""
    found = standing(now)
    if not found.is_connected:
        return State("off", _("Not connected to the central number database"))
    if found.late:
        return State("bad", _("The central number database has not heard from us for two days"))
    wrong = found.refused + found.differences
    if not wrong:
        return None
    text = ngettext(
        "%(count)d record is not as it should be", "%(count)d records are not as they should be", wrong
    )
    return State("warn", text % {"count": wrong})


def _redundant_access(now: datetime) -> State | None:
    """WEC art. 107/1/1: the report of each count by 31 December, and the agreement or the system."""
    found = overview(now)
    for year in reversed(found.years):
        if year.standing in ("late", "due"):
            text = (
                _("Report of %(year)d was due %(day)s")
                if year.standing == "late"
                else _("Report of %(year)d due by %(day)s")
            )
            words = text % {"year": year.count.year, "day": year.due.strftime("%d/%m/%Y")}
            return State("bad" if year.standing == "late" else "warn", words)
    if found.years and found.agreement_is_missing:
        return State("bad", _("No agreement on redundant access is recorded"))
    if found.applies.which in ("full", "full-soon"):
        enough = len(found.paths) > 1
        return State(
            "warn" if enough else "bad", _("Above one percent for more than three years: the full duty")
        )
    if found.years and found.applies.which == "unknown":
        return State("warn", _("To verify: the national total is not recorded"))
    return None


PRESSING: Final[dict[str, Callable[[datetime], State | None]]] = {
    ANSWERED_BY: _requests,
    "emergency-notice": _not_told,
    "number-database": _number_database,
    "redundant-access": _redundant_access,
}
"""Duty → what is late or due, before its evidence is looked at; None when nothing is."""


def shown(at: datetime) -> str:
    return localtime(at).strftime("%d/%m/%Y %H:%M")
