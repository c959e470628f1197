"""PROCESS journal: makes segments durable every 200 ms, seals those of dead writers, raises the gap alarm.

The SIP workers never wait for a disk; what a power failure may take is what was written in the last
200 ms.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from kiestoon.store.journal import HEADER, is_sealed, lost_attempts, read_segment, segments

INTERVAL = 0.2


class Synchroniser:
    """Keeps what it knows of each segment: modification time at the last sync."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._synced: dict[str, int] = {}
        self._alarm = directory / "alarm.json"

    def sync(self) -> int:
        """fdatasync every segment written to since the last time; returns how many."""
        done = 0
        for path in segments(self._directory):
            try:
                modified = path.stat().st_mtime_ns
                if self._synced.get(path.stem) == modified:
                    continue
                fd = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue
            try:
                os.fdatasync(fd)
            finally:
                os.close(fd)
            self._synced[path.stem] = modified
            done += 1
        return done

    def seal_dead(self) -> list[Path]:
        """Seal open segments whose writer is gone (an edge that was killed)."""
        sealed = []
        for path in segments(self._directory):
            if is_sealed(path) or _alive(int(path.stem.rpartition("-")[2])):
                continue
            end = HEADER
            for _, following, _ in read_segment(path):
                end = following
            lost = lost_attempts(path)
            if lost is None:
                os.truncate(path, end)
            sealed.append(path.rename(path.with_suffix(".sealed")))
        return sealed

    def watch_gap(self) -> int:
        """Attempts not recorded, summed over the segments; a gap is named in alarm.json."""
        total, last = 0, 0
        for path in segments(self._directory):
            with contextlib.suppress(OSError):
                lost = lost_attempts(path)
                if lost is not None:
                    total, last = total + lost[0], max(last, lost[1])
        if total:
            text = json.dumps({"alarm": "journal-gap", "attempts_not_recorded": total, "last_ms": last})
            with contextlib.suppress(OSError):
                self._alarm.write_text(text)
        return total


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> None:
    """Run until SIGTERM."""
    directory = Path(os.environ["KIESTOON_STATE"]) / "journal"
    directory.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    synchroniser = Synchroniser(directory)
    turn = 0
    while True:
        started = time.monotonic()
        synchroniser.sync()
        if turn % 10 == 0:
            synchroniser.seal_dead()
            synchroniser.watch_gap()
        turn += 1
        time.sleep(max(0.0, INTERVAL - (time.monotonic() - started)))


if __name__ == "__main__":
    main()
