"""A bar chart as SVG: one bar a row, its p50, p99 and longest, on a logarithmic scale of milliseconds."""

from __future__ import annotations

import math
from html import escape
from typing import Any

LEFT, WIDTH, ROW, TOP = 230, 620, 24, 46
LEAST, MOST = 1.0, 32_000.0
SHADES = (("max_ms", "#c9d4e3"), ("p99_ms", "#7d9cc4"), ("p50_ms", "#28508c"))
"""Longest first: a shorter one is drawn over it."""


def bars(title: str, rows: list[dict[str, Any]]) -> str:
    """`rows` have name, calls, reached, p50_ms, p99_ms, max_ms."""
    height = TOP + ROW * len(rows) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 130} {height}" '
        f'font-family="sans-serif" font-size="12" role="img"><title>{escape(title)}</title>'
        f'<text x="8" y="20" font-size="14">{escape(title)}</text>'
    ]
    for decade in range(5):
        at = LEFT + _length(10**decade)
        parts.append(
            f'<line x1="{at}" y1="{TOP - 6}" x2="{at}" y2="{height - 34}" stroke="#ddd"/>'
            f'<text x="{at}" y="{TOP - 10}" text-anchor="middle">{10**decade} ms</text>'
        )
    for place, row in enumerate(rows):
        y = TOP + ROW * place
        lost = row["calls"] - row["reached"]
        parts.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(str(row["name"]))}</text>')
        for key, shade in SHADES:
            parts.append(
                f'<rect x="{LEFT}" y="{y + 4}" width="{_length(row[key])}" height="14" fill="{shade}"/>'
            )
        colour = "#b00020" if lost else "#333"
        text = f"{row['reached']}/{row['calls']}"
        parts.append(f'<text x="{LEFT + WIDTH + 8}" y="{y + 15}" fill="{colour}">{text}</text>')
    legend = "dark: median, middle: p99, light: longest; right: calls that reached a centre of those made"
    parts.append(f'<text x="8" y="{height - 12}">{legend}</text></svg>')
    return "\n".join(parts) + "\n"


def _length(ms: float | None) -> float:
    share = math.log(max(LEAST, min(ms or LEAST, MOST)) / LEAST) / math.log(MOST / LEAST)
    return round(WIDTH * share, 1)
