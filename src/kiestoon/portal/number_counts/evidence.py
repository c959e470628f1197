"""What proves the count, its report and the agreement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from kiestoon.duties.duty import Count as Counted
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.compliance.records import evidence_row
from kiestoon.portal.number_counts.models import Agreement, Count, NationalTotal, Notice, Report


class CountEvidence:
    """Everything recorded, by when it was."""

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Oldest first."""
        found = [row for row in _everything() if since <= row[0] < until]
        for at, step, result, why in sorted(found):
            yield evidence_row(at, step, result, why)

    def counts(self, first: date, last: date) -> list[Counted]:
        days = [(belgian_day(at), step, result) for at, step, result, _ in sorted(_everything())]
        return [Counted(day, step, result, "", 1) for day, step, result in days if first <= day <= last]

    def measured_at(self) -> datetime | None:
        """When it was last counted."""
        return Count.objects.values_list("taken_at", flat=True).first()


def _everything() -> Iterator[tuple[datetime, str, str, str]]:
    for count in Count.objects.all():
        yield count.taken_at, "count", "counted", f"{count.year}: {count.numbers} numbers"
    for report in Report.objects.all():
        why = f"{report.year}: {report.numbers} numbers, on {report.reported_on}, {report.reference}"
        yield report.recorded_at, "report", "reported", why
    for total in NationalTotal.objects.all():
        yield (
            total.recorded_at,
            "national-total",
            "recorded",
            f"{total.year}: {total.numbers}, {total.origin}",
        )
    for agreement in Agreement.objects.all():
        why = f"{agreement.partner}, {agreement.document}, from {agreement.since}"
        yield agreement.recorded_at, "agreement", "recorded", why
    for notice in Notice.objects.all():
        yield notice.recorded_at, "notice", "recorded", f"{notice.received_on}, {notice.reference}"
