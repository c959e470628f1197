"""Registered contacts, read from the table Kamailio keeps (usrloc); written by the edge only.

Kamailio writes the table every ten seconds (`edge.contacts`), so what is read is at most that old.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JULIAN_EPOCH = 2440587.5


@dataclass(frozen=True, slots=True)
class Contact:
    """One registered device. `received` is where it really is, when that is not what it says."""

    username: str
    uri: str
    received: str
    user_agent: str
    registered_at: datetime
    expires_at: datetime


def read_contacts(path: Path, now: datetime) -> list[Contact]:
    """Contacts that have not expired, by user name; none when the edge has made no table yet."""
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
    try:
        rows = connection.execute(
            "SELECT username, contact, coalesce(received, ''), user_agent, last_modified, expires "
            "FROM location WHERE expires > ? ORDER BY username, contact",
            (_julian(now),),
        ).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # the edge never started
            return []
        raise
    finally:
        connection.close()
    return [
        Contact(username, uri, received, agent, _moment(modified), _moment(expires))
        for username, uri, received, agent, modified, expires in rows
    ]


def count_contacts(path: Path, now: datetime) -> int:
    """How many contacts have not expired."""
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
    try:
        query = "SELECT count(*) FROM location WHERE expires > ?"
        return int(connection.execute(query, (_julian(now),)).fetchone()[0])
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # the edge never started
            return 0
        raise
    finally:
        connection.close()


def _julian(moment: datetime) -> float:
    return moment.timestamp() / 86400 + _JULIAN_EPOCH


def _moment(julian: float) -> datetime:
    return (_EPOCH + timedelta(days=julian - _JULIAN_EPOCH)).replace(microsecond=0)
