"""Malicious calls: which can be marked, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kiestoon.duties.malicious_calls import kept_until, may_be_marked

CALL = datetime(2025, 11, 24, 23, 30, tzinfo=UTC)


def test_a_call_can_be_marked_for_twelve_months() -> None:
    end = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert kept_until(CALL) == end
    assert may_be_marked(CALL, CALL, is_received=True)
    assert may_be_marked(CALL, end - timedelta(seconds=1), is_received=True)
    assert not may_be_marked(CALL, end, is_received=True)


def test_a_call_one_made_is_no_malicious_one() -> None:
    assert not may_be_marked(CALL, CALL, is_received=False)


def test_a_leap_day_has_a_year_too() -> None:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert kept_until(leap) == datetime(2029, 2, 28, 12, tzinfo=UTC)


def test_summer_time_moves_no_end() -> None:
    before = datetime(2026, 3, 28, 11, tzinfo=UTC)
    assert kept_until(before).astimezone(UTC) == datetime(2027, 3, 28, 10, tzinfo=UTC)
