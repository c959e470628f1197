"""Registered contacts that survive kill -9: a log beside Kamailio's own table.

Kamailio keeps contacts in memory and writes them to SQLite every ten seconds from one process (a write
per REGISTER would make SIP workers wait for the disk and for each other). What a REGISTER changed is
also appended to a local log, which `restore` folds into the table before the edge starts again.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiestoon.store.journal import Event, JournalFull, SegmentWriter, is_sealed, read_segment, segments
from kiestoon.store.location import read_contacts

RESERVE = 8 << 20
ROTATE = 2 << 20
KEEP_SECONDS = 60
"""Sealed logs older than this are in the table: Kamailio writes it every ten seconds."""

_JULIAN_UNIX_EPOCH = 2440587.5
FIELDS = ("ruid", "addr", "received", "path", "callid", "cseq", "user_agent", "socket", "instance", "conid")


class ContactLog:
    """One per edge process; a failing disk costs the log, never the registration."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._writer: SegmentWriter | None = None

    def write(self, username: str, contacts: list[dict[str, Any]]) -> None:
        """Record all contacts the user has now (`expires_at` in Unix seconds)."""
        with contextlib.suppress(OSError, JournalFull):
            if self._writer is None:
                self._writer = SegmentWriter(self._directory, RESERVE, ROTATE)
            before = self._writer.path
            self._writer.append({"t": time.time_ns(), "user": username, "contacts": contacts})
            if self._writer.path != before:
                _forget_old(self._directory)


def _forget_old(directory: Path) -> None:
    for path in segments(directory):
        if is_sealed(path) and time.time() - path.stat().st_mtime > KEEP_SECONDS:
            path.unlink(missing_ok=True)


def restore(directory: Path, database: Path) -> int:
    """Fold the log into the table and remove it; the edge must not be running. Returns users restored."""
    latest: dict[str, Event] = {}
    logs = segments(directory)
    for path in logs:
        for _, _, event in read_segment(path):
            known = latest.get(event["user"])
            if known is None or event["t"] >= known["t"]:
                latest[event["user"]] = event
    connection = sqlite3.connect(database)
    with connection:
        for event in latest.values():
            connection.execute("DELETE FROM location WHERE username = ?", (event["user"],))
            for contact in event["contacts"]:
                _insert(connection, event, contact)
        # A browser is reached through its connection alone, which ended with the edge: it registers again at
        # once, and what it left would count as a device.
        connection.execute("DELETE FROM location WHERE lower(contact) LIKE '%;transport=ws%'")
    connection.close()
    for path in logs:
        path.unlink()
    return len(latest)


def senders(database: Path) -> list[str]:
    """`address:port` the registered devices sent from, of the contacts in the table that have not expired."""
    contacts = read_contacts(database, datetime.now(UTC))
    return [contact.source.replace("[", "").replace("]", "") for contact in contacts]


def _insert(connection: sqlite3.Connection, event: Event, contact: dict[str, Any]) -> None:
    if contact["expires_at"] < time.time():
        return
    row = {
        "ruid": contact["ruid"],
        "username": event["user"],
        "contact": contact["addr"],
        "received": contact["received"] or None,
        "path": contact["path"] or None,
        "expires": contact["expires_at"] / 86400 + _JULIAN_UNIX_EPOCH,
        "q": -1.0,
        "callid": contact["callid"],
        "cseq": int(contact["cseq"] or 1),
        "last_modified": event["t"] / 1e9 / 86400 + _JULIAN_UNIX_EPOCH,
        "user_agent": contact["user_agent"],
        "socket": contact["socket"] or None,
        "instance": contact["instance"] or None,
        "reg_id": 0,
        "connection_id": int(contact["conid"] or -1),
        "domain": "",
        "flags": 0,
        "cflags": 0,
    }
    names = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    connection.execute(f"INSERT OR REPLACE INTO location ({names}) VALUES ({marks})", tuple(row.values()))
