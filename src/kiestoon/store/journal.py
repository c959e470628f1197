"""The call journal: append-only local segments, one writer each, that survive kill -9 and a dead database.

A segment is preallocated, so that writing goes on when the disk is full. Layout: a 16-byte header
("KTJ1" and zeros), then records `u32 length, u32 crc32, JSON` in big endian; zeros follow the last.
A writer holds a lock (flock) on its segment as long as it lives: a process id may be used again, a lock
ends with its holder.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

MAGIC = b"KTJ1" + bytes(12)
HEADER = len(MAGIC)
_RECORD = struct.Struct(">II")
_NOTE = 64
"""Bytes at the end of a segment that say how many attempts were lost."""
_NOTE_MAGIC = b"KTJL"
MAX_RECORD = 1 << 20
"""No event is as long as this; a greater length is not a length."""
_CHUNK = 64 << 10

RESERVE_BYTES = 128 << 20
"""Preallocated per writer: 10 minutes at 100 calls/s at 1.6 kB per call is 96 MB, plus what was used."""
ROTATE_BYTES = 16 << 20

Event = dict[str, Any]

_decode = json.JSONDecoder(parse_constant=lambda _: None).decode
"""NaN and Infinity, which are no JSON, become null."""


class JournalFull(Exception):
    """The reserve is used up (or the disk fails): this event was not recorded."""


class Lost(NamedTuple):
    """Attempts not recorded, and the UTC ms of the first and the last of them."""

    attempts: int
    since: int
    until: int


class SegmentWriter:
    """Appends events to this process's segment; one write per event, no wait for the disk."""

    def __init__(
        self,
        directory: Path,
        reserve: int = RESERVE_BYTES,
        rotate: int = ROTATE_BYTES,
        before: Lost | None = None,
    ) -> None:
        """`before`: what was lost while no segment could be made; it is noted in this one.

        Raises OSError when there is no room for the reserve.
        """
        self._directory = directory
        self._reserve = reserve
        self._turn_at = rotate
        self._lost = Lost(0, 0, 0)
        self._any_lost = False
        self._ask_disk_at = 0.0
        self._path, self._fd = self._create()
        self._offset = HEADER
        if before is not None:
            self._lost, self._any_lost = before, True
            self._note_lost()

    @property
    def path(self) -> Path:
        """The segment being written."""
        return self._path

    def append(self, event: Event) -> None:
        """Write one event; raises JournalFull when neither the reserve nor the disk has room."""
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
        record = _RECORD.pack(len(body), zlib.crc32(body)) + body
        if self._offset > self._turn_at or not self._fits(record):
            self._turn_over()
        if not self._fits(record) or not self._write(record):
            self._count_lost(event)
            raise JournalFull(self._path.name)
        self._offset += len(record)

    def close(self) -> None:
        """Seal the segment; one that lost events keeps its full length and the note at its end."""
        with contextlib.suppress(OSError):
            if not self._any_lost:
                os.ftruncate(self._fd, self._offset)
            self._path.rename(self._path.with_suffix(".sealed"))
        os.close(self._fd)

    def _fits(self, record: bytes) -> bool:
        return self._offset + len(record) + _RECORD.size <= self._reserve - _NOTE

    def _write(self, record: bytes) -> bool:
        """Whether all of it was written; what was written in part is overwritten by the next event."""
        try:
            return os.pwrite(self._fd, record, self._offset) == len(record)
        except OSError:
            return False

    def _create(self) -> tuple[Path, int]:
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{time.time_ns():x}-{os.getpid()}.open"
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        try:
            # Locked before it has its header: without a header nobody takes it for a dead writer's.
            fcntl.flock(fd, fcntl.LOCK_EX)
            os.posix_fallocate(fd, 0, self._reserve)
            os.pwrite(fd, MAGIC, 0)
        except OSError:
            os.close(fd)
            path.unlink(missing_ok=True)
            raise
        return path, fd

    def _turn_over(self) -> None:
        """Begin a new segment while there is room for a whole reserve; else go on in this one."""
        if time.monotonic() < self._ask_disk_at:
            return
        try:
            path, fd = self._create()
        except OSError:
            self._ask_disk_at = time.monotonic() + 1.0
            return
        self.close()
        self._path, self._fd, self._offset = path, fd, HEADER
        self._lost, self._any_lost = Lost(0, 0, 0), False

    def _count_lost(self, event: Event) -> None:
        """Keep the number of lost attempts in the last bytes of the reserve, which are always there."""
        at = int(event.get("t") or 0)
        attempts = self._lost.attempts + (event.get("e") == "attempt")
        self._lost = Lost(attempts, self._lost.since or at, max(self._lost.until, at))
        self._any_lost = True
        self._note_lost()

    def _note_lost(self) -> None:
        note = _NOTE_MAGIC + json.dumps(self._lost, separators=(",", ":")).encode()
        with contextlib.suppress(OSError):
            os.pwrite(self._fd, note.ljust(_NOTE), self._reserve - _NOTE)


class Chunk(NamedTuple):
    """What one read of a segment gave: events (with their JSON text), the offset after the last, and
    whether more may follow."""

    events: list[tuple[Event, str]]
    offset: int
    more: bool


