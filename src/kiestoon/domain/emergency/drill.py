"""A drill: what a test call should bring to a centre, what arrived, and when the next one is due; pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Kind = Literal["desk", "browser", "trunk"]
KINDS: Final[tuple[Kind, ...]] = ("desk", "browser", "trunk")
"""desk: SIP over TCP with plain RTP; browser: SIP over secure WebSocket with an offer of DTLS-SRTP;
trunk: as a customer's own exchange, known by its address."""

LIMIT_DAYS: Final = 30
"""The operator's own limit, no rule of law: how old the last drill of a route may be."""

Standing = Literal["passed", "failed", "overdue", "never"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a centre is told in a call, for both sides of a comparison; "" where there is nothing.

    `number` is E.164; `place` has country, A3, RD, HNO and PC (RFC 5139) joined by "; "; `path` is the trunk
    it came by, "" when the centre does not say.
    """

    number: str = ""
    name: str = ""
    place: str = ""
    path: str = ""
    is_test: bool = True

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is one of Report, or "call" when nothing arrived."""

    field: str
    sent: str
    arrived: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def differences(sent: Report, arrived: Report | None) -> tuple[Difference, ...]:
    """Where what arrived is not what was sent; empty is what a drill is for."""
    if arrived is None:
        return (Difference("call", sent.path, ""),)
    found = [
        Difference(name, one, other)
        for name in ("number", "name", "place")
        if (one := getattr(sent, name)) != (other := getattr(arrived, name))
    ]
    if arrived.path and arrived.path != sent.path:
        found.append(Difference("path", sent.path, arrived.path))
    if not arrived.is_test:
        found.append(Difference("is_test", "yes", "no"))
    return tuple(found)


def standing(last: datetime | None, *, passed: bool, now: datetime, limit_days: int) -> Standing:
    """Of one route, area and kind, by its last drill; a failed one stays failed however old it is."""
    if last is None:
        return "never"
    if not passed:
        return "failed"
    return "overdue" if now - last > timedelta(days=limit_days) else "passed"


def is_due(last: datetime | None, *, passed: bool, now: datetime, limit_days: int) -> bool:
    """Whether the nightly run makes this drill: in time before the limit, and again after a failure."""
    return last is None or not passed or now - last > timedelta(days=limit_days) / 2
