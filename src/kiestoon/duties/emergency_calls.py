"""Access to emergency services, always (WEC art. 107; RD Emergency). The rule itself is routing's."""

from __future__ import annotations

from datetime import date
from typing import Final

from kiestoon.duties.duty import Duty, Source

WEC: Final = "https://www.ejustice.just.fgov.be/eli/loi/2005/06/13/2005011238/justel"
WEC_READ: Final = date(2026, 1, 19)
EMERGENCY: Final = "https://www.ejustice.just.fgov.be/eli/arrete/2007/02/02/2007011053/justel"

DUTY: Final = Duty(
    key="emergency-calls",
    title="Emergency services can always be called",
    summary="100, 101 and 112 reach a centre with the caller's number, name and place, whatever is the "
    "matter with the account; the helplines of RD Emergency art. 2 are free, never barred, and get "
    "the number only.",
    sources=(
        Source("WEC art. 107 §§3-5", WEC, "P", WEC_READ, "copy read"),
        Source("WEC arts. 123 §5, 130 §7", WEC, "P", WEC_READ, "copy read"),
        Source("RD Emergency arts. 2, 4", EMERGENCY, "P", date(2024, 4, 1)),
    ),
    module="kiestoon.domain.routing.emergency",
    test="tests/unit/test_emergency_property.py::test_no_configuration_refuses_an_on_site_emergency_call",
    evidence="every emergency call's record: class, path, number, place and outcome; the drills",
    applied_at="kiestoon.domain.routing.decide:classify",
)
