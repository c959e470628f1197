"""What is broken while people dial 112: each a context manager, or something the centre does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from bench.stack import ROOT
from bench.workload import hung, with_descendants
from kiestoon.adapters.edge_rpc import EdgeRpc, EdgeUnavailable
from kiestoon.stack.layout import Layout
from kiestoon.stack.watcher import Watcher

KILLED_EVERY_SECONDS = 20.0
BACK_SECONDS = 30.0
SILENT = {"first path silent": "own"}
DOWN = {"first path dead": "own"}
_OFF = ("emergency_centre", "emergency_centre_via_partner")


@contextlib.contextmanager
def _nothing() -> Iterator[None]:
    """The centre plays this fault."""
    yield


def _layout() -> Layout:
    return Layout(Path(os.environ["KIESTOON_STATE"]), Path(os.environ["KIESTOON_RUN"]), ROOT)


def _running() -> dict[str, int]:
    """Name to pid, whether the stack is complete or not."""
    with contextlib.closing(Watcher(_layout())) as watcher:
        return {row["name"]: row["pid"] for row in watcher.processes() if row["pid"]}


def _stopped(*names: str) -> Callable[[], AbstractContextManager[None]]:
    """These processes are stopped; those that are not there are not missed."""

    @contextlib.contextmanager
    def stopped() -> Iterator[None]:
        there = [name for name in names if is_there(name)]
        with contextlib.closing(Watcher(_layout())) as watcher:
            for name in there:
                watcher.stop(name)
        try:
            yield
        finally:
            with contextlib.closing(Watcher(_layout())) as watcher:
                watcher.start(*there)
            _await(lambda: all(name in _running() for name in there))
            time.sleep(1)  # what listens next to it notices

    return stopped


@contextlib.contextmanager
def _media_hung() -> Iterator[None]:
    with hung(with_descendants([_running()["media"]])):
        yield


@contextlib.contextmanager
def _edge_killed() -> Iterator[None]:
    """kill -9 of the whole edge at once, two seconds after the first call and every twenty seconds after."""
    over = threading.Event()

    def kill_again() -> None:
        wait = 2.0
        while not over.wait(wait):
            wait = KILLED_EVERY_SECONDS
            pid = _running().get("edge")
            for one in with_descendants([pid]) if pid else []:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)

    thread = threading.Thread(target=kill_again)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        _await(_edge_answers)


@contextlib.contextmanager
def _no_dns() -> Iterator[None]:
    """Nobody answers names: so it is in a network namespace that leads nowhere, which this needs."""
    if _resolver_answers():
        raise SystemExit("kiestoon bench emergency: a resolver answers here; run it by ip netns exec.")
    yield


FAULTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "postgres": _stopped("postgres"),
    "portal": _stopped("portal"),
    "jobs": _stopped("jobs", "webhooks", "ingest", "metrics"),
    "attendant": _stopped("attendant"),
    "dns": _no_dns,
    "media dead": _stopped("media"),
    "media hung": _media_hung,
    "edge killed": _edge_killed,
    "first path dead": _nothing,
    "first path silent": _nothing,
}
EXCLUDE_EACH_OTHER = {
    frozenset({"media dead", "media hung"}),
    frozenset({"first path dead", "first path silent"}),
}


def is_there(name: str) -> bool:
    """Whether the stack has this process; a fault that is no process always is."""
    return name in _running() if name in ("attendant", "postgres", "portal", "jobs") else True


def failed_lookups() -> int:
    """Names the edge asked a resolver for in vain since it started: all, where nobody answers."""
    try:
        found = EdgeRpc(_layout().run / "edge-rpc.sock").call("stats.get_statistics", "dns:")
    except EdgeUnavailable:
        return 0
    return sum(int(line.rpartition("=")[2]) for line in found if "failed_dns_request" in line)


def lookups_since(before: int) -> int:
    """Of an edge that was started again meanwhile, all since then."""
    now = failed_lookups()
    return now - before if now >= before else now


@contextlib.contextmanager
def centre_switched_off() -> Iterator[None]:
    """The simulated centre lets go of its addresses: what it checks of each call would be measured too."""
    for name in _OFF:
        _switch(name, "off")
    try:
        yield
    finally:
        for name in _OFF:
            _switch(name, "on")


def _switch(simulator: str, state: str) -> None:
    command = [str(ROOT / "kiestoon"), "demo", "switch", simulator, state]
    subprocess.run(command, check=True, capture_output=True)


def _edge_answers() -> bool:
    try:
        EdgeRpc(_layout().run / "edge-rpc.sock").call("core.uptime")
    except EdgeUnavailable:
        return False
    return True


def _await(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + BACK_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("what was broken did not come back")
        time.sleep(0.2)


def _resolver_answers() -> bool:
    """Whether any server of resolv.conf says anything at all within half a second."""
    question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x07invalid\x00\x00\x01\x00\x01"
    for line in Path("/etc/resolv.conf").read_text().splitlines():
        if not line.startswith("nameserver"):
            continue
        address = line.split()[1]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
            sock.settimeout(0.5)
            sock.connect((address, 53))
            sock.send(question)
            sock.recv(512)
            return True
    return False
