"""Restarts one second apart, for ever: what each start leaves for the next and for `status`.

supervisord waits longer after each failure and gives up in the end; a telephone network does neither.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from kiestoon.stack.layout import Layout

QUICK = 2.0
"""A process that lives shorter than this, in seconds, did not really start."""
FAILED_AFTER = 5


def _path(layout: Layout, name: str) -> Path:
    return layout.run / f"{name}.starts"


def _read(layout: Layout, name: str) -> tuple[float, int]:
    try:
        row = json.loads(_path(layout, name).read_text())
        return float(row["at"]), int(row["quick"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0, 0


def pace(layout: Layout, name: str) -> None:
    """Called at each start: waits when the last one was less than a second ago, and counts."""
    at, quick = _read(layout, name)
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    quick = quick + 1 if 0 <= now - at < QUICK else 0
    if quick > 1:
        time.sleep(max(0.0, 1.0 - (now - at)))
    row = {"at": time.clock_gettime(time.CLOCK_BOOTTIME), "quick": quick}
    _path(layout, name).write_text(json.dumps(row))


def crash_loop(layout: Layout, name: str) -> str | None:
    """`failed` or `starting` when the process keeps ending right after its start."""
    at, quick = _read(layout, name)
    if not quick or time.clock_gettime(time.CLOCK_BOOTTIME) - at > QUICK:
        return None
    return "failed" if quick >= FAILED_AFTER else "starting"


def forget(layout: Layout) -> None:
    for path in layout.run.glob("*.starts"):
        path.unlink(missing_ok=True)
