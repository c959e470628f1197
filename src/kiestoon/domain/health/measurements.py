"""What was measured at one moment. None anywhere: it was not measured, which is never the same as good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Process:
    """As the watcher sees it, and whether it answers; `answers` None: nobody asked it."""

    name: str
    state: str
    """running, starting, stopped or failed"""
    since: datetime | None
    answers: bool | None = None


@dataclass(frozen=True, slots=True)
class Trunk:
    """How the calls went that were tried over a trunk in the last hour.

    A call that was refused by who was called reached the carrier: it counts as carried.
    """

    trunk_id: str
    name: str
    tried: int
    carried: int
    failed_since_carried: int
    """Failures after the last call that was carried."""
    last_tried: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Registrations:
    """Registered devices now, and the most there were in the last hour (None: not known yet)."""

    now: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Journal:
    """Events not yet ingested, the age of the oldest, and what the gap alarm says."""

    pending: int
    oldest_seconds: float
    lost_attempts: int
    lost_since: datetime | None
    segments: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Disk:
    """Of the file system the journal is on; `reserve` is what all writers together will take."""

    free: int
    total: int
    reserve: int


@dataclass(frozen=True, slots=True)
class Certificate:
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """What the call plane has. `waiting_since`: of the oldest change not published; None when none waits."""

    version: int
    published_at: datetime | None
    waiting: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Database:
    answers: bool
    connections: int = 0
    most_connections: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Jobs:
    """`due`: jobs whose time has come and that nobody has begun; `failed` in the last hour."""

    due: int
    due_since: datetime | None
    failed: int


@dataclass(frozen=True, slots=True)
class Calls:
    """Attempts that ended in the last five minutes. `broken`: ended by us, with a 5xx."""

    attempts: int
    answered: int
    broken: int


@dataclass(frozen=True, slots=True)
class EmergencyCalls:
    """On-site emergency calls of the last hour that ended; `failed`: no centre answered, and the caller
    did not give up."""

    attempts: int
    failed: int
    last_failed: datetime | None


@dataclass(frozen=True, slots=True)
class Drills:
    """Drills there should be of the emergency routes; `overdue`: never made, or older than the limit."""

    total: int
    overdue: int
    failed: int
    limit_days: int


@dataclass(frozen=True, slots=True)
class Security:
    """Counted in the last five minutes."""

    events: int
    bans: int


@dataclass(frozen=True, slots=True)
class NumberDatabase:
    """The central number database: whether there is one, whether it heard from us in time, and records that
    are not there as they should be."""

    is_connected: bool
    late: bool
    last_answered: datetime | None
    wrong: int


@dataclass(frozen=True, slots=True)
class Measurements:
    """One moment. `previous`: when this was last measured by the job that evaluates alerts."""

    at: datetime
    previous: datetime | None = None
    processes: tuple[Process, ...] | None = None
    trunks: tuple[Trunk, ...] | None = None
    registrations: Registrations | None = None
    journal: Journal | None = None
    disk: Disk | None = None
    certificates: tuple[Certificate, ...] | None = None
    publication: Publication | None = None
    database: Database | None = None
    jobs: Jobs | None = None
    calls: Calls | None = None
    emergency: EmergencyCalls | None = None
    drills: Drills | None = None
    security: Security | None = None
    number_database: NumberDatabase | None = None
