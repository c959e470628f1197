"""One call in everything that recorded it: journal, logs of all processes, ingestion, CDR."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseError
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from kiestoon.portal.calls.listing import moment
from kiestoon.portal.calls.models import Call
from kiestoon.store.journal import Event, read_segment, segment_name, segments

SHORTEST = 6
"""Letters of an id that may stand for it."""
MOST = 10


class NotFound(Exception):
    """No such call in journal, logs or database."""


class TooMany(Exception):
    """A part of an id that several calls have."""


@dataclass(frozen=True, slots=True)
class Row:
    """`time` in UTC, ISO 8601 with ms; `source` the process that recorded it."""

    time: str
    source: str
    what: str
    fields: dict[str, Any]


@dataclass(slots=True)
class Followed:
    call_id: str
    sip_call_ids: list[str]
    rows: list[Row] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Sources that could not be asked."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "call_id": self.call_id,
            "sip_call_ids": self.sip_call_ids,
            "missing": self.missing,
            "rows": [
                {"time": row.time, "source": row.source, "what": row.what, **row.fields} for row in self.rows
            ],
        }


def follow(state: Path, wanted: str) -> Followed:
    """Raises NotFound, or TooMany for a part that more than one call has."""
    if len(wanted) < SHORTEST:
        raise NotFound(f"give at least {SHORTEST} letters of the id")
    journalled = list(_journal(state, wanted))
    missing = []
    try:
        calls = {call.call_id: call for call in _calls(wanted)}
    except DatabaseError:
        calls, missing = {}, ["postgres"]
    call_ids = sorted({str(event["c"]) for _, event in journalled} | calls.keys())
    if wanted in call_ids:
        call_ids = [wanted]
    if len(call_ids) > 1:
        raise TooMany(f"{len(call_ids)} calls have that in an id: {', '.join(call_ids[:MOST])}")
    if not call_ids:
        raise NotFound("no call with that id, in the journal or the database")
    found = Followed(call_ids[0], [], missing=missing)
    events = {_key(event): ("journal", event) for _, event in journalled if event["c"] == found.call_id}
    call = calls.get(found.call_id)
    for event in call.events if call else ():
        events.setdefault(_key(event), ("postgres", event))
    sip_ids = {str(event["i"]) for _, event in events.values() if event.get("i")}
    found.sip_call_ids = sorted(sip_ids)
    found.rows = [_event_row(kept, event) for kept, event in events.values()]
    found.rows += _log_rows(state / "log", {found.call_id, *sip_ids})
    if call is not None:
        found.rows += _cdr_rows(call)
    found.rows.sort(key=lambda row: row.time)
    return found


def _journal(state: Path, wanted: str) -> Iterator[tuple[str, Event]]:
    """(segment, event) of what is on the disk still; it is deleted some time after ingestion."""
    for path in segments(state / "journal"):
        with contextlib.suppress(OSError):
            for _, _, event in read_segment(path):
                if event.get("c") and (wanted in str(event["c"]) or wanted in str(event.get("i"))):
                    yield segment_name(path), event


def _calls(wanted: str) -> list[Call]:
    """Our id by its index; a SIP Call-ID, or a part, by looking at every call."""
    exact = list(Call.objects.filter(pk=wanted))
    if exact:
        return exact
    rows = Call.objects.annotate(sip_ids=Cast("sip_call_ids", TextField()))
    return list(rows.filter(Q(pk__contains=wanted) | Q(sip_ids__contains=wanted))[: MOST + 1])


def _key(event: Event) -> str:
    return json.dumps(event, sort_keys=True)


def _event_row(kept: str, event: Event) -> Row:
    left_out = ("t", "m", "c", "e", "reasons")
    fields = {name: value for name, value in event.items() if name not in left_out and value is not None}
    at = datetime.fromtimestamp(int(event.get("t") or 0) / 1000, UTC)
    source = "ingest" if event.get("e") == "close" else "edge"
    return Row(moment(at) or "", source, str(event.get("e")), {**fields, "kept": kept})


def _log_rows(folder: Path, ids: set[str]) -> Iterator[Row]:
    """Lines of any process that name the call by either id, rotated files too."""
    for path in sorted(folder.glob("*.log*")):
        with contextlib.suppress(OSError), path.open(errors="replace") as lines:
            for text in lines:
                if any(one in text for one in ids) and (row := _log_row(text, ids)):
                    yield row


def _log_row(text: str, ids: set[str]) -> Row | None:
    with contextlib.suppress(ValueError):
        row = json.loads(text)
        if isinstance(row, dict) and ids & {row.get("call_id"), row.get("sip_call_id")}:
            fields = {n: v for n, v in row.items() if n not in ("time", "process", "event", "call_id")}
            return Row(str(row.get("time")), str(row.get("process")), f"log:{row.get('event')}", fields)
    return None


def _cdr_rows(call: Call) -> Iterator[Row]:
    fields = {
        "direction": call.direction,
        "code": call.sip_code,
        "hung_up_by": call.hung_up_by,
        "closed_by": call.closed_by,
        "talk_ms": call.talk_ms,
        "emergency_class": call.emergency_class,
        "trunk": call.trunk_name,
        "anomalies": call.anomalies or None,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    yield Row(moment(call.updated_at) or "", "ingest", "cdr written", known)
