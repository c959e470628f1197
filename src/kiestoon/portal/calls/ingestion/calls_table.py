"""Events of calls → rows of calls_call, within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import psycopg

from kiestoon.domain.calls.fold import fold
from kiestoon.portal.calls.ingestion import outbox, statements
from kiestoon.portal.calls.ingestion.batches import Journalled
from kiestoon.portal.calls.ingestion.counters import Progress
from kiestoon.portal.calls.ingestion.outbox import Known
from kiestoon.store.journal import Event
from kiestoon.vocabulary.cdr import Cdr

Cursor = psycopg.Cursor[Any]
MAX_KNOWN = 20_000
_ALL = tuple(f.name for f in fields(Cdr) if f.name != "stages")
_HAPPENED = tuple(name for name in _ALL if name not in statements.DECIDED)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class CallsTable:
    """Folds and writes. Remembers the events of open calls to save reading them; never relies on it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[list[Event], Known]] = {}
        self._pending: dict[str, tuple[list[Event], Known] | None] = {}
        self._before: dict[str, Known] = {}
        self._happened: dict[str, list[dict[str, Any]]] | None = None
        """Of the calls of this batch, for webhooks; None when there are none."""
        self._progress = Progress()

    def apply(self, cursor: Cursor, journalled: Iterable[Journalled]) -> None:
        """Add events to their calls. What cannot be kept goes to calls_unreadable."""
        by_call: dict[str, list[Journalled]] = {}
        for row in journalled:
            by_call.setdefault(clean(str(row.event["c"])), []).append(row)
        if not by_call:
            return
        before = self._events_before(cursor, list(by_call))
        self._happened = {} if outbox.has_readers(cursor) else None
        begun, going_on = [], []
        new: list[Cdr] = []
        for call_id, added in by_call.items():
            old = before.get(call_id, [])
            events = [*old, *(row.event for row in added)]
            texts = [row.text for row in added]
            ended_before = _ends(old)
            try:
                if any(event.get("e") == "attempt" for event in old):
                    cdr, text = self._row(call_id, events, texts, _HAPPENED)
                    going_on.append(text)
                else:
                    texts = [*(_encode(event) for event in old), *texts]
                    cdr, text = self._row(call_id, events, texts, _ALL)
                    begun.append(text)
                    new.append(cdr)
                if not ended_before and _ends(events):
                    self._progress.ended.append((cdr, events))
            except Exception as error:  # whatever it is: one event must not stop all that follow
                self._set_aside(cursor, call_id, added, error)
        try:
            with cursor.connection.transaction():
                _execute(cursor, statements.UPSERT_CALLS, begun)
                _execute(cursor, statements.UPDATE_CALLS, going_on)
        except psycopg.DataError:
            self._one_by_one(cursor, before, by_call)
        self._progress.begun += new
        outbox.write_emergencies(cursor, new)
        if self._happened:
            outbox.write(cursor, [row for rows in self._happened.values() for row in rows])

    def committed(self) -> None:
        """The transaction is in PostgreSQL: what was written may be remembered."""
        for call_id, written in self._pending.items():
            if written is None:
                self._known.pop(call_id, None)
            else:
                self._known[call_id] = written
        self._pending.clear()
        self._progress.count()
        while len(self._known) > MAX_KNOWN:
            self._known.pop(next(iter(self._known)))

    def forget(self) -> None:
        """The transaction failed: PostgreSQL alone knows what is there."""
        self._known.clear()
        self._pending.clear()
        self._progress.forget()

    def _events_before(self, cursor: Cursor, call_ids: list[str]) -> dict[str, list[Event]]:
        """What has been written of these calls."""
        known = {call_id: self._known[call_id] for call_id in call_ids if call_id in self._known}
        unknown = [call_id for call_id in call_ids if call_id not in known]
        if unknown:
            cursor.execute(statements.EVENTS_OF, (unknown,))
            for call_id, events, answered, ended_at, talk_ms, code in cursor.fetchall():
                ended = None if ended_at is None else (ended_at, talk_ms, code)
                known[call_id] = (events, Known(answered, ended))
        self._before = {call_id: written for call_id, (_, written) in known.items()}
        return {call_id: events for call_id, (events, _) in known.items()}

    def _row(
        self, call_id: str, events: list[Event], texts: list[str], names: tuple[str, ...]
    ) -> tuple[Cdr, str]:
        """The CDR, and its row as JSON; the texts of the events as they are in the journal."""
        cdr = fold(call_id, events)
        self._pending[call_id] = (events, outbox.known_of(cdr)) if cdr.ended_at is None else None
        if self._happened is not None:
            self._happened[call_id] = outbox.happened(cdr, self._before.get(call_id))
        row: dict[str, Any] = {name: getattr(cdr, name) for name in names}
        row["stages"] = [leg.as_dict() for leg in cdr.stages]
        return cdr, f'{_encode(row)[:-1]},"events":[{",".join(texts)}]}}'

    def _one_by_one(
        self, cursor: Cursor, before: dict[str, list[Event]], by_call: dict[str, list[Journalled]]
    ) -> None:
        """One event PostgreSQL refuses must not stop the others."""
        for call_id, added in by_call.items():
            events = [*before.get(call_id, []), *(row.event for row in added)]
            try:
                with cursor.connection.transaction():
                    texts = [json.dumps(event) for event in events]
                    _execute(cursor, statements.UPSERT_CALLS, [self._row(call_id, events, texts, _ALL)[1]])
            except Exception as error:
                if isinstance(error, psycopg.Error) and not isinstance(error, psycopg.DataError):
                    raise
                self._set_aside(cursor, call_id, added, error)

    def _set_aside(self, cursor: Cursor, call_id: str, added: list[Journalled], error: Exception) -> None:
        self._pending[call_id] = None
        if self._happened:
            self._happened.pop(call_id, None)
        for row in added:
            values = (row.segment, clean(row.text), type(error).__name__)
            cursor.execute(statements.INSERT_UNREADABLE, values)


def _ends(events: Iterable[Event]) -> bool:
    return any(
        event.get("e") in ("fail", "bye", "close") or event.get("outcome") == "reject" for event in events
    )


def _execute(cursor: Cursor, statement: str, rows: list[str]) -> None:
    if rows:
        cursor.execute(statement, (clean(f"[{','.join(rows)}]"),))


def clean(text: str) -> str:
    """Text that PostgreSQL accepts: it knows no NUL, and no half of a surrogate pair."""
    text = text.replace("\\u0000", "").replace("\0", "")
    return text if text.isascii() else text.encode(errors="replace").decode()
