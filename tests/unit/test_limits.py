"""Guessing gets slower, and nobody can lock an owner out by guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kiestoon.portal.identity.limits import ACCOUNT, ADDRESS, HERE, wait

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def ago(count: int, seconds: float = 1) -> list[datetime]:
    """So many failures, the last of them this long ago."""
    return [NOW - timedelta(seconds=seconds + n) for n in range(count)]


def seconds(here: int = 0, address: int = 0, account: int = 0, *, is_known: bool = False) -> float:
    left = wait(ago(here), ago(address), ago(account), is_known=is_known, now=NOW)
    return left.total_seconds()


def test_a_few_typos_cost_nothing() -> None:
    assert seconds(here=HERE.free - 1, address=HERE.free - 1, account=HERE.free - 1) == 0


def test_each_further_guess_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [seconds(here=HERE.free + n) for n in range(8)]
    assert waits[:5] == [29, 59, 119, 239, 479]
    assert waits[5:] == [899, 899, 899]


def test_the_wait_is_over() -> None:
    assert wait(ago(HERE.free, 30), [], [], is_known=False, now=NOW) == timedelta()


def test_one_address_that_tries_many_names_is_slowed() -> None:
    assert seconds(address=ADDRESS.free - 1) == 0
    assert seconds(address=ADDRESS.free) == 9


def test_many_addresses_that_try_one_name_make_strangers_wait_a_minute_at_most() -> None:
    assert seconds(account=ACCOUNT.free) == 4
    assert seconds(account=ACCOUNT.free + 500) == 59


def test_the_owner_at_home_does_not_wait_for_strangers() -> None:
    assert seconds(account=ACCOUNT.free + 500, is_known=True) == 0
    assert seconds(here=HERE.free, account=ACCOUNT.free + 500, is_known=True) == 29
