"""Events of calls → rows of calls_call, within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import psycopg

from kiestoon.domain.calls.fold import fold
from kiestoon.portal.calls.ingestion import statements
from kiestoon.store.journal import Event
from kiestoon.vocabulary.cdr import Cdr

Cursor = psycopg.Cursor[Any]
MAX_KNOWN = 20_000
_PLAIN = tuple(f.name for f in fields(Cdr) if f.name != "stages")


class CallsTable:
    """Folds and writes. Remembers the events of open calls to save reading them; never relies on it."""

    def __init__(self) -> None:
        self._known: dict[str, list[Event]] = {}
        self._pending: dict[str, list[Event] | None] = {}

    def apply(self, cursor: Cursor, events: Iterable[tuple[str, Event]]) -> None:
        """Add (segment, event) pairs to their calls. What cannot be kept goes to calls_unreadable."""
        by_call: dict[str, list[tuple[str, Event]]] = {}
        for segment, event in events:
            call_id = str(event["c"])
            by_call.setdefault(call_id, []).append((segment, without(event, "c")))
        if not by_call:
            return
        old = self._events_of(cursor, [call_id for call_id in by_call if call_id not in self._known])
        rows = {}
        for call_id, added in by_call.items():
            before = self._known.get(call_id) or old.get(call_id, [])
            rows[call_id] = self._row(call_id, [*before, *(event for _, event in added)])
        try:
            with cursor.connection.transaction():
                cursor.execute(statements.UPSERT_CALLS, (_text(list(rows.values())),))
        except psycopg.DataError:
            self._one_by_one(cursor, rows, by_call)

    def committed(self) -> None:
        """The transaction is in PostgreSQL: what was written may be remembered."""
        for call_id, events in self._pending.items():
            if events is None:
                self._known.pop(call_id, None)
            else:
                self._known[call_id] = events
        self._pending.clear()
        while len(self._known) > MAX_KNOWN:
            self._known.pop(next(iter(self._known)))

    def forget(self) -> None:
        """The transaction failed: PostgreSQL alone knows what is there."""
        self._known.clear()
        self._pending.clear()

    def _events_of(self, cursor: Cursor, call_ids: list[str]) -> dict[str, list[Event]]:
        if not call_ids:
            return {}
        cursor.execute(statements.EVENTS_OF, (call_ids,))
        return {call_id: with_reasons(events, reasons) for call_id, events, reasons in cursor}

    def _row(self, call_id: str, events: list[Event]) -> dict[str, Any]:
        cdr = fold(call_id, events)
        self._pending[call_id] = events if cdr.ended_at is None else None
        row: dict[str, Any] = {name: getattr(cdr, name) for name in _PLAIN}
        row["stages"] = [leg.as_dict() for leg in cdr.stages]
        row["events"] = [without_reasons(event) for event in events]
        return row

    def _one_by_one(
        self, cursor: Cursor, rows: dict[str, dict[str, Any]], added: dict[str, list[tuple[str, Event]]]
    ) -> None:
        """One event PostgreSQL refuses must not stop the others."""
        for call_id, row in rows.items():
            try:
                with cursor.connection.transaction():
                    cursor.execute(statements.UPSERT_CALLS, (_text([row]),))
            except psycopg.DataError as error:
                self._pending[call_id] = None
                for segment, event in added[call_id]:
                    values = (segment, _text(event), type(error).__name__)
                    cursor.execute(statements.INSERT_UNREADABLE, values)


def without_reasons(event: Event) -> Event:
    """An event as kept: the attempt's reasons have a column of their own."""
    return without(event, "reasons") if event.get("e") == "attempt" else event


def with_reasons(events: list[Event], reasons: list[Any]) -> list[Event]:
    """Events as they were journalled (but for the call_id), from the columns."""
    return [{**e, "reasons": reasons} if e.get("e") == "attempt" else e for e in events]


def without(event: Event, name: str) -> Event:
    return {key: value for key, value in event.items() if key != name}


def _text(value: Any) -> str:
    """JSON that PostgreSQL accepts: it knows no NUL in text, and no half of a surrogate pair."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("\\u0000", "")
    return text if text.isascii() else text.encode(errors="replace").decode()
