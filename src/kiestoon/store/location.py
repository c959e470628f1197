"""Registered contacts, read from the table Kamailio keeps (usrloc); written by the edge only.

Kamailio writes the table every ten seconds (`edge.contacts`), so what is read is at most that old.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JULIAN_EPOCH = 2440587.5
_COLUMNS = (
    "SELECT username, contact, coalesce(received, ''), user_agent, last_modified, expires, "
    "coalesce(instance, '') FROM location"
)
_NAMES_AT_ONCE = 500
_TRANSPORT = re.compile(r";transport=(\w+)", re.IGNORECASE)
_HOST = re.compile(r"sips?:(?:[^@]*@)?(\[[^\]]+\](?::\d+)?|[^;?>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contact:
    """One registered device. `received` is where it really is, when that is not what it says."""

    username: str
    uri: str
    received: str
    user_agent: str
    registered_at: datetime
    expires_at: datetime
    instance: str = ""
    """Its +sip.instance (RFC 5626), for example "<urn:uuid:...>"; "" when it has none."""

    @property
    def transport(self) -> str:
        """UDP, TCP, TLS or WS (RFC 3261, section 19.1.1; RFC 7118): how the edge reaches it."""
        uri = self.received or self.uri
        found = _TRANSPORT.search(uri)
        if found is not None:
            return found[1].upper()
        return "TLS" if uri.lower().startswith("sips:") else "UDP"

    @property
    def source(self) -> str:
        """Address and port it is reached at."""
        found = _HOST.match(self.received or self.uri)
        return found[1] if found else self.received or self.uri


def read_contacts(path: Path, now: datetime, usernames: Collection[str] | None = None) -> list[Contact]:
    """Contacts that have not expired, by user name (of these users only, when given).

    None when the edge has made no table yet.
    """
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
    try:
        rows = [
            row
            for where, values in _conditions(usernames)
            for row in connection.execute(
                f"{_COLUMNS} WHERE expires > ?{where} ORDER BY username, contact", (_julian(now), *values)
            )
        ]
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # the edge never started
            return []
        raise
    finally:
        connection.close()
    return [
        Contact(username, uri, received, agent, _moment(modified), _moment(expires), instance.strip('"'))
        for username, uri, received, agent, modified, expires, instance in rows
    ]


def host_of(source: str) -> str:
    """The IP address of `Contact.source`: "127.0.0.5" of "127.0.0.5:5060", "::1" of "[::1]:5060"."""
    return source[1:].partition("]")[0] if source.startswith("[") else source.partition(":")[0]


def _conditions(usernames: Collection[str] | None) -> Iterator[tuple[str, list[str]]]:
    """SQL and its values; several when there are more names than one statement takes."""
    if usernames is None:
        yield "", []
        return
    names = sorted(usernames)
    for first in range(0, len(names), _NAMES_AT_ONCE):
        some = names[first : first + _NAMES_AT_ONCE]
        yield f" AND username IN ({', '.join('?' for _ in some)})", some


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
