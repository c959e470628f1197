"""The edge's bans, read from the file it writes and changed over its JSON-RPC socket.

The call plane never waits for this: one datagram to a process of its own in Kamailio, one back.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol

from kiestoon.adapters.ban_list import read_bans
from kiestoon.adapters.edge_rpc import EdgeRefused, EdgeRpc
from kiestoon.vocabulary.ban import Ban

LISTED_SECONDS = 2.0
"""The edge writes its file twice a second; a change is awaited there at most this long."""
_NOT_THERE = (404, 500)


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
    """Of the running edge: `socket` is its JSON-RPC socket, `file` what the edge writes."""

    def __init__(self, socket: Path, file: Path) -> None:
        self._rpc = EdgeRpc(socket)
        self._file = file

    def current(self) -> list[Ban]:
        return read_bans(self._file, time.time())[0]

    def place(self, ban: Ban) -> None:
        self._rpc.call("htable.setxs", "ban", ban.source, ban.text(), max(1, int(ban.until - time.time())))
        self._await(ban.source, ban)

    def lift(self, source: str) -> bool:
        if self._known("htable.get", "ban", source) is None:
            return False
        self._known("htable.delete", "ban", source)
        self._known("htable.delete", "banned", source)
        self._await(source, None)
        return True

    def _await(self, source: str, ban: Ban | None) -> None:
        """The edge has done it; the file says so a moment later, and what is shown next is the file."""
        deadline = time.monotonic() + LISTED_SECONDS
        while time.monotonic() < deadline:
            if next((one for one in self.current() if one.source == source), None) == ban:
                return
            time.sleep(0.02)

    def _known(self, method: str, *params: str) -> Any:
        """The result; None when the edge knows nothing of what was asked for."""
        try:
            return self._rpc.call(method, *params) or True
        except EdgeRefused as refused:
            if refused.code in _NOT_THERE:
                return None
            raise
