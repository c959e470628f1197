"""Drills as proof of the duty emergency-calls: what was tried, by day and result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from kiestoon.duties.duty import Count, belgian_day, belgian_period
from kiestoon.portal.compliance.records import evidence_row
from kiestoon.portal.emergency_drills.models import Drill


class DrillsMade:
    """One row a drill; `why` is the kind of device and the path."""

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        drills = Drill.objects.filter(started_at__gte=since, started_at__lt=until)
        for drill in drills.order_by("started_at", "pk").iterator(chunk_size=500):
            yield evidence_row(
                drill.started_at,
                "drill",
                drill.result,
                _why(drill),
                call_id=drill.sip_call_id,
                sip_code=drill.code or None,
            )

    def counts(self, first: date, last: date) -> list[Count]:
        since, until = belgian_period(first, last)
        found: Counter[tuple[date, str, str]] = Counter(
            (belgian_day(drill.started_at), drill.result, _why(drill))
            for drill in Drill.objects.filter(started_at__gte=since, started_at__lt=until)
        )
        return [Count(day, "drill", result, why, n) for (day, result, why), n in sorted(found.items())]

    def measured_at(self) -> datetime | None:
        """When the last drill was made."""
        return Drill.objects.values_list("started_at", flat=True).order_by("-started_at").first()


def _why(drill: Drill) -> str:
    return f"{drill.kind} over {drill.trunk}"
