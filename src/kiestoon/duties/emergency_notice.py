"""What people are told about emergency calls, and when (WEC arts. 108, 111; RD Numbering art. 43)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from kiestoon.duties.duty import Duty, Source
from kiestoon.duties.emergency_calls import WEC, WEC_READ

NUMBERING: Final = "https://www.ejustice.just.fgov.be/eli/arrete/2007/04/27/2007011252/justel"

EVERY: Final = timedelta(days=91)
"""At least four times a year: a nomadic user hears again within a quarter (365 days / 4, rounded down)."""
AHEAD: Final = timedelta(days=7)
"""Sent this long before it is due, so that a mail server that is down for days makes nobody late."""

DUTY: Final = Duty(
    key="emergency-notice",
    title="People know beforehand whether and how 112 works",
    summary="Before a number or a user is active the customer has accepted, in their language, what works "
    "and what does not when 112 is called; nomadic users are told individually at least four times a year.",
    sources=(
        Source("WEC art. 108 §1 3° a", WEC, "P", WEC_READ, "copy read"),
        Source("WEC art. 111 §1 2° f", WEC, "P", WEC_READ, "copy read"),
        Source("RD Numbering art. 43", NUMBERING, "P", date(2023, 7, 27), "copy read"),
    ),
    module="kiestoon.duties.emergency_notice",
    test="tests/unit/duties/test_emergency_notice.py::test_no_accepted_notice_no_active_number",
    evidence="every acceptance (who, when, version, language, text), every individual notice and its fate",
    applied_at="kiestoon.duties.emergency_notice:may_activate",
)


def may_activate(in_force: int, accepted: Collection[int]) -> bool:
    """Whether a number or user may become active: the version in force now was accepted.

    `accepted`: the versions the customer accepted. An older one does not serve: it told something else.
    """
    return in_force in accepted


def due_at(last: datetime) -> datetime:
    """When a nomadic user must have been told again, after the signing or the last individual notice."""
    return last + EVERY


def is_time_to_send(last: datetime, now: datetime) -> bool:
    """Whether the next individual notice goes out now."""
    return now >= due_at(last) - AHEAD
