"""The count of 1 September, its report, and which duty of redundancy follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kiestoon.duties.redundant_access import is_count_due, report_standing, which_applies

TODAY = date(2026, 11, 24)
SMALL, EDGE, LARGE = Decimal("0.0004"), Decimal("0.01"), Decimal("0.0101")


def test_above_one_percent_for_more_than_three_years_is_full() -> None:
    four = dict.fromkeys((2023, 2024, 2025, 2026), LARGE)
    assert which_applies(four, None, TODAY).which == "full"
    three = four | {2023: SMALL}
    assert which_applies(three, None, TODAY).which == "exempt"
    assert which_applies(three, None, TODAY).years_above == 3
    broken = four | {2024: EDGE}
    assert which_applies(broken, None, TODAY).years_above == 2


def test_one_percent_itself_is_exempt() -> None:
    assert which_applies({2026: EDGE}, None, TODAY).which == "exempt"
    assert which_applies({2026: LARGE}, None, TODAY).years_above == 1
    assert which_applies({2026: SMALL}, None, TODAY).years_above == 0


def test_the_full_duty_begins_twelve_months_after_the_notice() -> None:
    four = dict.fromkeys((2023, 2024, 2025, 2026), LARGE)
    soon = which_applies(four, date(2026, 6, 1), TODAY)
    assert (soon.which, soon.full_from) == ("full-soon", date(2027, 6, 1))
    assert which_applies(four, date(2026, 6, 1), date(2027, 6, 1)).which == "full"


def test_without_the_national_total_nobody_can_say() -> None:
    assert which_applies({}, None, TODAY).which == "unknown"
    assert which_applies({2026: None, 2025: SMALL}, None, TODAY).which == "unknown"
    gap = {2026: LARGE, 2025: None, 2024: LARGE, 2023: LARGE, 2022: LARGE}
    assert which_applies(gap, None, TODAY).years_above == 1


@pytest.mark.parametrize(
    ("now", "is_reported", "standing"),
    [
        (datetime(2026, 8, 31, 21, 59, tzinfo=UTC), False, "not-counted"),
        (datetime(2026, 8, 31, 22, 0, tzinfo=UTC), False, "later"),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), False, "due"),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), False, "due"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), False, "late"),
        (datetime(2027, 2, 1, tzinfo=UTC), True, "reported"),
    ],
)
def test_the_report_is_due_by_the_31st_of_december(now: datetime, is_reported: bool, standing: str) -> None:
    assert report_standing(2026, is_reported, now) == standing


def test_1_september_begins_at_midnight_in_belgium() -> None:
    midnight = datetime(2026, 8, 31, 22, tzinfo=UTC)
    assert is_count_due(2026, midnight)
    assert not is_count_due(2026, midnight - timedelta(seconds=1))
