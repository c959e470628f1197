"""What proves that the central number database is kept up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from kiestoon.duties.duty import Count, belgian_day, belgian_period
from kiestoon.portal.compliance.records import evidence_row
from kiestoon.portal.number_database.models import Batch, Comparison


class FeedEvidence:
    """Batches with their answers, and comparisons."""

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Batches, then comparisons of the period."""
        for batch in Batch.objects.filter(made_at__gte=since, made_at__lt=until).order_by("made_at"):
            why = f"batch {batch.sequence}: {batch.accepted} accepted, {batch.refused} refused. {batch.said}"
            yield evidence_row(batch.made_at, "feed", batch.state, why.strip())
        for one in Comparison.objects.filter(at__gte=since, at__lt=until).order_by("at"):
            result = "not-compared" if one.said else "different" if one.differences else "same"
            yield evidence_row(
                one.at, "comparison", result, one.said or f"{one.there} there, {one.differences} differ"
            )

    def counts(self, first: date, last: date) -> list[Count]:
        since, until = belgian_period(first, last)
        found: Counter[tuple[date, str]] = Counter()
        batches = Batch.objects.filter(made_at__gte=since, made_at__lt=until)
        for at, accepted, refused in batches.values_list("made_at", "accepted", "refused"):
            found[belgian_day(at), "record-accepted"] += accepted
            found[belgian_day(at), "record-refused"] += refused
        for one in Comparison.objects.filter(at__gte=since, at__lt=until):
            found[belgian_day(one.at), "record-different"] += one.differences
        return [
            Count(day, "feed", result, "", count) for (day, result), count in sorted(found.items()) if count
        ]

    def measured_at(self) -> datetime | None:
        """When it last answered."""
        last = Batch.objects.filter(state=Batch.State.ANSWERED).order_by("-answered_at").first()
        return last.answered_at if last is not None else None
