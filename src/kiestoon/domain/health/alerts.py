"""Findings → alerts: what must last how long before somebody is told, and before it counts as over.

seen bad  ── for GRACE ──▶  alert open  ── seen good for SETTLE ──▶  closed
   └─ seen good earlier: nothing happened        └─ seen bad again: still the same alert
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from kiestoon.domain.health.checks import CHECKS, Finding, State

Severity = Literal["page", "notify"]
"""`page`: somebody must look now, at night too. `notify`: today."""
Key = tuple[str, str]
"""Kind and subject."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How patient we are with a kind of finding."""

    severity: Severity
    grace: timedelta
    settle: timedelta
    only_bad: bool = False
    """Whether `warn` is shown but alerts nobody."""


def _rule(severity: Severity, grace: int, settle: int = 60, *, only_bad: bool = False) -> Rule:
    return Rule(severity, timedelta(seconds=grace), timedelta(seconds=settle), only_bad)


RULES: dict[str, Rule] = {
    "calls-failing": _rule("page", 60),
    # One is one too many: the window of an hour in which it stays visible is grace enough afterwards.
    "emergency-failing": _rule("page", 0, 0),
    "drill-overdue": _rule("notify", 3600),
    "trunk-unreachable": _rule("page", 0, 0, only_bad=True),
    "process-down": _rule("page", 15),
    "registrations-lost": _rule("page", 120),
    "journal-gap": _rule("page", 0, 0),
    "ingest-behind": _rule("notify", 60),
    "disk-low": _rule("page", 60),
    "certificate-expiring": _rule("notify", 0),
    "publication-late": _rule("page", 0, 0),
    "database-trouble": _rule("page", 15),
    "jobs-behind": _rule("notify", 60),
    "number-database": _rule("notify", 0),
    "attack": _rule("notify", 60, 600),
    "not-measured": _rule("notify", 0, 0),
}
"""Kind of finding → its rule. Every kind has one: a test compares with CHECKS and with docs/runbooks."""
assert RULES.keys() == CHECKS.keys()
TOLD: dict[str, Severity] = {"emergency-call": "page"}
"""Alerts that no measurement opens: something happened, and somebody must know. They end when taken."""

GRAVE: Mapping[State, int] = {"off": 0, "ok": 0, "warn": 1, "bad": 2}


@dataclass(frozen=True, slots=True)
class Watched:
    """What is remembered of one finding between evaluations."""

    state: State
    """As last seen."""
    since: datetime
    """When it was first seen so."""
    troubled_since: datetime | None = None
    """When it stopped being good; also while the alert waits for SETTLE."""
    good_since: datetime | None = None
    alerting: bool = False
    worst: State = "ok"


@dataclass(frozen=True, slots=True)
class Step:
    """What one evaluation changes."""

    watched: dict[Key, Watched]
    opened: tuple[Key, ...]
    closed: tuple[Key, ...]


def evaluate(known: Mapping[Key, Watched], found: Iterable[Finding], now: datetime) -> Step:
    """The next memory, and which alerts open and close. What is not measured changes no alert.

    A subject nobody looks at any more (a trunk removed) closes its alert.
    """
    watched: dict[Key, Watched] = {}
    opened, closed = [], []
    for finding in found:
        key = (finding.kind, finding.subject)
        before = known.get(key)
        after = _advance(before, finding, RULES[finding.kind], now)
        watched[key] = after
        was = before is not None and before.alerting
        if after.alerting and not was:
            opened.append(key)
        elif was and not after.alerting:
            closed.append(key)
    unmeasured = {kind for (kind, subject), one in watched.items() if not subject and one.state == "off"}
    for key, one in known.items():
        if key in watched:
            continue
        if key[0] in unmeasured:
            watched[key] = one
        elif one.alerting:
            closed.append(key)
    return Step(watched, tuple(opened), tuple(closed))


def _advance(before: Watched | None, finding: Finding, rule: Rule, now: datetime) -> Watched:
    begun = min(finding.since or now, now)
    if before is None:
        before = Watched(finding.state, begun)
    elif before.state != finding.state:
        before = replace(before, state=finding.state, since=begun)
    if finding.state == "off":
        return before
    if GRAVE[finding.state] > (1 if rule.only_bad else 0):
        troubled = before.troubled_since or begun
        return replace(
            before,
            troubled_since=troubled,
            good_since=None,
            alerting=before.alerting or now - troubled >= rule.grace,
            worst=max(before.worst, finding.state, key=lambda state: GRAVE[state]),
        )
    if not before.alerting:
        return replace(before, troubled_since=None, good_since=None, worst="ok")
    good = before.good_since or now
    if now - good >= rule.settle:
        return replace(before, troubled_since=None, good_since=None, alerting=False, worst="ok")
    return replace(before, good_since=good)
