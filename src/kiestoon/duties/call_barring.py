"""Types of call barred free of charge at the subscriber's request (WEC art. 120)."""

from __future__ import annotations

from typing import Final

from kiestoon.duties.duty import Duty, Source
from kiestoon.duties.emergency_calls import WEC, WEC_READ

DUTY: Final = Duty(
    key="call-barring",
    title="Subscribers bar types of call, free of charge",
    summary="On request, outgoing calls of a type or to a category of numbers are refused; emergency "
    "services are never among them.",
    sources=(Source("WEC art. 120", WEC, "P", WEC_READ, "copy read"),),
    module="kiestoon.domain.routing.destination",
    test="tests/unit/test_decide.py::test_barred_call_type",
    evidence="the barring reasons of refused calls, and the setting's history",
    applied_at="kiestoon.domain.routing.destination:_may_call",
)
