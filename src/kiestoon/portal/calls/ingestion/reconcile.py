"""Closing calls whose end never came: their media is gone, or they have rung for longer than any may."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from kiestoon.adapters.rtpengine import MediaSessions, MediaUnavailable
from kiestoon.portal.calls.ingestion import statements
from kiestoon.portal.calls.ingestion.batches import Journalled
from kiestoon.portal.calls.ingestion.calls_table import CallsTable
from kiestoon.vocabulary.log_line import note

log = logging.getLogger("kiestoon.ingest")

INTERVAL_SECONDS = 15.0
ANSWERED_SECONDS = 10
"""Answered calls that began longer ago than this are asked about."""
RING_MS = (180 + 60) * 1000
"""The edge's ring limit for one stage, and a margin."""
UNANCHORED_MS = 24 * 3_600_000
"""A call whose media we don't relay gives no sign of life; after a day it is taken to have ended."""


@dataclass(frozen=True, slots=True)
class _Open:
    call_id: str
    sip_call_ids: tuple[str, ...]
    answered: bool
    anchored: bool
    last_ms: int
    """UTC ms of the last sign of life: an event, or media found alive."""


class Reconciliation:
    """Asks every 15 s; closes what was gone twice in a row. The journal must have been read to its end."""

    def __init__(
        self, media: MediaSessions, interval: float = INTERVAL_SECONDS, answered: int = ANSWERED_SECONDS
    ) -> None:
        self._media = media
        self._interval = interval
        self._answered = answered
        self._due = time.monotonic() + interval
        self._gone: set[str] = set()

    def seconds_left(self) -> float:
        return max(0.0, self._due - time.monotonic())

    def when_due(self, connection: psycopg.Connection[Any], calls: CallsTable) -> None:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self._interval
            self.run(connection, calls, time.time_ns() // 1_000_000)

    def run(self, connection: psycopg.Connection[Any], calls: CallsTable, now_ms: int) -> int:
        """One round; returns the number of calls closed."""
        rows = connection.execute(statements.OPEN_CALLS, (self._answered,)).fetchall()
        open_calls = [_open(row) for row in rows]
        suspects = {c.call_id: c for c in open_calls if _overdue(c, now_ms)}
        asked = [c for c in open_calls if c.answered and c.anchored]
        try:
            alive = self._media.alive({i for c in asked for i in c.sip_call_ids})
        except MediaUnavailable:
            asked, alive = [], set()
            self._gone &= set(suspects)
        living = [c.call_id for c in asked if not alive.isdisjoint(c.sip_call_ids)]
        suspects |= {c.call_id: c for c in asked if alive.isdisjoint(c.sip_call_ids)}
        closing = [c for call_id, c in suspects.items() if call_id in self._gone]
        with connection.transaction(), connection.cursor() as cursor:
            if living:
                cursor.execute(statements.STILL_ALIVE, (living,))
            calls.apply(cursor, [_close(c) for c in closing])
        calls.committed()
        self._gone = set(suspects) - {c.call_id for c in closing}
        if closing:
            note(log, logging.WARNING, "calls-closed-without-end", count=len(closing))
        return len(closing)


def _open(row: tuple[Any, ...]) -> _Open:
    call_id, sip_call_ids, answered, anchored, emergency_class, alive_at, events, started_at = row
    times = [event["t"] for event in events if isinstance(event.get("t"), int)]
    times += [_ms(at) for at in (alive_at, started_at) if at is not None]
    relayed = anchored if anchored is not None else emergency_class != "on-site"
    return _Open(call_id, tuple(sip_call_ids), answered, relayed, max(times))


def _overdue(call: _Open, now_ms: int) -> bool:
    """Too long without a sign of life for a call that nothing else is known about."""
    if call.answered and call.anchored:
        return False
    return now_ms - call.last_ms > (UNANCHORED_MS if call.answered else RING_MS)


def _close(call: _Open) -> Journalled:
    """An event of our own; a BYE that comes after all outweighs it."""
    event = {"c": call.call_id, "e": "close", "t": call.last_ms}
    return Journalled("reconciliation", event, json.dumps(event))


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
