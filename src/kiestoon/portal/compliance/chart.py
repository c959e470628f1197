"""A stacked bar a day as numbers for an SVG: works without script, in print and in grey."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kiestoon.duties.duty import Count

WIDTH, HEIGHT, FOOT, SIDE = 640, 160, 20, 48
MOST_SERIES: Final = 5


@dataclass(frozen=True)
class Bar:
    """A rectangle of one series; `series` from 1, each with its own colour and hatching."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Chart:
    """Bars in a box of WIDTH by HEIGHT; `most` is the value of the highest bar."""

    bars: list[Bar]
    series: list[str]
    days: list[date]
    most: int
    width: int = WIDTH
    height: int = HEIGHT + FOOT
    foot: int = HEIGHT
    side: int = SIDE

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[-1]


def bars(counts: Iterable[Count], first: date, last: date) -> Chart:
    """One bar a day from `first` to `last`, stacked by result; small results share the last series."""
    totals: Counter[str] = Counter()
    by_day: dict[date, Counter[str]] = defaultdict(Counter)
    for count in counts:
        totals[count.result] += count.decisions
        by_day[count.day][count.result] += count.decisions
    names = [name for name, _ in totals.most_common()]
    shown, rest = (
        (names, []) if len(names) <= MOST_SERIES else (names[: MOST_SERIES - 1], names[MOST_SERIES - 1 :])
    )
    series = [*shown, *(["…"] if rest else [])]
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    most = max((day.total() for day in by_day.values()), default=0)
    step = (WIDTH - SIDE) / len(days)
    found: list[Bar] = []
    for column, day in enumerate(days):
        top = float(HEIGHT)
        values = [by_day[day][name] for name in shown] + (
            [sum(by_day[day][name] for name in rest)] if rest else []
        )
        for number, value in enumerate(values, 1):
            if value:
                height = value / most * (HEIGHT - 12)
                top -= height
                x = SIDE + column * step
                found.append(
                    Bar(round(x + 1, 2), round(top, 2), round(step - 2, 2), round(height, 2), number)
                )
    return Chart(found, series, days, most)
