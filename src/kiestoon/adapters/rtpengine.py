"""Which media sessions rtpengine still has, over its ng protocol (a JSON datagram out, one back)."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection
from typing import Any, Protocol

ADDRESS = ("127.0.0.1", 2223)
TIMEOUT_SECONDS = 0.5
LIST_LIMIT = 500
"""Sessions asked for at once: their Call-IDs fit in one datagram."""


class MediaUnavailable(Exception):
    """rtpengine did not answer, or not in a way that can be read: nothing is known."""


class MediaSessions(Protocol):
    """What reconciliation asks."""

    def alive(self, sip_call_ids: Collection[str]) -> set[str]:
        """Those of these SIP Call-IDs that have a media session; raises MediaUnavailable."""
        ...


class Rtpengine:
    """The running rtpengine."""

    def __init__(self, address: tuple[str, int] = ADDRESS) -> None:
        self._address = address

    def alive(self, sip_call_ids: Collection[str]) -> set[str]:
        """One `list` when it holds few sessions, else one `query` for each Call-ID."""
        if not sip_call_ids:
            return set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(TIMEOUT_SECONDS)
            sock.connect(self._address)
            calls = _ask(sock, {"command": "list", "limit": LIST_LIMIT}).get("calls")
            if isinstance(calls, list) and len(calls) < LIST_LIMIT:
                return set(sip_call_ids) & {str(call) for call in calls}
            return {one for one in sip_call_ids if _has(sock, one)}


def _has(sock: socket.socket, sip_call_id: str) -> bool:
    answer = _ask(sock, {"command": "query", "call-id": sip_call_id})
    if answer.get("result") == "ok":
        return True
    if "nknown call" in str(answer.get("error-reason")):
        return False
    raise MediaUnavailable(f"rtpengine answers {answer.get('result')}")


def _ask(sock: socket.socket, command: dict[str, Any]) -> dict[str, Any]:
    """Send one command; answers to earlier ones (another cookie) are passed over."""
    cookie = os.urandom(6).hex().encode()
    try:
        sock.send(cookie + b" " + json.dumps(command).encode())
        while True:
            answer, _, body = sock.recv(65_535).partition(b" ")
            if answer == cookie:
                found = json.loads(body)
                if isinstance(found, dict):
                    return found
                raise MediaUnavailable("rtpengine answers no dictionary")
    except (OSError, ValueError) as error:
        raise MediaUnavailable(type(error).__name__) from error
