"""PROCESS journal: makes segments durable every 200 ms, seals those of dead writers, raises the gap alarm.

The SIP workers never wait for a disk; what a power failure may take is what was written in the last
200 ms. Between calls this process sleeps.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path

from kiestoon.store.journal import (
    HEADER,
    MAGIC,
    Lost,
    end_of_records,
    is_sealed,
    lost_attempts,
    segment_name,
    segments,
)
from kiestoon.store.watch import SegmentWatch
from kiestoon.vocabulary.log_line import catch_uncaught, line

GATHER = 0.15
"""Seconds events are gathered after the first before they are synced: with the sync below 200 ms."""
LOOK_SECONDS = 2.0
IDLE_SECONDS = 10.0
"""How often dead writers and gaps are looked for while there are calls, and when there are none."""
HALF_MADE_SECONDS = 10.0
_ALARM_BYTES = 4096


class Synchroniser:
    """Syncs, seals and watches one directory; the only writer of alarm.json."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: set[str] = set()
        self._half_made: dict[str, float] = {}
        self._alarm = Alarm(directory / "alarm.json")

    def sync(self, names: set[str] | None = None) -> int:
        """fdatasync the segments of these names (all when None); returns how many."""
        done = 0
        for path in segments(self._directory):
            name = segment_name(path)
            if names is not None and name not in names:
                continue
            try:
                fd = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue
            try:
                os.fdatasync(fd)
            finally:
                os.close(fd)
            if name not in self._known:
                self._sync_directory()
                self._known.add(name)
            done += 1
        return done

    def _sync_directory(self) -> None:
        """A new file is durable only with its name."""
        fd = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def seal_dead(self) -> list[Path]:
        """Seal open segments whose writer is gone (an edge that was killed)."""
        sealed = []
        paths = segments(self._directory)
        self._known &= {segment_name(path) for path in paths}
        for path in paths:
            if is_sealed(path):
                continue
            with contextlib.suppress(FileNotFoundError, BlockingIOError):
                fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if done := self._seal(path, fd):
                        sealed.append(done)
                finally:
                    os.close(fd)
        return sealed

    def _seal(self, path: Path, fd: int) -> Path | None:
        """Seal one whose lock we hold; a file without a header is a writer's still being made."""
        if os.fstat(fd).st_nlink == 0 or not path.exists():
            return None  # its writer sealed it between our listing and our lock
        if os.pread(fd, HEADER, 0) != MAGIC:
            first_seen = self._half_made.setdefault(path.stem, time.monotonic())
            if time.monotonic() - first_seen > HALF_MADE_SECONDS:
                path.unlink()
            return None
        end = end_of_records(path)
        if lost_attempts(path) is None:
            os.ftruncate(fd, end)
        os.fdatasync(fd)
        return path.rename(path.with_suffix(".sealed"))

    def watch_gap(self) -> int:
        """Attempts not recorded, over all gaps the alarm names; new ones are added to it."""
        for path in segments(self._directory):
            with contextlib.suppress(OSError):
                lost = lost_attempts(path)
                if lost is not None and lost.attempts:
                    self._alarm.raise_gap(segment_name(path), lost)
        return self._alarm.attempts


class Alarm:
    """alarm.json: `{}` or the gaps, one per segment; stays until someone deletes it.

    Its place on the disk is taken beforehand and it is written in place: a full disk must not keep the
    alarm from being raised.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._gaps: dict[str, Lost] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            for name, row in json.loads(path.read_text()).get("gaps", {}).items():
                self._gaps[name] = Lost(*row)
        with contextlib.suppress(OSError):
            if not path.exists() or path.stat().st_size < _ALARM_BYTES:
                self._write()

    @property
    def attempts(self) -> int:
        return sum(gap.attempts for gap in self._gaps.values())

    def raise_gap(self, segment: str, lost: Lost) -> None:
        if not self._path.exists():
            self._gaps = {}  # acknowledged: deleted by the operator
        if self._gaps.get(segment) == lost:
            return
        self._gaps[segment] = lost
        with contextlib.suppress(OSError):
            self._write()
        text = line("journal", "error", "journal-gap", segment=segment, count=self.attempts)
        print(text, file=sys.stderr, flush=True)

    def _write(self) -> None:
        text = "{}"
        if self._gaps:
            row = {
                "alarm": "journal-gap",
                "attempts_not_recorded": self.attempts,
                "since_ms": min(gap.since for gap in self._gaps.values()),
                "last_ms": max(gap.until for gap in self._gaps.values()),
                "gaps": dict(list(self._gaps.items())[-40:]),
            }
            text = json.dumps(row)
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(fd, text.ljust(_ALARM_BYTES).encode(), 0)
        finally:
            os.close(fd)


def main() -> None:
    """Run until SIGTERM."""
    catch_uncaught("journal")
    directory = Path(os.environ["KIESTOON_STATE"]) / "journal"
    directory.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    watch = SegmentWatch(directory)
    synchroniser = Synchroniser(directory)
    synchroniser.sync()
    synchroniser.seal_dead()
    look_at, written = 0.0, False
    while True:
        names = watch.wait(max(0.0, look_at - time.monotonic()) if written else IDLE_SECONDS)
        if names is None or names:
            time.sleep(GATHER)
            more = watch.wait(0.0)
            synchroniser.sync(None if names is None or more is None else names | more)
            written = True
        if time.monotonic() >= look_at or not names:
            synchroniser.seal_dead()
            synchroniser.watch_gap()
            look_at, written = time.monotonic() + LOOK_SECONDS, False


if __name__ == "__main__":
    main()
