"""Ways to break a running stack, and to mend it again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from bench import workload
from kiestoon.stack import processes
from kiestoon.stack.layout import Layout
from kiestoon.stack.private import ROOT, PrivateStack
from kiestoon.stack.watcher import Watcher


def layout(stack: PrivateStack) -> Layout:
    return Layout(stack.state, stack.run, ROOT)


@contextlib.contextmanager
def stopped(stack: PrivateStack, *names: str) -> Iterator[None]:
    """These processes are stopped, as by an operator, and started again afterwards."""
    with contextlib.closing(Watcher(layout(stack))) as watcher:
        for name in names:
            watcher.stop(name)
    try:
        yield
    finally:
        with contextlib.closing(Watcher(layout(stack))) as watcher:
            watcher.start(*names)
        running(stack, *names)


def running(stack: PrivateStack, *names: str, seconds: float = 20) -> None:
    """Wait until these processes answer."""
    from kiestoon.stack import probes

    asked = probes.all_probes(layout(stack))
    for name in names:
        if name in asked:
            assert probes.wait(asked[name], seconds), f"{name} did not come back"


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    children: dict[int, list[int]] = {}
    for one in processes.pids():
        with contextlib.suppress(OSError, IndexError):
            parent = int(Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(one)
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return found


def kill_9(stack: PrivateStack, name: str) -> None:
    """The whole process dies at once; the watcher starts it again."""
    before = stack.pid(name)
    for pid in family(before):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        rows = {row["name"]: row for row in stack.json("status")["processes"]}
        if rows[name]["pid"] not in (None, before) and rows[name]["state"] == "running":
            running(stack, name)
            return
        time.sleep(0.1)
    raise AssertionError(f"{name} was not started again")


@contextlib.contextmanager
def hung(stack: PrivateStack, name: str) -> Iterator[None]:
    """The process is there but does nothing (SIGSTOP)."""
    with workload.hung(family(stack.pid(name))):
        yield
