"""What follows when a stage ended without an answer: from its final code and what its targets said before."""

from __future__ import annotations

from typing import Any

TRYING, RINGING = "t", "r"
"""Marks of what any target of the stage said before: 100, another provisional reply."""
BUSY_CODES = (486, 600, 603)
_UNREACHABLE_CODES = (404, 410, 500, 503)


def following_stage(stage: dict[str, Any], code: int, seen: str, timed_out: bool) -> Any:
    """The stage to try after the final code `code`, or None: the caller gets that code.

    `timed_out`: some target never gave a final reply.
    """
    if stage["emergency"]:
        return stage.get("failed")
    if stage["targets"] and stage["targets"][0]["kind"] == "user":
        return _after_devices(stage, code, seen, timed_out)
    if code in BUSY_CODES:
        return stage.get("busy")
    if code == 408 and RINGING in seen:
        return None  # it rang, and nobody answered; another carrier would ring the same telephone
    return stage.get("failed") if code == 408 or code >= 500 else None


def _after_devices(stage: dict[str, Any], code: int, seen: str, timed_out: bool) -> Any:
    if code in BUSY_CODES:
        return stage.get("busy")
    if timed_out and RINGING in seen:
        return stage.get("no_answer")  # whatever another of the user's devices said
    if code == 408:
        return stage.get("no_answer") if seen else stage.get("unreachable")
    if code == 480:
        return stage.get("no_answer") or stage.get("unreachable")
    return stage.get("unreachable") if code in _UNREACHABLE_CODES else None
