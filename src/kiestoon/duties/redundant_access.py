"""Two paths to the emergency centres, and the count that decides who needs them (WEC art. 107/1/1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal

from kiestoon.duties.duty import BELGIUM, Duty, Source, belgian_day
from kiestoon.duties.emergency_calls import WEC, WEC_READ

SHARE: Final = Decimal("0.01")
"""Of the national total of public numbers: up to and with it an operator is exempt."""
YEARS: Final = 3
"""Above it in more than so many consecutive counts, the exemption ends."""
AFTER_NOTICE: Final = timedelta(days=365)
"""The full duty begins 12 months after BIPT's notice."""
REMINDED_BEFORE: Final = timedelta(days=60)
"""A report that is due this soon is on the duty board. Ours."""

DUTY: Final = Duty(
    key="redundant-access",
    title="Emergency centres are reached over two paths; numbers are counted each 1 September",
    summary="The publicly assigned numbers at 1 September are reported to BIPT by 31 December. Up to one "
    "percent of the national total, not above it for more than three years running, an operator needs an "
    "agreement by which its calls benefit from another operator's redundant system; above it, a system of "
    "its own.",
    sources=(
        Source("WEC art. 107/1/1", WEC, "P", WEC_READ, "copy read"),
        Source("WEC art. 107/1 §3", WEC, "P", WEC_READ, "copy read"),
    ),
    module="kiestoon.duties.redundant_access",
    test="tests/unit/duties/test_redundant_access.py::test_above_one_percent_for_more_than_three_years_is_full",
    evidence="each count with how it was made, the report's receipt, the agreement, and BIPT's notice",
    applied_at="kiestoon.duties.redundant_access:which_applies",
)

Which = Literal["unknown", "exempt", "full", "full-soon"]
"""unknown: without the national total nobody can say; full-soon: the notice's 12 months run."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Which of the duties applies; `years_above`: consecutive counts above the share, the newest included."""

    which: Which
    share: Decimal | None
    years_above: int
    full_from: date | None = None


def counted_on(year: int) -> date:
    return date(year, 9, 1)


def report_due(year: int) -> date:
    """Last day of the report on the count of this year."""
    return date(year, 12, 31)


def is_count_due(year: int, now: datetime) -> bool:
    """Whether 1 September of this year has begun in Belgium."""
    return now >= datetime.combine(counted_on(year), time(), BELGIUM)


def which_applies(shares: Mapping[int, Decimal | None], notified_on: date | None, today: date) -> Standing:
    """From our share of the national total by year of count (None: not known) and BIPT's notice, if any.

    Without a notice nobody is in the full duty, however many years above; with more than three it is said.
    """
    if not shares:
        return Standing("unknown", None, 0)
    newest = max(shares)
    share = shares[newest]
    if share is None:
        return Standing("unknown", None, 0)
    above, year = 0, newest
    while (one := shares.get(year)) is not None and one > SHARE:
        above, year = above + 1, year - 1
    if above <= YEARS:
        return Standing("exempt", share, above)
    full_from = notified_on + AFTER_NOTICE if notified_on is not None else None
    if full_from is not None and today < full_from:
        return Standing("full-soon", share, above, full_from)
    return Standing("full", share, above, full_from)


def report_standing(
    year: int, is_reported: bool, now: datetime
) -> Literal["reported", "late", "due", "later", "not-counted"]:
    """Where the report of one year's count stands; `not-counted` before 1 September."""
    if not is_count_due(year, now):
        return "not-counted"
    if is_reported:
        return "reported"
    today = belgian_day(now)
    if today > report_due(year):
        return "late"
    return "due" if report_due(year) - today <= REMINDED_BEFORE else "later"
