"""Bans and flood control. On-site emergency calls pass before this is asked."""

from __future__ import annotations

from kiestoon.edge import ksr
from kiestoon.edge.plane import CallPlane

WRONG_PASSWORDS = 20
"""Wrong passwords from one address within a minute before it is banned."""
OPEN_CHALLENGES = 2000
"""Challenges one address may leave unanswered within a minute; a scanner answers none."""


def banned() -> bool:
    return ksr.get("$sht(ban=>$si)") is not None


def flooding(plane: CallPlane) -> bool:
    """Whether this address has left too many challenges unanswered; it is banned then."""
    unanswered = ksr.get("$sht(open=>$si)")
    if unanswered is None or unanswered < OPEN_CHALLENGES:
        return False
    ban(plane, "unanswered challenges")
    return True


def wrong_password(plane: CallPlane, username: str) -> None:
    count = ksr.get("$shtinc(badauth=>$si)")
    note_security(plane, "wrong-password", username)
    if count is not None and count > WRONG_PASSWORDS:
        ban(plane, "wrong passwords")


def ban(plane: CallPlane, why: str) -> None:
    ksr.K.pv.seti("$sht(ban=>$si)", 1)
    note_security(plane, f"banned: {why}")


def note_security(plane: CallPlane, what: str, username: str = "") -> None:
    plane.recorder.event("security", "", ksr.text("$ci"), src=ksr.text("$si"), what=what, user=username)
