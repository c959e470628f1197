"""Which number is shown, hidden and refused (WEC arts. 121, 130, 131; RD Numbering art. 19)."""

from __future__ import annotations

from datetime import date
from typing import Final

from kiestoon.duties.duty import Duty, Source
from kiestoon.duties.emergency_calls import WEC, WEC_READ

NUMBERING: Final = "https://www.ejustice.just.fgov.be/eli/arrete/2007/04/27/2007011252/justel"

DUTY: Final = Duty(
    key="calling-line-identity",
    title="The number shown is the caller's own, and callers and called have their say",
    summary="A caller shows a number its customer holds; a forwarded call shows the original caller; anyone "
    "may withhold the number, refuse calls without one, and stop calls that others forward to them, free of "
    "charge.",
    sources=(
        Source("WEC art. 121 §4", WEC, "P", WEC_READ, "copy read"),
        Source("WEC arts. 130, 131", WEC, "P", WEC_READ, "copy read"),
        Source("RD Numbering art. 19, 5°", NUMBERING, "P", date(2023, 7, 27), "copy read"),
    ),
    module="kiestoon.domain.routing.caller",
    test="tests/unit/test_decide.py::test_a_number_the_customer_does_not_hold_is_replaced",
    evidence="the cli-guard, anonymous and third-party-forwarding reasons of calls",
    applied_at="kiestoon.domain.routing.caller:_guarded",
)
