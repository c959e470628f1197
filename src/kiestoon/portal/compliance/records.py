"""How a record that proves a duty is given: one row, whatever kind of record it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kiestoon.portal.calls.listing import moment


def evidence_row(
    at: datetime,
    step: str,
    result: str,
    why: str,
    *,
    call_id: str = "",
    trunk_in: str | None = None,
    emergency_class: str | None = None,
    sip_code: int | None = None,
) -> dict[str, Any]:
    """What `duties.duty.Evidence.rows` yields; the last four only of calls."""
    return {
        "at": moment(at),
        "call_id": call_id,
        "step": step,
        "result": result,
        "why": why,
        "trunk_in": trunk_in,
        "emergency_class": emergency_class,
        "sip_code": sip_code,
    }
