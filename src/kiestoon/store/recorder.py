"""A process's side of the call journal (edge, attendant): one writer, opened at the first event."""

from __future__ import annotations

import errno
import time
from pathlib import Path
from typing import Any

from kiestoon.store.journal import JournalFull, Lost, SegmentWriter

RETRY_SECONDS = 5.0


class Recorder:
    """Never raises: a call does not fail because it could not be recorded. What is lost is counted."""

    def __init__(self, directory: Path, reserve: int, rotate: int) -> None:
        self._directory = directory
        self._reserve = reserve
        self._rotate = rotate
        self._writer: SegmentWriter | None = None
        self._retry_at = 0.0
        self._before: Lost | None = None
        """What was lost while no segment could be made; the first that can be made notes it."""
        self.lost = 0

    def event(self, kind: str, call_id: str, sip_call_id: str, **fields: Any) -> None:
        """Append one event; see docs/architecture.md for the kinds."""
        row = {
            "e": kind,
            "t": time.time_ns() // 1_000_000,
            "m": time.monotonic_ns() // 1_000_000,
            "c": call_id,
            "i": sip_call_id,
            **fields,
        }
        try:
            if self._writer is None:
                self._writer = self._open()
            self._writer.append(row)
        except JournalFull:
            self.lost += 1
        except OSError:
            self.lost += 1
            known = self._before or Lost(0, row["t"], 0)
            self._before = Lost(known.attempts + (kind == "attempt"), known.since, row["t"])

    def _open(self) -> SegmentWriter:
        """Raises OSError when the disk has no room for a reserve; asked again after RETRY_SECONDS."""
        if time.monotonic() < self._retry_at:
            raise OSError(errno.ENOSPC, "asked a moment ago")
        try:
            return SegmentWriter(self._directory, self._reserve, self._rotate, self._before)
        except OSError:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            raise
