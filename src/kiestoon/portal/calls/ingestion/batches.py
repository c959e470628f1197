"""Batches of journal events, read on from where PostgreSQL says reading stopped."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kiestoon.store.journal import (
    HEADER,
    Event,
    Lost,
    is_sealed,
    lost_attempts,
    next_record,
    read_chunk,
    segment_name,
    segments,
)

MAX_EVENTS = 4_000
"""Events in one transaction, about; a long backlog goes in several."""
CHUNK_BYTES = 256 << 10


class Journalled(NamedTuple):
    """An event, the segment it is from and its JSON text there."""

    segment: str
    event: Event
    text: str


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a sealed segment that hold no whole record."""

    segment: str
    at_byte: int
    bytes: int


@dataclass(slots=True)
class Batch:
    """What one transaction takes: all of it is committed, or none."""

    events: list[Journalled] = field(default_factory=list)
    moved: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Segment → (offset before, offset after)."""
    finished: dict[str, Path] = field(default_factory=dict)
    """Sealed segments that end with this batch."""
    lost: dict[str, Lost] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)
    more: bool = False
    """Whether the journal held more than went into this batch."""

    def __bool__(self) -> bool:
        return bool(self.events or self.finished or self.damage)


class JournalReader:
    """Reads a journal directory; `offsets` (segment → offset) move only when a batch was committed."""

    def __init__(self, directory: Path, offsets: dict[str, int]) -> None:
        self._directory = directory
        self.offsets = offsets

    def read(self) -> Batch:
        """The next batch; reads each segment, oldest first, until the batch is full."""
        batch = Batch()
        for path in segments(self._directory):
            if len(batch.events) >= MAX_EVENTS:
                batch.more = True
                break
            with contextlib.suppress(FileNotFoundError):  # renamed since it was listed: next time
                self._read_one(path, batch)
        return batch

    def committed(self, batch: Batch) -> None:
        """Move on, and delete the files of segments that are wholly in PostgreSQL now."""
        for name, (_, after) in batch.moved.items():
            self.offsets[name] = after
        for name, path in batch.finished.items():
            path.unlink(missing_ok=True)
            self.offsets.pop(name, None)

    def _read_one(self, path: Path, batch: Batch) -> None:
        name, sealed = segment_name(path), is_sealed(path)
        before = at = max(self.offsets.get(name, HEADER), HEADER)
        while True:
            chunk = read_chunk(path, at, CHUNK_BYTES)
            at = chunk.offset
            batch.events.extend(Journalled(name, *row) for row in chunk.events)
            if len(batch.events) >= MAX_EVENTS and chunk.more:
                batch.more = True
                break
            if chunk.more:
                continue
            if not sealed:
                break
            resumed = next_record(path, at)
            if resumed is None:
                self._finish(path, at, batch)
                break
            batch.damage.append(Damage(name, at, resumed - at))
            at = resumed
        if at != before or name in batch.finished:
            batch.moved[name] = (before, at)

    def _finish(self, path: Path, at: int, batch: Batch) -> None:
        """The end of a sealed segment: what it lost, and what cannot be read of it."""
        name = segment_name(path)
        lost = lost_attempts(path)
        if lost is not None:
            batch.lost[name] = lost
        elif (left := os.stat(path).st_size - at) > 0 and _any_byte(path, at):
            batch.damage.append(Damage(name, at, left))
        batch.finished[name] = path


def _any_byte(path: Path, start: int) -> bool:
    """Whether anything but zeros follows."""
    with path.open("rb") as file:
        file.seek(start)
        while data := file.read(1 << 20):
            if data.strip(b"\0"):
                return True
    return False
