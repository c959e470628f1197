"""The edge's side of the call journal: one writer per process, opened at the first event."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from kiestoon.store.journal import JournalFull, SegmentWriter

RETRY_SECONDS = 5.0


class Recorder:
    """Never raises: a call does not fail because it could not be recorded. What is lost is counted."""

    def __init__(self, directory: Path, reserve: int, rotate: int) -> None:
        self._directory = directory
        self._reserve = reserve
        self._rotate = rotate
        self._writer: SegmentWriter | None = None
        self._retry_at = 0.0
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
                if time.monotonic() < self._retry_at:
                    self.lost += 1
                    return
                self._writer = SegmentWriter(self._directory, self._reserve, self._rotate)
            self._writer.append(row)
        except JournalFull:
            self.lost += 1
        except OSError:
            self.lost += 1
            self._retry_at = time.monotonic() + RETRY_SECONDS
