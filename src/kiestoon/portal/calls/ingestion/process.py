"""The loop: wait for the journal, take a batch, commit it together with how far it goes."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from kiestoon.portal.calls.ingestion import statements
from kiestoon.portal.calls.ingestion.batches import Batch, JournalReader
from kiestoon.portal.calls.ingestion.calls_table import CallsTable
from kiestoon.portal.calls.ingestion.notes import split, write_gaps, write_notes
from kiestoon.portal.calls.ingestion.reconcile import Reconciliation
from kiestoon.store.journal import HEADER, segment_name, segments, write_ingested
from kiestoon.store.watch import SegmentWatch
from kiestoon.vocabulary.log_line import Fields, note

log = logging.getLogger("kiestoon.ingest")

GATHER_SECONDS = 0.4
"""After the first event of a quiet time."""
PAUSE_SECONDS, BUSY_PAUSE_SECONDS = 0.6, 2.0
"""Between batches while there are few calls, and many: fewer, larger transactions cost less."""
BUSY_EVENTS = 100
RETRY_SECONDS = (0.2, 0.5, 1.0)
LOCK = 0x4B54_4A31
"""Advisory lock: one ingest at a time."""

Connect = Callable[[], "psycopg.Connection[Any]"]


class OvertakenError(Exception):
    """Another process has moved a segment on: read the offsets anew."""


class Ingestion:
    """One journal directory into one database."""

    def __init__(
        self, directory: Path, connect: Connect, reconciliation: Reconciliation | None = None
    ) -> None:
        self._directory = directory
        self._connect = connect
        self._reconciliation = reconciliation
        self._calls = CallsTable()
        self._connection: psycopg.Connection[Any] | None = None
        self._reader = JournalReader(directory, {})

    def drain(self) -> int:
        """Ingest all there is now; returns the number of events. Raises psycopg.Error when it cannot."""
        count = 0
        while True:
            connection = self.ready()
            batch = self._reader.read()
            if not batch:
                return count
            self._commit(connection, batch)
            count += len(batch.events)
            if not batch.more:
                return count

    def run(self) -> None:
        """For ever. Without PostgreSQL it waits: the journal keeps what there is."""
        self._directory.mkdir(parents=True, exist_ok=True)
        watch = SegmentWatch(self._directory)
        failures = 0
        while True:
            try:
                taken = self.drain()
                if self._reconciliation is not None:
                    self._reconciliation.when_due(self.ready(), self._calls)
                failures = 0
            except (psycopg.Error, OvertakenError, OSError) as error:
                self.close()
                if failures == 0:
                    note(log, logging.WARNING, "ingest-waiting", **_brief(error))
                time.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
                continue
            if taken:
                time.sleep(BUSY_PAUSE_SECONDS if taken >= BUSY_EVENTS else PAUSE_SECONDS)
                continue
            waiting = self._reconciliation.seconds_left() if self._reconciliation else 30.0
            changed = watch.wait(waiting)
            if changed is None or changed:
                time.sleep(GATHER_SECONDS)

    def ready(self) -> psycopg.Connection[Any]:
        """A connection that holds the lock, with the offsets read since it was made."""
        if self._connection is not None and not self._connection.closed:
            return self._connection
        self._calls.forget()
        connection = self._connect()
        try:
            connection.execute("SET application_name = 'kiestoon-ingest'")
            self._lock(connection)
            self._reader = JournalReader(self._directory, self._offsets(connection))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._write_state()
        return connection

    def _lock(self, connection: psycopg.Connection[Any]) -> None:
        """Held as long as the connection: a second ingest waits here."""
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))

    def _offsets(self, connection: psycopg.Connection[Any]) -> dict[str, int]:
        """Where to read on. A finished segment whose file is still there was to be deleted: do it now."""
        present = {segment_name(path): path for path in segments(self._directory)}
        offsets = {}
        for name, read_to, finished in connection.execute(statements.OFFSETS).fetchall():
            if finished:
                if name in present:
                    present[name].unlink(missing_ok=True)
            else:
                offsets[name] = read_to
        connection.execute(statements.FORGET_SEGMENTS, (list(present),))
        return offsets

    def _commit(self, connection: psycopg.Connection[Any], batch: Batch) -> None:
        calls, others = split(batch)
        try:
            with connection.transaction(), connection.cursor() as cursor:
                self._claim(cursor, batch)
                self._calls.apply(cursor, calls)
                if others:
                    write_notes(cursor, others)
                write_gaps(cursor, batch)
        except BaseException:
            self._calls.forget()
            raise
        self._calls.committed()
        self._reader.committed(batch)
        self._write_state()
        for name, lost in batch.lost.items():
            note(log, logging.ERROR, "journal-gap", segment=name, count=lost.attempts)
        for damage in batch.damage:
            note(log, logging.ERROR, "journal-damaged", segment=damage.segment, bytes=damage.bytes)

    def _claim(self, cursor: psycopg.Cursor[Any], batch: Batch) -> None:
        """Move the segments on, first of all: so two processes cannot take the same events."""
        rows = [
            {"name": name, "before": before, "after": after, "finished": name in batch.finished}
            for name, (before, after) in batch.moved.items()
        ]
        cursor.execute(statements.CLAIM_SEGMENTS, (json.dumps(rows), HEADER))
        if len(cursor.fetchall()) != len(rows):
            raise OvertakenError

    def _write_state(self) -> None:
        present = {segment_name(path) for path in segments(self._directory)}
        self._reader.offsets = {n: o for n, o in self._reader.offsets.items() if n in present}
        try:
            write_ingested(self._directory, self._reader.offsets)
        except OSError as error:
            note(log, logging.WARNING, "ingested-not-noted", **_brief(error))

    def close(self) -> None:
        """Give up the connection; the next use makes another and reads anew where to go on."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _brief(error: Exception) -> Fields:
    """What went wrong, and never a value: an event holds numbers."""
    fields: Fields = {"error": type(error).__name__}
    if isinstance(error, psycopg.Error) and error.sqlstate:
        fields["code"] = error.sqlstate
    return fields
