"""Calls as others read them: the object of `calls --json`, a line of text, the message ladder."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiestoon.portal.calls.models import Call


def moment(at: datetime | None) -> str | None:
    """UTC with milliseconds, ISO 8601."""
    return (
        None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def customer_names(routing_store: Path, ids: Iterable[int | None]) -> dict[int, str]:
    """Names of customers as published; without those that left (a CDR keeps the number only)."""
    wanted = {one for one in ids if one is not None}
    if not wanted or not routing_store.exists():
        return {}
    with contextlib.suppress(sqlite3.Error):
        connection = sqlite3.connect(f"file:{routing_store}?mode=ro", uri=True)
        try:
            marks = ",".join("?" for _ in wanted)
            query = f"SELECT customer_id, data ->> 'name' FROM customer WHERE customer_id IN ({marks})"
            return dict(connection.execute(query, tuple(wanted)))
        finally:
            connection.close()
    return {}


def as_dict(call: Call, names: dict[int, str]) -> dict[str, Any]:
    """The object of `calls --json`."""
    customer = call.customer_id
    return {
        "call_id": call.call_id,
        "direction": call.direction,
        "from": call.from_number,
        "to": call.to_number,
        "dialled": call.dialled,
        "customer": None if customer is None else names.get(customer, str(customer)),
        "trunk": {"id": call.trunk_id, "name": call.trunk_name} if call.trunk_id else None,
        "started_at": moment(call.started_at),
        "answered_at": moment(call.answered_at),
        "ended_at": moment(call.ended_at),
        "talk_ms": call.talk_ms,
        "sip_code": call.sip_code,
        "hung_up_by": call.hung_up_by,
        "emergency_class": call.emergency_class,
        "forwarded_from": call.forwarded_from,
        "sip_call_ids": call.sip_call_ids,
        "reasons": call.reasons,
        "closed_by": call.closed_by,
        "cli": call.cli,
        "withheld": call.withheld,
        "username": call.username,
        "device": {"source": call.source, "user_agent": call.user_agent},
        "codec": call.codec,
        "loss": call.loss,
        "jitter_ms": call.jitter_ms,
        "mos": call.mos,
        "packets": call.packets,
        "stages": call.stages,
        "anomalies": call.anomalies,
    }


def as_line(call: Call) -> str:
    """One line of the table people read; times in Europe/Brussels."""
    from django.utils import timezone

    at = timezone.localtime(call.started_at).strftime("%Y-%m-%d %H:%M:%S")
    end = "going on" if call.ended_at is None else f"{call.sip_code} {call.hung_up_by or ''}".strip()
    talk = f"{call.talk_ms / 1000:.1f} s" if call.answered_at and call.ended_at else ""
    arrow = f"{call.from_number or 'unknown'} → {call.to_number or call.dialled}"
    via = call.trunk_name or ""
    return f"{at}  {call.direction:<9} {arrow:<32} {talk:>9}  {end:<12} {via:<22} {call.call_id}"


def ladder(call: Call) -> list[dict[str, Any]]:
    """The journalled events in order of time, without what the CDR says already."""
    left_out = ("t", "m", "e", "i", "src", "ua")
    rows = sorted(call.events, key=lambda event: event.get("t") or 0)
    return [
        {
            "at": moment(_at(event.get("t"))),
            "event": event.get("e"),
            "sip_call_id": event.get("i"),
            **{key: value for key, value in event.items() if key not in left_out and value is not None},
        }
        for event in rows
    ]


def _at(ms: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(ms / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
