"""The code an authenticator app shows (RFC 6238), for the demo's people, who have no telephone at hand."""

from __future__ import annotations

import base64
import hmac
import struct
from typing import Any

from kiestoon.stack.demo import DemoMissing

STEP_SECONDS = 30
DIGITS = 6


def totp(secret: str, at: float) -> str:
    """Six digits for a base32 secret at a time in seconds since 1970."""
    counter = struct.pack(">Q", int(at) // STEP_SECONDS)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    (value,) = struct.unpack_from(">I", digest, digest[-1] & 0xF)
    return f"{(value & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def code_of(world: dict[str, Any], username: str, at: float) -> str:
    """The present code of one of the demo's people. DemoMissing when there is none to give."""
    people = {person["username"]: person for person in world["portal"]["people"]}
    if username not in people:
        raise DemoMissing(f"nobody is called {username}; there are: {', '.join(people)}")
    secret = people[username]["totp_secret"]
    if not secret:
        raise DemoMissing(f"{username} signs in without a code")
    return totp(secret, at)
