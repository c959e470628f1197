"""How a call that ended went, in one word, and how long it took until the other end rang."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from kiestoon.domain.calls.timeline import Event

Outcome = Literal["answered", "busy", "no-answer", "cancelled", "refused", "failed"]
"""`refused`: a 4xx, of ours or of who was called. `failed`: a 5xx or no reply at all."""
OUTCOMES: tuple[Outcome, ...] = ("answered", "busy", "no-answer", "cancelled", "refused", "failed")


def outcome(answered: bool, code: int | None) -> Outcome:
    """From the final SIP reply (RFC 3261 section 21)."""
    if answered:
        return "answered"
    if code in (486, 600, 603):
        return "busy"
    if code in (408, 480):
        return "no-answer"
    if code == 487:
        return "cancelled"
    return "refused" if code is not None and code < 500 else "failed"


def setup_ms(events: Iterable[Event]) -> int | None:
    """From the INVITE until it rang, else until it was answered; None when neither happened.

    By the monotonic clock of the edge: a clock that is set changes no figure.
    """
    begun = reached = None
    for event in events:
        kind = event.get("e")
        if kind == "attempt":
            begun = _whole(event.get("m"))
        elif kind in ("answer", "fail"):
            rang = _whole(event.get("rang"))
            when = rang if rang is not None else _whole(event.get("m")) if kind == "answer" else None
            if when is not None:
                reached = when if reached is None else min(reached, when)
    if begun is None or reached is None or reached < begun:
        return None
    return reached - begun


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
