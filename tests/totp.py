"""An authenticator app: RFC 6238 with SHA-1, 30 seconds and 6 digits, written apart from the product."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time


def app_shows(secret: str, at: float | None = None, steps_ahead: int = 0) -> str:
    """The code for a base32 secret, now or at a time; `steps_ahead`: for a second one in the same 30 s."""
    counter = int(time.time() if at is None else at) // 30 + steps_ahead
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number)[-6:].zfill(6)
