"""How long somebody who guesses has to wait. Pure: the attempts are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
"""Failures older than this count no more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """After `free` failures a wait of `first`, doubled by each further failure up to `most`."""

    free: int
    first: timedelta
    most: timedelta

    def until(self, failures: Sequence[datetime]) -> datetime | None:
        """When the next attempt is allowed; None: at once."""
        extra = len(failures) - self.free
        if extra < 0:
            return None
        delay: timedelta = min(self.most, self.first * 2 ** min(extra, 20))
        return max(failures) + delay


HERE = Rule(5, timedelta(seconds=30), timedelta(minutes=15))
"""One account from one address."""
ADDRESS = Rule(30, timedelta(seconds=10), timedelta(minutes=15))
"""One address, whatever the account: an office may share one."""
ACCOUNT = Rule(20, timedelta(seconds=5), timedelta(minutes=1))
"""One account from anywhere: at most a minute, so that nobody can lock its owner out."""


def wait(
    here: Sequence[datetime],
    address: Sequence[datetime],
    account: Sequence[datetime],
    *,
    is_known: bool,
    now: datetime,
) -> timedelta:
    """How long before the next attempt, zero when at once, given the failures of the last WINDOW.

    `here`: of this account from this address; `address`: from this address; `account`: of this account from
    anywhere, which does not count where its owner signed in before (`is_known`).
    """
    times = [HERE.until(here), ADDRESS.until(address)]
    if not is_known:
        times.append(ACCOUNT.until(account))
    return max(timedelta(), *(time - now for time in times if time is not None), timedelta())
