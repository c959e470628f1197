"""Malicious calls: how long the caller can be identified, and for whom (WEC art. 122 §4 2°)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from kiestoon.duties.duty import BELGIUM, Duty, Source
from kiestoon.duties.emergency_calls import WEC, WEC_READ

MONTHS: Final = 12
"""From the call: data to identify a malicious caller of an incoming call are kept so long."""

DUTY: Final = Duty(
    key="malicious-calls",
    title="Who made a malicious call can be found for twelve months",
    summary="Of every incoming call the calling number or source, and exact begin and end, are kept twelve "
    "months to identify a malicious caller; the called person is never told who it was, authorities are.",
    sources=(Source("WEC art. 122 §4 2°", WEC, "P", WEC_READ, "copy read"),),
    module="kiestoon.duties.malicious_calls",
    test="tests/unit/duties/test_malicious_calls.py::test_a_call_can_be_marked_for_twelve_months",
    evidence="each call marked, with what was handed over to whom and when",
    applied_at="kiestoon.duties.malicious_calls:may_be_marked",
)


def kept_until(begun_at: datetime) -> datetime:
    """The same moment of the Belgian day twelve months later; of 29 February the 28th."""
    local = begun_at.astimezone(BELGIUM)
    try:
        return local.replace(year=local.year + MONTHS // 12)
    except ValueError:
        return local.replace(year=local.year + MONTHS // 12, day=28)


def may_be_marked(begun_at: datetime, now: datetime, *, is_received: bool) -> bool:
    """Whether a call can still be marked: one that came in, while its data are kept for this purpose."""
    return is_received and begun_at <= now < kept_until(begun_at)
