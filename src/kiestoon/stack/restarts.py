"""Restarts one second apart, for ever: what each start leaves for the next and for `status`.

supervisord waits longer after each failure and gives up in the end; a telephone network does neither.
"""

from __future__ import annotations

import json
import time

from kiestoon.adapters.supervisor import QUICK, read_starts, starts_file
from kiestoon.stack.layout import Layout


def pace(layout: Layout, name: str) -> None:
    """Called at each start: waits when the last one was less than a second ago, and counts."""
    at, quick = read_starts(layout.run, name)
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    quick = quick + 1 if 0 <= now - at < QUICK else 0
    if quick > 1:
        time.sleep(max(0.0, 1.0 - (now - at)))
    row = {"at": time.clock_gettime(time.CLOCK_BOOTTIME), "quick": quick}
    starts_file(layout.run, name).write_text(json.dumps(row))


def forget(layout: Layout) -> None:
    for path in layout.run.glob("*.starts"):
        path.unlink(missing_ok=True)
