"""Who answered: the first 2xx has the call; a 2xx repeated, and one from a second device, change nothing.

Kept for three minutes in Kamailio's memory: that is for spare answers and repetitions only, a restarted edge
does without.
"""

from __future__ import annotations

from kiestoon.edge import ksr
from kiestoon.edge.ksr import K
from kiestoon.edge.plane import CallPlane


def note_answer(call_id: str) -> tuple[bool, bool]:
    """(not seen before, spare) for the 2xx at hand; spare: another device's dialog has the call already."""
    ksr.sets("$avp(c)", call_id)
    tag = ksr.text("$tt")
    first = ksr.text("$sht(answered=>$avp(c))")
    if not first:
        K.pv.sets("$sht(answered=>$avp(c))", tag)
        return True, False
    if first == tag:
        return False, False
    seen = ksr.get("$sht(answered=>$avp(c)::$tt)") is not None
    K.pv.seti("$sht(answered=>$avp(c)::$tt)", 1)
    return not seen, True


def is_spare() -> bool:
    """Whether the request at hand belongs to the dialog of a spare answer."""
    first = ksr.text("$sht(answered=>$avp(c))")
    return bool(first) and first not in (ksr.text("$tt"), ksr.text("$ft"))


def record_answer(plane: CallPlane, codec: str, anchored: bool) -> None:
    """Journal the 2xx at hand."""
    plane.recorder.event(
        "answer",
        ksr.text("$avp(c)"),
        ksr.text("$ci"),
        tt=ksr.text("$tt"),
        code=int(ksr.get("$rs") or 200),
        codec=codec,
        anchored=anchored,
        rang=rang_at(),
    )


def rang_at() -> int | None:
    """When a target of the stage at hand began to ring: ms of the machine's monotonic clock."""
    noted = ksr.text("$avp(rang)")
    return int(noted) if noted else None
