"""Decisions on the policy as proof of the duty nomadic-emergency-calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from kiestoon.duties.duty import Count, belgian_day, belgian_period
from kiestoon.portal.compliance.records import evidence_row
from kiestoon.portal.emergency_routes.models import PolicyDecision


class PoliciesDecided:
    """One row a decision that was approved or refused."""

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        for row in PolicyDecision.objects.filter(decided_at__gte=since, decided_at__lt=until).order_by("pk"):
            assert row.decided_at is not None
            why = f"{row.state}: {row.reference or 'no document'}"
            yield evidence_row(row.decided_at, "policy", row.policy, why)

    def counts(self, first: date, last: date) -> list[Count]:
        since, until = belgian_period(first, last)
        return [
            Count(belgian_day(row.decided_at), "policy", row.policy, row.state, 1)
            for row in PolicyDecision.objects.filter(decided_at__gte=since, decided_at__lt=until)
            if row.decided_at is not None
        ]

    def measured_at(self) -> datetime | None:
        """When the last decision was taken."""
        return PolicyDecision.objects.values_list("decided_at", flat=True).order_by("-decided_at").first()
