"""Decisions on the policy as proof of the duty nomadic-emergency-calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from kiestoon.duties.duty import BELGIUM, Count, belgian_day
from kiestoon.portal.emergency_routes.models import PolicyDecision


class PoliciesDecided:
    """One row a decision that was approved or refused."""

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        for row in PolicyDecision.objects.filter(decided_at__gte=since, decided_at__lt=until).order_by("pk"):
            assert row.decided_at is not None
            yield {
                "at": row.decided_at.isoformat(),
                "call_id": "",
                "step": "policy",
                "result": row.policy,
                "why": f"{row.state}: {row.reference or 'no document'}",
                "trunk_in": None,
                "emergency_class": None,
                "sip_code": None,
            }

    def counts(self, first: date, last: date) -> list[Count]:
        since = datetime.combine(first, time(), BELGIUM)
        until = datetime.combine(last + timedelta(days=1), time(), BELGIUM)
        return [
            Count(belgian_day(row.decided_at), "policy", row.policy, row.state, 1)
            for row in PolicyDecision.objects.filter(decided_at__gte=since, decided_at__lt=until)
            if row.decided_at is not None
        ]

    def measured_at(self) -> datetime | None:
        """When the last decision was taken."""
        return PolicyDecision.objects.values_list("decided_at", flat=True).order_by("-decided_at").first()
