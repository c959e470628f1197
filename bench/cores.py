"""Which core runs what: the stack on one, everything that plays the world around it on the others."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.stack import processes
from bench.workload import with_descendants


def _pin(pids: Iterable[int], cores: set[int]) -> None:
    """All threads of the processes; one that has just ended is none."""
    for pid in pids:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    os.sched_setaffinity(int(thread), cores)


def supervisor() -> int:
    """The process that starts the stack's others again, which inherit its cores."""
    return int((Path(os.environ["KIESTOON_RUN"]) / "supervisord.pid").read_text())


@contextlib.contextmanager
def confined() -> Iterator[tuple[int, list[int]]]:
    """(the stack's core, the generators'); simulators and this process are generators. Needs two cores."""
    every = sorted(os.sched_getaffinity(0))
    if len(every) < 2:
        raise SystemExit(
            "kiestoon bench emergency: two cores are needed, one for the stack and one for its load."
        )
    mine, theirs = every[0], every[1:]
    ours = with_descendants([supervisor()])
    world = with_descendants(pid for name, pid in processes().items() if name.startswith("sim-"))
    _pin((pid for pid in ours if pid not in world), {mine})
    _pin(world, set(theirs))
    os.sched_setaffinity(0, set(theirs))
    try:
        yield mine, theirs
    finally:
        os.sched_setaffinity(0, set(every))
        _pin(with_descendants([supervisor()]), set(every))
