"""What supervisord says about its processes (XML-RPC over its Unix socket), and crash loops."""

from __future__ import annotations

import http.client
import json
import socket
import time
import xmlrpc.client
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 2.0
STATES = {"RUNNING": "running", "STARTING": "starting", "BACKOFF": "starting", "FATAL": "failed"}

QUICK = 2.0
"""A process that lives shorter than this, in seconds, did not really start."""
FAILED_AFTER = 5


class SupervisorSilent(Exception):
    """supervisord does not answer: nothing is known of the processes."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A process; `since`: when it started, or ended if it does not run. `pid` 0: none."""

    name: str
    pid: int
    state: str
    since: datetime | None


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(str(self._path))


def processes(run: Path) -> list[Watched]:
    """All processes of the supervisord whose socket is in `run`; raises SupervisorSilent."""
    connection = _UnixConnection(run / "supervisor.sock")
    try:
        connection.request(
            "POST", "/RPC2", xmlrpc.client.dumps((), "supervisor.getAllProcessInfo"),
            {"Content-Type": "text/xml"},
        )  # fmt: skip
        (rows,), _ = xmlrpc.client.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, xmlrpc.client.Error, ValueError) as error:
        raise SupervisorSilent(type(error).__name__) from error
    finally:
        connection.close()
    assert isinstance(rows, list)
    return [_watched(run, row) for row in rows]


def _watched(run: Path, row: Any) -> Watched:
    name = str(row["name"])
    state = STATES.get(row["statename"], "stopped")
    if state == "running" and (loop := crash_loop(run, name)):
        state = loop
    moment = int(row["start"] if row["pid"] else row["stop"])
    return Watched(name, int(row["pid"]), state, datetime.fromtimestamp(moment, UTC) if moment else None)


def starts_file(run: Path, name: str) -> Path:
    """Where each start of a process leaves when it was, and how many quick ones there were in a row."""
    return run / f"{name}.starts"


def read_starts(run: Path, name: str) -> tuple[float, int]:
    """(CLOCK_BOOTTIME of the last start, quick starts in a row before it)."""
    try:
        row = json.loads(starts_file(run, name).read_text())
        return float(row["at"]), int(row["quick"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0, 0


def crash_loop(run: Path, name: str) -> str | None:
    """`failed` or `starting` when the process keeps ending right after its start."""
    at, quick = read_starts(run, name)
    if not quick or time.clock_gettime(time.CLOCK_BOOTTIME) - at > QUICK:
        return None
    return "failed" if quick >= FAILED_AFTER else "starting"