def read_chunk(path: Path, offset: int = 0, size: int = _CHUNK) -> Chunk:
    """The events from `offset` on, about `size` bytes of them; stops at the first incomplete record."""
    position = max(offset, HEADER)
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.pread(fd, size, position)
        length = _length(data, 0)
        if length and length + _RECORD.size > len(data):
            data = os.pread(fd, length + _RECORD.size, position)
    finally:
        os.close(fd)
    events: list[tuple[Event, str]] = []
    at = 0
    while True:
        length = _length(data, at)
        end = at + _RECORD.size + length
        if not length or end > len(data):
            break
        body = data[at + _RECORD.size : end]
        event = _event(body, data, at)
        if event is None:
            return Chunk(events, position + at, False)
        events.append((event, body.decode()))
        at = end
    return Chunk(events, position + at, bool(events) and len(data) >= size)


def _length(data: bytes, at: int) -> int:
    """Length of the record that begins at `at`; 0 when none does."""
    if at + _RECORD.size > len(data):
        return 0
    length = int(_RECORD.unpack_from(data, at)[0])
    return length if length <= MAX_RECORD else 0


def _event(body: bytes, data: bytes, at: int) -> Event | None:
    """The event in `body`, whose record begins at `at`; None when its checksum is wrong."""
    if zlib.crc32(body) != _RECORD.unpack_from(data, at)[1]:
        return None
    try:
        event = _decode(body.decode())
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def read_segment(path: Path, offset: int = 0) -> Iterator[tuple[int, int, Event]]:
    """Yield (offset, next offset, event) from `offset` on; stops at the first incomplete record."""
    with path.open("rb") as file:
        position = max(offset, HEADER)
        file.seek(position)
        while True:
            head = file.read(_RECORD.size)
            length = _length(head, 0)
            body = file.read(length)
            event = _event(body, head, 0) if length and len(body) == length else None
            if event is None:
                return
            following = position + _RECORD.size + length
            yield position, following, event
            position = following


def next_record(path: Path, position: int) -> int | None:
    """Offset of the first whole record after `position`; None when there is none.

    A power failure writes back pages in any order, so that a hole may come before whole records.
    """
    with path.open("rb") as file:
        try:
            start = os.lseek(file.fileno(), position, os.SEEK_DATA)
        except OSError:
            return None
        file.seek(max(position, start - _RECORD.size - 2))
        base = file.tell()
        data = file.read()
    at = data.find(b'{"')
    while at >= 0:
        head = at - _RECORD.size
        if head >= 0 and base + head > position:
            length = _length(data, head)
            if length and _event(data[at : at + length], data, head) is not None:
                return base + head
        at = data.find(b'{"', at + 1)
    return None


def end_of_records(path: Path) -> int:
    """Offset after the last whole record, whatever holes come before it."""
    end = HEADER
    while True:
        for _, following, _ in read_segment(path, end):
            end = following
        resumed = next_record(path, end)
        if resumed is None:
            return end
        end = resumed


def lost_attempts(path: Path) -> Lost | None:
    """What is noted in a segment whose reserve ran out; None when nothing was lost."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < HEADER + _NOTE:
            return None
        file.seek(-_NOTE, os.SEEK_END)
        note = file.read(_NOTE)
    if not note.startswith(_NOTE_MAGIC):
        return None
    try:
        attempts, since, until = json.loads(note[len(_NOTE_MAGIC) :].strip(b" \0"))
        return Lost(int(attempts), int(since), int(until))
    except (ValueError, TypeError):
        return None


def segments(directory: Path) -> list[Path]:
    """All segments, oldest first."""
    found = [p for p in directory.glob("*") if p.suffix in (".open", ".sealed")] if directory.is_dir() else []
    return sorted(found, key=lambda p: p.stem)


def is_sealed(path: Path) -> bool:
    return path.suffix == ".sealed"


def segment_name(path: Path) -> str:
    """The name events are identified by: the same before and after sealing."""
    return path.stem


INGESTED = "ingested.json"
"""What `ingest` has committed: {segment name: offset}; only for `pending`, PostgreSQL has the truth."""


def write_ingested(directory: Path, offsets: dict[str, int]) -> None:
    """Say what has been ingested, for `pending`; replaces the file in one step."""
    part = directory / (INGESTED + ".part")
    part.write_text(json.dumps(offsets))
    part.replace(directory / INGESTED)


def pending(directory: Path) -> tuple[int, float]:
    """(events not yet ingested, age in seconds of the oldest of them)."""
    offsets: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        offsets = json.loads((directory / INGESTED).read_text())
    count, oldest = 0, 0.0
    for path in segments(directory):
        with contextlib.suppress(OSError):
            found, first = _count(path, offsets.get(segment_name(path), HEADER))
            count += found
            if first is not None:
                oldest = max(oldest, time.time() - float(first.get("t") or 0) / 1000)
    return count, oldest


def _count(path: Path, offset: int) -> tuple[int, Event | None]:
    """Events from `offset` on, without reading their bodies, and the first of them."""
    count = 0
    with path.open("rb") as file:
        size, at = os.fstat(file.fileno()).st_size, offset
        file.seek(at)
        while (length := _length(file.read(_RECORD.size), 0)) and at + _RECORD.size + length <= size:
            at += _RECORD.size + length
            file.seek(length, os.SEEK_CUR)
            count += 1
    first = next((event for _, _, event in read_segment(path, offset)), None)
    return (count, first) if first is not None else (0, None)
