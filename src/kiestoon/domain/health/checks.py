"""Measurements → findings: one per thing people rely on, with a state and the words' key and values.

Each kind of finding has a rule of alerts and a runbook of the same name (docs/runbooks/KIND.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from kiestoon.domain.health.measurements import Measurements

State = Literal["ok", "warn", "bad", "off"]
"""`off`: not measured, or not used; it is never shown as good."""
Value = str | int | float | datetime | None

CALL_PLANE = ("edge", "media", "journal")
"""Without one of these there are no calls, or no records of them."""
BUSINESS_PLANE = ("postgres", "portal", "jobs", "ingest")
MOST_GAP = timedelta(seconds=60)
"""The job that evaluates alerts runs every 20 s."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` tells things of one kind apart (a process, a trunk); `said` is the key of the sentence."""

    kind: str
    subject: str
    state: State
    said: str
    values: dict[str, Value] = field(default_factory=dict)
    since: datetime | None = None
    """When it began, where the measurement itself says so."""


def findings(now: Measurements) -> list[Finding]:
    """Everything that was looked at, in the order people read it: calls first."""
    return [one for check in CHECKS.values() for one in check(now)]


def overall(found: list[Finding]) -> State:
    """The worst state; what is off does not count, unless nothing was measured."""
    states = {one.state for one in found}
    order: tuple[State, ...] = ("bad", "warn", "ok")
    return next((state for state in order if state in states), "off")


def _not_measured(kind: str) -> Finding:
    return Finding(kind, "", "off", "not-measured")


def process_down(now: Measurements) -> Iterator[Finding]:
    """Is each process there, and does it answer?"""
    if now.processes is None:
        yield _not_measured("process-down")
        return
    for one in now.processes:
        worst: State = "bad" if one.name in CALL_PLANE + BUSINESS_PLANE else "warn"
        if one.state != "running":
            yield Finding("process-down", one.name, worst, one.state, since=one.since)
        elif one.answers is False:
            yield Finding("process-down", one.name, worst, "silent")
        else:
            yield Finding("process-down", one.name, "ok", "running", since=one.since)


def calls_failing(now: Measurements) -> Iterator[Finding]:
    """Do we break calls ourselves?"""
    calls = now.calls
    if calls is None:
        yield _not_measured("calls-failing")
        return
    values: dict[str, Value] = {"attempts": calls.attempts, "broken": calls.broken}
    if calls.attempts == 0:
        yield Finding("calls-failing", "", "off", "no-calls", values)
        return
    share = calls.broken / calls.attempts
    state: State = "ok"
    if calls.broken >= 3 and share >= 0.05:
        state = "bad" if share >= 0.25 else "warn"
    yield Finding("calls-failing", "", state, "calls", values)


def emergency_failing(now: Measurements) -> Iterator[Finding]:
    """Did every emergency call reach a centre?"""
    calls = now.emergency
    if calls is None:
        yield _not_measured("emergency-failing")
        return
    values: dict[str, Value] = {"attempts": calls.attempts, "failed": calls.failed}
    if calls.attempts == 0:
        yield Finding("emergency-failing", "", "off", "no-emergency-calls", values)
    elif calls.failed:
        yield Finding("emergency-failing", "", "bad", "emergency-failed", values, calls.last_failed)
    else:
        yield Finding("emergency-failing", "", "ok", "emergency-calls", values)


def drill_overdue(now: Measurements) -> Iterator[Finding]:
    """Was every emergency route tried lately, and did what was sent arrive?"""
    drills = now.drills
    if drills is None:
        yield _not_measured("drill-overdue")
        return
    values: dict[str, Value] = {
        "total": drills.total,
        "overdue": drills.overdue,
        "failed": drills.failed,
        "days": drills.limit_days,
    }
    if not drills.total:
        yield Finding("drill-overdue", "", "off", "no-drills", values)
    elif drills.failed:
        yield Finding("drill-overdue", "", "warn", "drills-failed", values)
    elif drills.overdue:
        yield Finding("drill-overdue", "", "warn", "drills-overdue", values)
    else:
        yield Finding("drill-overdue", "", "ok", "drills", values)


