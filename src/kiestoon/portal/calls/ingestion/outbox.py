"""What happened to calls, for the webhooks that asked for it: written with the CDR, or not at all.

A call is told once as started, answered and ended; when a later event changes how it ended, as corrected.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import psycopg

from kiestoon.portal.calls.ingestion import statements
from kiestoon.vocabulary.cdr import Cdr

Cursor = psycopg.Cursor[Any]


class Known(NamedTuple):
    """What has been written of a call: whether it was answered, and how it ended (ms, talk ms, SIP code)."""

    answered: bool
    ended: tuple[int, int, int] | None


def known_of(cdr: Cdr) -> Known:
    ended = None if cdr.ended_at is None else (cdr.ended_at, cdr.talk_ms, cdr.sip_code or 0)
    return Known(cdr.answered_at is not None, ended)


def has_readers(cursor: Cursor) -> bool:
    """Is there any webhook at all?"""
    cursor.execute(statements.ANY_WEBHOOK)
    return bool(cursor.fetchone()[0])  # type: ignore[index]


def happened(cdr: Cdr, before: Known | None) -> list[dict[str, Any]]:
    """What is new about a call, in order; `before` None: it was not known."""
    now = known_of(cdr)
    moments: list[tuple[str, int | None]] = []
    if before is None:
        moments.append(("call.started", cdr.started_at))
    if now.answered and not (before and before.answered):
        moments.append(("call.answered", cdr.answered_at))
    if now.ended is not None:
        if before is None or before.ended is None:
            moments.append(("call.ended", cdr.ended_at))
        elif before.ended != now.ended:
            moments.append(("call.corrected", cdr.ended_at))
    return [
        {
            "kind": kind,
            "call_id": cdr.call_id,
            "customer_id": cdr.customer_id,
            "called_customer_id": cdr.called_customer_id,
            "happened_at": at,
        }
        for kind, at in moments
    ]


def write_emergencies(cursor: Cursor, begun: list[Cdr]) -> None:
    """Have people told of on-site emergency calls when this is committed; of helplines nobody is told."""
    rows = [
        {"call_id": cdr.call_id, "begun_at": cdr.started_at}
        for cdr in begun
        if cdr.emergency_class == "on-site"
    ]
    if not rows:
        return
    cursor.execute(statements.INSERT_EMERGENCIES, (json.dumps(rows),))
    if cursor.rowcount > 0:
        cursor.execute(statements.WAKE_EMERGENCIES)


def write(cursor: Cursor, rows: list[dict[str, Any]]) -> None:
    """Keep what somebody asked for, and wake the process that delivers it when this is committed."""
    if not rows:
        return
    cursor.execute(statements.INSERT_EVENTS, (json.dumps(rows),))
    if cursor.rowcount > 0:
        cursor.execute(statements.WAKE_WEBHOOKS)
