"""Which requests are put off, and until when, while more come in than the edge can serve.

Emergency calls and what belongs to a call are never asked about here.
"""

from __future__ import annotations

from zlib import crc32

STRANGERS_MS = 15.0
"""A request that has waited this long is served only when its sender has lately proved who it is."""
ANYBODY_MS = 40.0
"""After this long nobody's is: the queue must stay below 50 ms for those who are never put off."""


def is_put_off(waited_ms: float, known: bool) -> bool:
    """Whether a request that waited this long is answered 503 (RFC 3261 21.5.4) instead of served."""
    return waited_ms > (ANYBODY_MS if known else STRANGERS_MS)


def retry_after_seconds(seed: str) -> int:
    """5 to 20 s, other for each request: who is put off together must not come back together."""
    return 5 + crc32(seed.encode(errors="replace")) % 16