def trunk_unreachable(now: Measurements) -> Iterator[Finding]:
    """Does each trunk carry the calls we send over it?"""
    if now.trunks is None:
        yield _not_measured("trunk-unreachable")
        return
    for one in now.trunks:
        values: dict[str, Value] = {
            "name": one.name,
            "tried": one.tried,
            "failed": one.failed_since_carried,
            "last_tried": one.last_tried,
        }
        if one.tried == 0:
            state, said = "off", "trunk-unused"
        elif one.failed_since_carried >= 2:
            state, said = "bad", "trunk-failing"
        elif one.failed_since_carried:
            state, said = "warn", "trunk-failed-once"
        else:
            state, said = "ok", "trunk-carries"
        since = one.failing_since if one.failed_since_carried else None
        yield Finding("trunk-unreachable", one.trunk_id, state, said, values, since)  # type: ignore[arg-type]


def registrations_lost(now: Measurements) -> Iterator[Finding]:
    """Did many phones fall off at once?"""
    registered = now.registrations
    if registered is None:
        yield _not_measured("registrations-lost")
        return
    values: dict[str, Value] = {"now": registered.now, "most": registered.most}
    if not registered.now and not registered.most:
        yield Finding("registrations-lost", "", "off", "no-registrations", values)
        return
    state: State = "ok"
    if registered.most is not None and registered.most >= 10:
        share = registered.now / registered.most
        state = "bad" if share < 0.5 else "warn" if share < 0.8 else "ok"
    yield Finding("registrations-lost", "", state, "registrations", values)


def journal_gap(now: Measurements) -> Iterator[Finding]:
    """Is every attempt recorded?"""
    journal = now.journal
    if journal is None:
        yield _not_measured("journal-gap")
        return
    values: dict[str, Value] = {"lost": journal.lost_attempts, "segments": journal.segments}
    if journal.lost_attempts:
        yield Finding("journal-gap", "", "bad", "journal-lost", values, journal.lost_since)
    else:
        yield Finding("journal-gap", "", "ok", "journal-whole", values)


def ingest_behind(now: Measurements) -> Iterator[Finding]:
    """Is a call in the list within 5 seconds of its end?"""
    journal = now.journal
    if journal is None:
        yield _not_measured("ingest-behind")
        return
    age = round(journal.oldest_seconds, 1) if journal.pending else 0.0
    values: dict[str, Value] = {"pending": journal.pending, "age": age}
    state: State = "bad" if age >= 60 else "warn" if age >= 10 else "ok"
    said = "ingest" if journal.pending else "ingested"
    yield Finding("ingest-behind", "", state, said, values)


def disk_low(now: Measurements) -> Iterator[Finding]:
    """Is there room for the journal to begin new segments?"""
    disk = now.disk
    if disk is None:
        yield _not_measured("disk-low")
        return
    values: dict[str, Value] = {"free_gb": round(disk.free / (1 << 30), 1)}
    state: State = "bad" if disk.free < disk.reserve else "warn" if disk.free < 4 * disk.reserve else "ok"
    yield Finding("disk-low", "", state, "disk", values)


def certificate_expiring(now: Measurements) -> Iterator[Finding]:
    """Will phones over TLS and browsers still trust us next week?"""
    if not now.certificates:
        yield _not_measured("certificate-expiring")
        return
    for one in now.certificates:
        left = one.expires_at - now.at
        values: dict[str, Value] = {"name": one.name, "expires_at": one.expires_at}
        state: State = "bad" if left < timedelta(days=3) else "warn" if left < timedelta(days=14) else "ok"
        yield Finding("certificate-expiring", one.name, state, "certificate", values)


