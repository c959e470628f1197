"""Small line charts as SVG: the picture of a table that stands below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from kiestoon.portal.health.models import Minute

WIDTH, HEIGHT = 300, 80
MINUTES = 60
TABLE_EVERY = 5


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines`: points of unbroken stretches ("x,y x,y"); a minute without a value breaks the line."""

    key: str
    title: str
    caption: str
    lines: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    top: str
    rows: tuple[tuple[str, str], ...]
    heading: str


def charts(now: datetime) -> list[Chart]:
    """Calls a minute, answered share, and 99th percentile of setup of the last hour."""
    this = now.replace(second=0, microsecond=0)
    begun = this - timedelta(minutes=MINUTES - 1)
    known = {row.minute: row for row in Minute.objects.filter(minute__gte=begun, minute__lte=this)}
    minutes = [begun + timedelta(minutes=n) for n in range(MINUTES)]
    rows = [known.get(minute) for minute in minutes]
    attempts = [row.attempts if row else None for row in rows]
    ratio = [round(100 * row.answered / row.attempts) if row and row.attempts else None for row in rows]
    setup = [row.setup_p99_ms / 1000 if row and row.setup_p99_ms is not None else None for row in rows]
    calls, answered = sum(n or 0 for n in attempts), sum(row.answered for row in rows if row)
    slowest = max((value for value in setup if value is not None), default=None)
    return [
        _chart(
            "calls", _("Calls a minute"), minutes, attempts, "",
            _("%(count)s calls began in the last hour.") % {"count": calls},
        ),
        _chart(
            "answered", _("Answered share"), minutes, ratio, "%",
            _("%(share)s %% of them were answered.") % {"share": round(100 * answered / calls)}
            if calls else _("There was no call to answer."),
        ),
        _chart(
            "setup", _("Time until it rings, slowest of 100 calls"), minutes, setup, " s",
            _("At most %(seconds)s s in the last hour.") % {"seconds": f"{slowest:.1f}"}
            if slowest is not None else _("No call rang or was answered."),
        ),
    ]  # fmt: skip


def _chart(
    key: str, title: str, minutes: Sequence[datetime], values: Sequence[float | None], unit: str, caption: str
) -> Chart:
    most = max((value for value in values if value is not None), default=0) or 1
    lines, dots = _lines(values, most)
    rows = tuple(
        (
            timezone.localtime(minutes[n]).strftime("%H:%M"),
            "–" if values[n] is None else f"{_number(values[n] or 0)}{unit}",
        )
        for n in range(len(minutes) - 1, -1, -1)
        if values[n] is not None or n % TABLE_EVERY == 0
    )
    return Chart(key, title, caption, lines, dots, f"{_number(most)}{unit}", rows, title)


def _lines(
    values: Sequence[float | None], most: float
) -> tuple[tuple[str, ...], tuple[tuple[float, float], ...]]:
    """Stretches of two and more points as lines, single ones as dots."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            stretches.append([])
            continue
        x = WIDTH * place / (len(values) - 1)
        stretches[-1].append((round(x, 1), round(HEIGHT - HEIGHT * value / most, 1)))
    lines = tuple(" ".join(f"{x},{y}" for x, y in points) for points in stretches if len(points) > 1)
    return lines, tuple(points[0] for points in stretches if len(points) == 1)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.1f}"
