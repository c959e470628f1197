"""What proves that malicious callers can be found and are told to nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from kiestoon.duties.duty import Count, belgian_day
from kiestoon.portal.compliance.models import Measurement
from kiestoon.portal.compliance.records import evidence_row
from kiestoon.portal.malicious_calls.models import Case, Handover


class CaseEvidence:
    """Calls marked and handed over."""

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Calls marked in the period, then what was handed over."""
        for case in Case.objects.filter(marked_at__gte=since, marked_at__lt=until).order_by("marked_at"):
            yield evidence_row(case.marked_at, "marked", case.state, case.outcome, call_id=case.call_id)
        handed = Handover.objects.filter(handed_at__gte=since, handed_at__lt=until).select_related("case")
        for one in handed.order_by("handed_at"):
            why = f"{one.to_whom}, {one.reference}"
            yield evidence_row(one.handed_at, "handed-over", "handed-over", why, call_id=one.case.call_id)

    def counts(self, first: date, last: date) -> list[Count]:
        found: Counter[tuple[date, str, str]] = Counter()
        for at in Case.objects.values_list("marked_at", flat=True):
            found[belgian_day(at), "case", "marked"] += 1
        for at in Handover.objects.values_list("handed_at", flat=True):
            found[belgian_day(at), "case", "handed-over"] += 1
        return [
            Count(day, step, result, "", count)
            for (day, step, result), count in sorted(found.items())
            if first <= day <= last
        ]

    def measured_at(self) -> datetime | None:
        """As the decisions of calls: the records were looked through."""
        return Measurement.objects.values_list("at", flat=True).first()
