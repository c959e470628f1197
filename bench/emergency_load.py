"""Ordinary calls beside the emergency calls: how many a second one core carries, and any multiple of that."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.cores import supervisor
from bench.stack import processes
from bench.workload import CALLEE, CALLER, HERE, SHAPES, Sipp, run, with_descendants

FIRST_RATE = 60
STEP = 1.25
SECONDS = 8
CARRIED = 0.99
"""Share of the calls that must go through."""
SETUP_MS = 500.0
"""p95 of what goes through: longer, and callers would say that it does not."""


class Capacity(NamedTuple):
    """`limit`: what ended the search: the rate that was too much, and why."""

    calls_a_second: float
    limit: str


def registered() -> None:
    """The bench's telephones register."""
    run("regcallees", [], 100, 1000)


def measure_capacity() -> Capacity:
    """The highest rate of ordinary calls (W2: signed in, answered, one second) that goes through."""
    rate, carried = float(FIRST_RATE), 0.0
    while True:
        pids = with_descendants([supervisor(), processes()["edge"]])
        row = run("w2", pids, rate, int(rate * SECONDS))
        slow = row["setup_ms"].get("p95", float("inf"))
        if row["success"] < CARRIED or slow > SETUP_MS:
            why = f"{rate:.0f}/s: {row['success'] * 100:.1f} % went through, p95 {slow:.0f} ms"
            return Capacity(carried or rate / STEP, why)
        rate, carried = rate * STEP, rate


@contextlib.contextmanager
def loaded(rate: float) -> Iterator[dict[str, float]]:
    """W2 at this rate for as long as it lasts, whether it succeeds or not.

    What became of it is in the dictionary afterwards: calls `made` and gone through (`ok`) a second.
    """
    found: dict[str, float] = {}
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="kiestoon-bench."))
    (folder / "media").symlink_to(HERE / "media")
    shape = SHAPES["w2"]
    assert shape.callee is not None
    endless = ["-inf", str(HERE / shape.users), "-r", str(rate), "-l", "4000", "-m", "100000000"]
    endless += ["-mi", CALLER, "-mp", "6000"]
    callee = Sipp(folder, "uas", "127.0.0.1:5060", shape.callee, CALLEE, 5070, ["-mi", CALLEE, "-mp", "6100"])
    caller = Sipp(folder, "uac", "127.0.0.1:5060", shape.scenario, shape.ip, shape.port, endless)
    for sipp in (callee, caller):
        os.setpriority(os.PRIO_PROCESS, sipp.process.pid, 5)  # the people who dial 112 are measured, not it
    try:
        yield found
    finally:
        died = caller.process.poll() is not None
        seconds = time.monotonic() - begun
        caller.stop()
        counts = caller.counts()
        found |= {
            name: round(counts.get(key, 0) / seconds, 1) for name, key in (("made", "created"), ("ok", "ok"))
        }
        if died:
            found["died"] = 1.0
        callee.stop()
        shutil.rmtree(folder, ignore_errors=True)
