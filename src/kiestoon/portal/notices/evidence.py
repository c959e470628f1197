"""What proves that people are told about emergency calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from kiestoon.duties.duty import Count, belgian_day, belgian_period
from kiestoon.portal.compliance.records import evidence_row
from kiestoon.portal.notices.models import Acceptance, Delivery, Round


class NoticeEvidence:
    """Acceptances, and individual notices by what became of them."""

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Acceptances, then notices made in the period: whom, how, and the hash of the text."""
        for row in Acceptance.objects.filter(accepted_at__gte=since, accepted_at__lt=until).order_by("pk"):
            why = f"customer {row.customer_id}: {row.by}, {_text(row)}"
            yield evidence_row(row.accepted_at, "acceptance", row.how, why)
        for sent in Delivery.objects.filter(made_at__gte=since, made_at__lt=until).order_by("pk"):
            why = f"customer {sent.customer_id}: {sent.username}, {_text(sent)}, {sent.reply}"
            yield evidence_row(sent.made_at, "individual-notice", sent.state, why.removesuffix(", "))

    def counts(self, first: date, last: date) -> list[Count]:
        since, until = belgian_period(first, last)
        found: Counter[tuple[date, str, str]] = Counter()
        accepted = Acceptance.objects.filter(accepted_at__gte=since, accepted_at__lt=until)
        for at, how in accepted.values_list("accepted_at", "how"):
            found[belgian_day(at), "acceptance", how] += 1
        made = Delivery.objects.filter(made_at__gte=since, made_at__lt=until)
        for at, state in made.values_list("made_at", "state"):
            found[belgian_day(at), "individual-notice", state] += 1
        return [Count(day, step, result, "", count) for (day, step, result), count in sorted(found.items())]

    def measured_at(self) -> datetime | None:
        return Round.objects.values_list("at", flat=True).first()


def _text(row: Acceptance | Delivery) -> str:
    return f"version {row.version} {row.language} {row.sha256[:12]}"
