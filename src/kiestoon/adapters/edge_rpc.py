"""Kamailio's JSON-RPC over its datagram socket: one question, one answer.

The socket is in the run directory, which only the stack's own user may enter.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 1.0
_LARGEST = 1 << 20


class EdgeUnavailable(Exception):
    """The edge did not answer, or not in a way that can be read: nothing is known."""


class EdgeRefused(Exception):
    """The edge answered with an error: `code` as its command gives it (404: no such thing)."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class EdgeRpc:
    """The running edge; a socket for each question, so that no late answer is taken for another's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def call(self, method: str, *params: str | int) -> Any:
        """The result. Raises EdgeRefused, and EdgeUnavailable after TIMEOUT_SECONDS."""
        question = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.settimeout(TIMEOUT_SECONDS)
                sock.bind("")  # Linux gives it a name of its own, to which the answer is sent
                sock.connect(str(self._path))
                sock.send(json.dumps(question).encode())
                answer = json.loads(sock.recv(_LARGEST))
        except (OSError, ValueError) as error:
            raise EdgeUnavailable(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise EdgeUnavailable("no object")
        if "error" in answer:
            raise EdgeRefused(int(answer["error"]["code"]), str(answer["error"]["message"]))
        return answer.get("result")