def publication_late(now: Measurements) -> Iterator[Finding]:
    """Do the calls follow what people changed?"""
    published = now.publication
    if published is None:
        yield _not_measured("publication-late")
        return
    values: dict[str, Value] = {
        "version": published.version,
        "published_at": published.published_at,
        "waiting": published.waiting,
    }
    if not published.version:
        yield Finding("publication-late", "", "bad", "never-published", values)
        return
    age = (now.at - published.waiting_since).total_seconds() if published.waiting_since else 0.0
    state: State = "bad" if age >= 300 else "warn" if age >= 30 else "ok"
    said = "changes-waiting" if state != "ok" else "published"
    yield Finding("publication-late", "", state, said, values, published.waiting_since)


def database_trouble(now: Measurements) -> Iterator[Finding]:
    """Does PostgreSQL answer, with connections to spare?"""
    database = now.database
    if database is None:
        yield _not_measured("database-trouble")
        return
    if not database.answers:
        yield Finding("database-trouble", "", "bad", "database-silent")
        return
    values: dict[str, Value] = {
        "connections": database.connections,
        "most": database.most_connections,
        "size_mb": round(database.bytes / (1 << 20)),
    }
    full = database.connections / max(1, database.most_connections)
    state: State = "bad" if full >= 0.95 else "warn" if full >= 0.8 else "ok"
    yield Finding("database-trouble", "", state, "database", values)


def jobs_behind(now: Measurements) -> Iterator[Finding]:
    """Is work done when it is due?"""
    jobs = now.jobs
    if jobs is None:
        yield _not_measured("jobs-behind")
        return
    values: dict[str, Value] = {"due": jobs.due, "failed": jobs.failed}
    age = (now.at - jobs.due_since).total_seconds() if jobs.due_since else 0.0
    state: State = "bad" if age >= 300 else "warn" if age >= 90 or jobs.failed else "ok"
    yield Finding("jobs-behind", "", state, "jobs", values, jobs.due_since if age >= 90 else None)


def attack(now: Measurements) -> Iterator[Finding]:
    """Is somebody guessing passwords or flooding us?"""
    security = now.security
    if security is None:
        yield _not_measured("attack")
        return
    values: dict[str, Value] = {"events": security.events, "bans": security.bans}
    state: State = "warn" if security.bans or security.events >= 500 else "ok"
    yield Finding("attack", "", state, "security", values)


def number_database(now: Measurements) -> Iterator[Finding]:
    """Do emergency centres find every number of ours?"""
    database = now.number_database
    if database is None:
        yield _not_measured("number-database")
        return
    values: dict[str, Value] = {"last_answered": database.last_answered, "wrong": database.wrong}
    if not database.is_connected:
        yield Finding("number-database", "", "off", "number-database-none")
    elif database.late:
        yield Finding("number-database", "", "bad", "number-database-late", values)
    elif database.wrong:
        yield Finding("number-database", "", "warn", "number-database-differs", values)
    elif database.last_answered is None:
        yield Finding("number-database", "", "off", "number-database-never", values)
    else:
        yield Finding("number-database", "", "ok", "number-database-fed", values)


def not_measured(now: Measurements) -> Iterator[Finding]:
    """Was somebody watching? A time nobody evaluated is reported afterwards."""
    if now.previous is None:
        yield _not_measured("not-measured")
        return
    gap = now.at - now.previous
    values: dict[str, Value] = {"seconds": round(gap.total_seconds()), "previous": now.previous}
    state: State = "warn" if gap > MOST_GAP else "ok"
    yield Finding("not-measured", "", state, "measured", values, now.previous if state == "warn" else None)


CHECKS: dict[str, Callable[[Measurements], Iterator[Finding]]] = {
    "calls-failing": calls_failing,
    "emergency-failing": emergency_failing,
    "drill-overdue": drill_overdue,
    "trunk-unreachable": trunk_unreachable,
    "process-down": process_down,
    "registrations-lost": registrations_lost,
    "journal-gap": journal_gap,
    "ingest-behind": ingest_behind,
    "disk-low": disk_low,
    "certificate-expiring": certificate_expiring,
    "publication-late": publication_late,
    "database-trouble": database_trouble,
    "jobs-behind": jobs_behind,
    "attack": attack,
    "number-database": number_database,
    "not-measured": not_measured,
}
"""Kind of finding → what looks; the order is the page's."""
