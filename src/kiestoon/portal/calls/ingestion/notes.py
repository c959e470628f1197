"""What is no call: refused registrations, where devices are, security events, gaps, what nobody can read."""

from __future__ import annotations

import json
from typing import Any, get_args

import psycopg

from kiestoon.portal.calls.ingestion import statements
from kiestoon.portal.calls.ingestion.batches import Batch, Journalled
from kiestoon.portal.calls.ingestion.calls_table import clean
from kiestoon.store.journal import Event
from kiestoon.vocabulary.emergency import LocationState

Cursor = psycopg.Cursor[Any]
NOT_CALLS = ("registration", "security", "location")
HOUR_MS, MINUTE_MS = 3_600_000, 60_000


def split(batch: Batch) -> tuple[list[Journalled], list[Journalled]]:
    """(events of calls, all others)."""
    calls: list[Journalled] = []
    others: list[Journalled] = []
    for row in batch.events:
        event = row.event
        of_call = event.get("c") and event.get("e") not in NOT_CALLS
        (calls if of_call else others).append(row)
    return calls, others


def write_notes(cursor: Cursor, events: list[Journalled]) -> None:
    """Count refusals per hour and security events per minute; keep where devices are, and the unreadable."""
    refusals: dict[tuple[Any, ...], dict[str, Any]] = {}
    security: dict[tuple[Any, ...], dict[str, Any]] = {}
    devices: dict[tuple[str, str], dict[str, Any]] = {}
    for segment, event, text in events:
        at = event.get("t")
        kind = event.get("e")
        if not isinstance(at, int) or not 0 <= at < 253_402_300_800_000:
            at, kind = 0, None
        if kind == "registration":
            row: dict[str, Any] = {name: _text(event.get(key)) for name, key in _REFUSAL_FIELDS}
            row["hour"] = at // HOUR_MS * HOUR_MS
            _count(refusals, (row["hour"], row["username"], row["source"], row["result"]), row, at)
        elif kind == "security":
            row = {name: _text(event.get(key)) for name, key in _SECURITY_FIELDS}
            row["minute"] = at // MINUTE_MS * MINUTE_MS
            many = event.get("n", 1)
            many = many if isinstance(many, int) and 0 < many < 1 << 31 else 1
            _count(security, (row["minute"], row["source"], row["what"], row["username"]), row, at, many)
        elif kind == "location":
            row = _seen(event, at)
            known = devices.get((row["username"], row["instance"]))
            if known is None or known["at"] <= at:
                devices[row["username"], row["instance"]] = row
        else:
            values = (segment, clean(text), "of no known kind")
            cursor.execute(statements.INSERT_UNREADABLE, values)
    if refusals:
        cursor.execute(statements.UPSERT_REFUSALS, (json.dumps(list(refusals.values())),))
    if devices:
        cursor.execute(statements.UPSERT_DEVICES, (json.dumps(list(devices.values())),))
    if security:
        cursor.execute(statements.UPSERT_SECURITY, (json.dumps(list(security.values())),))


def write_gaps(cursor: Cursor, batch: Batch) -> None:
    """Attempts a full disk took, and bytes that cannot be read."""
    rows: list[dict[str, Any]] = [
        {
            "segment": name,
            "kind": "not-recorded",
            "attempts": lost.attempts,
            "at_byte": 0,
            "bytes": 0,
            "since": lost.since or None,
            "until": lost.until or None,
        }
        for name, lost in batch.lost.items()
    ]
    rows += [
        {"segment": d.segment, "kind": "damaged", "attempts": 0, "at_byte": d.at_byte, "bytes": d.bytes}
        for d in batch.damage
    ]
    if rows:
        cursor.execute(statements.INSERT_GAPS, (json.dumps(rows),))


_REFUSAL_FIELDS = (
    ("username", "user"),
    ("source", "src"),
    ("result", "result"),
    ("why", "why"),
    ("user_agent", "ua"),
)
_SECURITY_FIELDS = (("source", "src"), ("what", "what"), ("username", "user"))


def _seen(event: Event, at: int) -> dict[str, Any]:
    asn, state = event.get("asn"), event.get("state")
    return {
        "username": _text(event.get("user")),
        "instance": _text(event.get("instance"))[:200],
        "address": _text(event.get("src"))[:45],
        "prefix": _text(event.get("prefix"))[:49],
        "asn": asn if isinstance(asn, int) and 0 <= asn < 1 << 32 else 0,
        "network_country": _text(event.get("country"))[:2],
        "user_agent": _text(event.get("ua"))[:200],
        "state": state if state in get_args(LocationState) else "unknown",
        "at": at,
    }


def _text(value: Any) -> str:
    text = "" if value is None else str(value).replace("\0", "")
    return text.encode(errors="replace").decode()[:500]


def _count(
    rows: dict[tuple[Any, ...], dict[str, Any]], key: tuple[Any, ...], row: Event, at: int, many: int = 1
) -> None:
    known = rows.setdefault(key, {**row, "first_at": at, "last_at": at, "count": 0})
    known["count"] += many
    known["first_at"], known["last_at"] = min(known["first_at"], at), max(known["last_at"], at)
