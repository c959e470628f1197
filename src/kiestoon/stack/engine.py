"""What supervisord starts: makes the ground ready, then becomes the engine, so that the pid is its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

from kiestoon.stack import engine_log, processes
from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import Program, engines, simulators
from kiestoon.stack.restarts import pace
from kiestoon.vocabulary.log_line import catch_uncaught

BUSINESS_NICE = 10
"""A tenth of the processor against a busy call plane (Linux); all of it when there are no calls."""


def left_behind(program: Program) -> list[int]:
    """Processes with this very command: children of an engine that was killed, still holding its ports.

    Only in our network namespace: elsewhere it is another stack's engine (a test beside a running operator).
    """
    wanted = " ".join(program.command)
    here = _network(os.getpid())
    return [
        pid
        for pid in processes.pids()
        if pid != os.getpid() and processes.command_of(pid) == wanted and _network(pid) == here
    ]


def _network(pid: int) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/net")
    return ""


def main(name: str) -> None:
    layout = Layout.from_environment()
    catch_uncaught(name)
    program = next(one for one in engines(layout) + simulators() if one.name == name)
    pace(layout, name)
    if program.alone:
        processes.end(left_behind(program), patience=1.0)
    for path in program.stale:
        path.unlink(missing_ok=True)
    if program.prepare:
        subprocess.run(program.prepare, check=True, stdout=subprocess.DEVNULL)
    os.environ |= {"KIESTOON_PROCESS": name, "PROMETHEUS_MULTIPROC_DIR": str(layout.counters)}
    if program.business:
        os.nice(BUSINESS_NICE)
    if name in engine_log.READERS:
        engine_log.divert(name)
    os.execv(program.command[0], program.command)


if __name__ == "__main__":
    main(sys.argv[1])
