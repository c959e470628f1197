"""The drills as a matrix, and the picture of their set-up times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiestoon.domain.emergency.drill import KINDS
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.emergency_drills.current import Stand, stands
from kiestoon.portal.emergency_drills.models import Drill
from kiestoon.portal.emergency_drills.words import STATES, standing_words
from kiestoon.portal.emergency_routes.current import table_on

BUCKETS: Final = (25, 50, 100, 200, 400, 800, 1600)
"""Milliseconds; each bar is up to its number, the last above it."""
WIDTH, HEIGHT, SIDE = 640, 160, 48


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of device on one route."""

    state: str
    words: str
    last: Drill | None


@dataclass(frozen=True, slots=True)
class Row:
    """One route from one area."""

    area: str
    service: str
    trunk: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Totals:
    total: int
    passed: int
    oldest: datetime | None

    @property
    def wrong(self) -> int:
        return self.total - self.passed


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Set-up times of the last drills; `median` and `most` in ms."""

    bars: list[Bar]
    median: int
    most: int
    count: int
    width: int = WIDTH
    height: int = HEIGHT


def matrix(now: datetime, language: str) -> tuple[list[Row], Totals]:
    """Rows in the order of the table, red ones first; areas by their names."""
    table = table_on(belgian_day(now))
    names = {area.key: area.name(language) for area in table.areas.all()} if table is not None else {}
    grouped: dict[tuple[str, str, str], list[Stand]] = {}
    found = stands(now)
    for one in found:
        grouped.setdefault((one.wanted.area, one.wanted.service, one.wanted.trunk), []).append(one)
    rows = []
    for (area, service, trunk), group in grouped.items():
        by_kind = {one.wanted.kind: one for one in group}
        cells = [
            Cell(STATES[one.standing], standing_words(one.standing), one.last)
            for one in (by_kind[kind] for kind in KINDS)
        ]
        rows.append(Row(names.get(area, area), service, trunk, cells))
    rows.sort(key=lambda row: all(cell.state == "ok" for cell in row.cells))
    times = [one.last.started_at for one in found if one.last is not None]
    passed = sum(one.standing == "passed" for one in found)
    return rows, Totals(len(found), passed, min(times, default=None))


def histogram(now: datetime, days: int = 30) -> Histogram | None:
    """Of the last days' drills that reached a centre; None when there were none."""
    rows = Drill.objects.filter(started_at__gte=now - timedelta(days=days), setup_ms__isnull=False)
    times = sorted(ms for ms in rows.values_list("setup_ms", flat=True)[:5000] if ms is not None)
    if not times:
        return None
    counts = [0] * (len(BUCKETS) + 1)
    for ms in times:
        counts[next((n for n, most in enumerate(BUCKETS) if ms <= most), len(BUCKETS))] += 1
    labels = [f"≤ {most}" for most in BUCKETS] + [f"> {BUCKETS[-1]}"]
    step, top = WIDTH / len(counts), max(counts)
    bars = [
        Bar(
            round(n * step + 4, 1),
            round(HEIGHT - count / top * (HEIGHT - 16), 1),
            round(step - 8, 1),
            round(count / top * (HEIGHT - 16), 1),
            labels[n],
            count,
        )
        for n, count in enumerate(counts)
    ]
    return Histogram(bars, times[len(times) // 2], times[-1], len(times))
