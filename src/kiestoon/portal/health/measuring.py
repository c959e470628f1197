"""Measures what `domain.health` judges: each source by itself, so that one that is silent hides no other."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from kiestoon.adapters import attendant, kamailio, rtpengine, supervisor
from kiestoon.domain.health import measurements as m
from kiestoon.portal.health import queries
from kiestoon.portal.number_database.standing import standing
from kiestoon.store.journal import RESERVE_BYTES, pending, segments
from kiestoon.store.location import count_contacts
from kiestoon.store.routing_store import read_version
from kiestoon.vocabulary.log_line import note

Measured = TypeVar("Measured")
logger = logging.getLogger(__name__)

ASKED: dict[str, Callable[[], bool]] = {
    "edge": kamailio.answers,
    "media": rtpengine.answers,
    "attendant": attendant.answers,
}
"""Processes that may run and yet do nothing: whether they answer is asked besides."""


def measure(now: datetime | None = None) -> m.Measurements:
    """Everything, now; what cannot be measured is None."""
    at = now or datetime.now(UTC)
    database = _database()
    answers = database.answers
    return m.Measurements(
        at=at,
        previous=_try(queries.last_evaluation) if answers else None,
        processes=_try(_processes),
        trunks=_try(lambda: queries.trunks(at)) if answers else None,
        registrations=_try(lambda: _registrations(at, answers)),
        journal=_try(_journal),
        disk=_try(_disk),
        certificates=_try(_certificates),
        publication=_try(_publication) if answers else None,
        database=database,
        jobs=_try(lambda: queries.jobs(at)) if answers else None,
        calls=_try(lambda: queries.calls(at)) if answers else None,
        emergency=_try(lambda: queries.emergency_calls(at)) if answers else None,
        drills=_try(lambda: queries.drills(at)) if answers else None,
        security=_try(lambda: queries.security(at)) if answers else None,
        number_database=_try(lambda: _number_database(at)) if answers else None,
    )


def _try(source: Callable[[], Measured]) -> Measured | None:
    try:
        return source()
    except (OSError, ValueError, DatabaseError, sqlite3.Error, supervisor.SupervisorSilent) as error:
        note(logger, logging.WARNING, "not-measured", error=type(error).__name__)
        return None


def _database() -> m.Database:
    try:
        return queries.database()
    except DatabaseError:
        with contextlib.suppress(DatabaseError):
            connection.close()
        return m.Database(answers=False)


def _processes() -> tuple[m.Process, ...]:
    return tuple(
        m.Process(
            one.name,
            one.state,
            one.since,
            ASKED[one.name]() if one.name in ASKED and one.state == "running" else None,
        )
        for one in supervisor.processes(Path(settings.RUN))
        if not one.name.startswith("sim-")
    )


def _registrations(at: datetime, database: bool) -> m.Registrations:
    most = queries.most_registrations(at) if database else None
    return m.Registrations(count_contacts(Path(settings.LOCATION), at), most)


def _journal() -> m.Journal:
    directory = Path(settings.STATE) / "journal"
    count, oldest = pending(directory)
    alarm = {}
    with contextlib.suppress(FileNotFoundError):
        alarm = json.loads((directory / "alarm.json").read_text())
    since = alarm.get("since_ms")
    paths = segments(directory)
    return m.Journal(
        pending=count,
        oldest_seconds=max(0.0, oldest),
        lost_attempts=int(alarm.get("attempts_not_recorded", 0)),
        lost_since=datetime.fromtimestamp(since / 1000, UTC) if since else None,
        segments=len(paths),
        bytes=sum(path.stat().st_size for path in paths if path.exists()),
    )


def _disk() -> m.Disk:
    directory = Path(settings.STATE) / "journal"
    usage = shutil.disk_usage(directory)
    one = int(os.environ.get("KIESTOON_JOURNAL_RESERVE_MB", "0")) << 20 or RESERVE_BYTES
    writers = sum(path.suffix == ".open" for path in segments(directory))
    return m.Disk(usage.free, usage.total, one * max(1, writers))


def _certificates() -> tuple[m.Certificate, ...]:
    """Those the edge shows, and the authority that signed them."""
    found = []
    for name in ("server", "ca"):
        path = Path(settings.SECRETS) / "tls" / f"{name}.pem"
        with contextlib.suppress(FileNotFoundError):
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
            found.append(m.Certificate(name, certificate.not_valid_after_utc))
    return tuple(found)


def _number_database(at: datetime) -> m.NumberDatabase:
    found = standing(at)
    return m.NumberDatabase(
        found.is_connected, found.late, found.last_answered, found.refused + found.differences
    )


def _publication() -> m.Publication:
    version, published_at = read_version(Path(settings.ROUTING_STORE)) or (0, None)
    waiting, since = queries.waiting_changes()
    moment = datetime.fromisoformat(published_at) if published_at else None
    return m.Publication(version, moment, waiting, since)
