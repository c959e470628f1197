"""The edge's bans, read from the file it writes and changed over its JSON-RPC socket.

The call plane never waits for this: one datagram to a process of its own in Kamailio, one back.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import time
from pathlib import Path
from typing import Any, Protocol

from kiestoon.store.bans import read_bans
from kiestoon.vocabulary.ban import Ban

TIMEOUT_SECONDS = 1.0
LISTED_SECONDS = 2.0
"""The edge writes its file twice a second; a change is awaited there at most this long."""
_NOT_THERE = (404, 500)


class EdgeUnavailable(Exception):
    """The edge did not answer: nothing is known to have changed."""


class Bans(Protocol):
    """What the portal asks."""

    def current(self) -> list[Ban]:
        """Those in force, newest first."""
        ...

    def place(self, ban: Ban) -> None:
        """Put a ban in force, in place of one there may be; raises EdgeUnavailable."""
        ...

    def lift(self, source: str) -> bool:
        """End a ban, and forget that there was one; False when there is none. Raises EdgeUnavailable."""
        ...


class EdgeBans:
    """Of the running edge: `run` is the folder of sockets, `file` what the edge writes."""

    def __init__(self, run: Path, file: Path) -> None:
        self._run = run
        self._file = file

    def current(self) -> list[Ban]:
        return read_bans(self._file, time.time())[0]

    def place(self, ban: Ban) -> None:
        call(self._run, "htable.setxs", "ban", ban.source, ban.text(), max(1, int(ban.until - time.time())))
        self._await(ban.source, ban)

    def lift(self, source: str) -> bool:
        if call(self._run, "htable.get", "ban", source) is None:
            return False
        call(self._run, "htable.delete", "ban", source)
        call(self._run, "htable.delete", "banned", source)
        self._await(source, None)
        return True

    def _await(self, source: str, ban: Ban | None) -> None:
        """The edge has done it; the file says so a moment later, and what is shown next is the file."""
        deadline = time.monotonic() + LISTED_SECONDS
        while time.monotonic() < deadline:
            if next((one for one in self.current() if one.source == source), None) == ban:
                return
            time.sleep(0.02)


def call(run: Path, method: str, *params: str | int) -> Any:
    """One JSON-RPC 2.0 request to Kamailio; None when it knows nothing of what was asked for.

    Raises EdgeUnavailable.
    """
    number = secrets.randbits(30)
    question = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": number}
    own = run / f"rpc-{os.getpid()}-{number:x}.sock"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(TIMEOUT_SECONDS)
            sock.bind(str(own))
            own.chmod(
                0o666
            )  # the edge may run as another user than a command that asks; the folder is closed
            sock.sendto(json.dumps(question).encode(), str(run / "edge-rpc.sock"))
            answer = json.loads(sock.recv(1 << 20))
    except (OSError, ValueError) as error:
        raise EdgeUnavailable(f"no answer from the edge: {type(error).__name__}") from error
    finally:
        with contextlib.suppress(OSError):
            own.unlink()
    if "result" in answer:
        return answer["result"] or True
    if answer.get("error", {}).get("code") in _NOT_THERE:
        return None
    raise EdgeUnavailable("the edge answers with an error")
