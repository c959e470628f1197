"""The signed parameter our Record-Route carries: call_id and media profiles.

Without the signature an in-dialog request could be forged towards any destination: a free call.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import time

_counter = itertools.count()


def new_call_id() -> str:
    """Unique over processes, boots and clock jumps: time, process, random and count."""
    global _prefix, _pid
    pid = os.getpid()
    if pid != _pid:
        _pid = pid
        _prefix = f"{pid:x}{os.urandom(4).hex()}"
    return f"{time.time_ns() // 1_000_000:x}-{_prefix}-{next(_counter):x}"


_pid = 0
_prefix = ""


class Signer:
    """Signs and reads `call_id` and profiles for one SIP Call-ID."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def parameter(self, call_id: str, profiles: str, sip_call_id: str) -> str:
        return f";k={call_id}.{profiles}.{self._mac(call_id, profiles, sip_call_id)}"

    def read(self, route: str, sip_call_id: str) -> tuple[str, str] | None:
        """(call_id, profiles) from a Route header value, or None when missing or forged."""
        at = route.find(";k=")
        if at < 0:
            return None
        end = at + 3
        while end < len(route) and route[end] not in ";>, ":
            end += 1
        parts = route[at + 3 : end].split(".")
        if len(parts) != 3 or self._mac(parts[0], parts[1], sip_call_id) != parts[2]:
            return None
        return parts[0], parts[1]

    def _mac(self, call_id: str, profiles: str, sip_call_id: str) -> str:
        text = f"{call_id}.{profiles}.{sip_call_id}".encode()
        return hashlib.blake2s(text, key=self._key, digest_size=8).hexdigest()
