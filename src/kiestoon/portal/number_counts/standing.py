"""Which redundancy duty applies and how this year's report stands, from what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kiestoon.duties.duty import belgian_day
from kiestoon.duties.redundant_access import Standing, report_due, report_standing, which_applies
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.number_counts.models import Agreement, Count, NationalTotal, Notice, Report


@dataclass(frozen=True)
class Year:
    """One year's count beside the national total; `share` None: one of them is not known."""

    count: Count
    total: NationalTotal | None
    report: Report | None
    standing: str
    due: date

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.count.numbers) / self.total.numbers if self.total is not None else None

    @property
    def percent(self) -> Decimal | None:
        return (self.share * 100).quantize(Decimal("0.0001")) if self.share is not None else None


@dataclass(frozen=True)
class Overview:
    years: list[Year]
    applies: Standing
    agreement: Agreement | None
    """The one in force today."""
    notice: Notice | None
    paths: list[str]
    """Trunks to the emergency centres, in the order they are tried."""

    @property
    def agreement_is_missing(self) -> bool:
        """Exempt operators need one; until the full system stands so do the others."""
        return self.agreement is None and self.applies.which != "full"


def overview(now: datetime) -> Overview:
    today = belgian_day(now)
    totals = {one.year: one for one in NationalTotal.objects.all()}
    reports = {one.year: one for one in Report.objects.all()}
    years = [
        Year(
            count,
            totals.get(count.year),
            reports.get(count.year),
            report_standing(count.year, count.year in reports, now),
            report_due(count.year),
        )
        for count in Count.objects.all()
    ]
    notice = Notice.objects.first()
    shares = {one.count.year: one.share for one in years}
    applies = which_applies(shares, notice.received_on if notice else None, today)
    agreements = Agreement.objects.filter(since__lte=today)
    in_force = [one for one in agreements if one.until is None or today < one.until]
    paths = Trunk.objects.filter(kind=Trunk.Kind.EMERGENCY).order_by("priority", "trunk_id")
    return Overview(years, applies, in_force[0] if in_force else None, notice, [one.name for one in paths])
