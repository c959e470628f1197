"""The routing store's ported numbers: a file of its own, millions of rows, published in batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS ported (
  number INTEGER PRIMARY KEY, routing_number TEXT NOT NULL) WITHOUT ROWID
"""
BATCH = 2000


class PortedPublisher:
    """Writes ported numbers; short transactions, so that readers' log stays small."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def publish(self, rows: Iterable[tuple[str, str | None]]) -> int:
        """Set (E.164, routing number) pairs; None removes one. Returns how many rows were handled."""
        total = 0
        batch: list[tuple[int, str | None]] = []
        for e164, routing_number in rows:
            batch.append((int(e164.removeprefix("+")), routing_number))
            if len(batch) == BATCH:
                total += self._write(batch)
                batch = []
        return total + self._write(batch)

    def _write(self, batch: list[tuple[int, str | None]]) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        keep = [(n, r) for n, r in batch if r is not None]
        gone = [(n,) for n, r in batch if r is None]
        self._connection.executemany("INSERT OR REPLACE INTO ported VALUES (?, ?)", keep)
        self._connection.executemany("DELETE FROM ported WHERE number = ?", gone)
        self._connection.execute("COMMIT")
        return len(batch)
