"""Which requests are put off, and until when, while more come in than the edge can serve.

Emergency calls and what belongs to a call are never asked about here.
"""

from __future__ import annotations

from zlib import crc32

GOOD_MS = 5.0
"""A wait below this says that the queue has been empty a moment ago."""
STANDING_SECONDS = 0.02
"""A queue that has not been empty for so long is no burst, nor a pause of this machine: it stands."""
STRANGERS_MS = 10.0
"""Of a standing queue, who has waited this long is served only when it has lately proved who it is."""
ANYBODY_MS = 30.0
"""After this long nobody is: the queue must stay below 50 ms for those who are never put off."""


class Queue:
    """What one worker knows of its queue: whether waits are a burst or stand (as CoDel, RFC 8289, does)."""

    def __init__(self) -> None:
        self._standing_since: float | None = None

    def standing_ms(self, waited_ms: float, now: float) -> float:
        """The wait of the request at hand when the queue stands, else 0. `now`: monotonic seconds."""
        if waited_ms < GOOD_MS:
            self._standing_since = None
            return 0.0
        if self._standing_since is None:
            self._standing_since = now
        return waited_ms if now - self._standing_since >= STANDING_SECONDS else 0.0


def is_put_off(standing_ms: float, known: bool) -> bool:
    """Whether a request that waited so in a standing queue gets 503 (RFC 3261 section 21.5.4)."""
    return standing_ms > (ANYBODY_MS if known else STRANGERS_MS)


def retry_after_seconds(seed: str) -> int:
    """5 to 20 s, other for each request: who is put off together must not come back together."""
    return 5 + crc32(seed.encode(errors="replace")) % 16
