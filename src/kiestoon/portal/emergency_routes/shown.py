"""How a table is shown: coverage by province, a picture of all municipalities, rows with their words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kiestoon.belgium.municipalities import PROVINCES, municipalities
from kiestoon.domain.emergency.paths import ANYWHERE
from kiestoon.domain.emergency.table import SERVICES, Cover, coverage, days_of_change
from kiestoon.portal.emergency_routes.models import Route, Table
from kiestoon.portal.emergency_routes.words import COVER_STATES, cover_words

WORST_FIRST: Final[tuple[Cover, ...]] = ("hole", "elsewhere", "one-path", "two-paths")
COLUMNS: Final = 26
SQUARE, GAP, ROW_GAP, LABEL = 14, 3, 10, 16


@dataclass(frozen=True, slots=True)
class Cell:
    """One province and service: the worst there is, and of how many municipalities."""

    state: str
    words: str


@dataclass(frozen=True, slots=True)
class ProvinceRow:
    name: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Square:
    """A municipality in the picture; `series` 1 two paths, 2 one, 3 by the general route, 4 none."""

    x: int
    y: int
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All municipalities, a block a province: no map, but every one is there."""

    squares: list[Square]
    labels: list[tuple[int, str]]
    """(y, province)"""
    width: int
    height: int
    caption: str
    legend: list[tuple[int, str]]


def province_name(code: str) -> str:
    """In the reader's language."""
    return {
        "10000": _("Antwerp"),
        "20001": _("Flemish Brabant"),
        "20002": _("Walloon Brabant"),
        "30000": _("West Flanders"),
        "40000": _("East Flanders"),
        "50000": _("Hainaut"),
        "60000": _("Liège"),
        "70000": _("Limburg"),
        "80000": _("Luxembourg"),
        "90000": _("Namur"),
        "04000": _("Brussels-Capital Region"),
    }[code]


def coverage_of(table: Table, day: date) -> dict[tuple[str, str], Cover]:
    areas = [area.value for area in table.areas.all()]
    return coverage(areas, [route.value for route in table.routes.all()], day)


def days_of(table: Table, first: date) -> list[date]:
    """The days on which its coverage changes."""
    return days_of_change([route.value for route in table.routes.all()], first)


def by_province(covered: dict[tuple[str, str], Cover]) -> list[ProvinceRow]:
    """Brussels and the ten provinces, by name."""
    rows = []
    for code in sorted(PROVINCES, key=province_name):
        codes = [one.nis for one in municipalities() if one.province == code]
        cells = []
        for service in SERVICES:
            counts = Counter(covered[nis, service] for nis in codes)
            worst = next(cover for cover in WORST_FIRST if counts[cover])
            words = cover_words(worst)
            if counts[worst] < len(codes):
                words = _("%(words)s: %(count)d of %(total)d") % {
                    "words": words,
                    "count": counts[worst],
                    "total": len(codes),
                }
            cells.append(Cell(COVER_STATES[worst], words))
        rows.append(ProvinceRow(province_name(code), cells))
    return rows


def picture(covered: dict[tuple[str, str], Cover]) -> Picture:
    """The worst of the three services in each municipality."""
    squares: list[Square] = []
    labels: list[tuple[int, str]] = []
    totals: Counter[Cover] = Counter()
    top = 0
    for code in sorted(PROVINCES, key=province_name):
        labels.append((top + LABEL - 4, province_name(code)))
        top += LABEL
        places = [one for one in municipalities() if one.province == code]
        for number, one in enumerate(places):
            there = {covered[one.nis, service] for service in SERVICES}
            worst = next(cover for cover in WORST_FIRST if cover in there)
            totals[worst] += 1
            row, column = divmod(number, COLUMNS)
            squares.append(
                Square(
                    column * (SQUARE + GAP),
                    top + row * (SQUARE + GAP),
                    4 - WORST_FIRST.index(worst),
                    f"{one.nl} ({one.nis}): {cover_words(worst)}",
                )
            )
        top += (len(places) + COLUMNS - 1) // COLUMNS * (SQUARE + GAP) + ROW_GAP
    without = totals["hole"]
    caption = (
        ngettext(
            "%(count)d municipality of %(total)d has no way to a service.",
            "%(count)d municipalities of %(total)d have no way to a service.",
            without,
        )
        if without
        else _("Each of the %(total)d municipalities has a way to 100, 101 and 112.")
    ) % {"count": without, "total": sum(totals.values())}
    legend = [(4 - n, cover_words(cover)) for n, cover in reversed(list(enumerate(WORST_FIRST)))]
    return Picture(squares, labels, COLUMNS * (SQUARE + GAP), top, caption, legend)


def route_rows(table: Table, language: str) -> list[tuple[Route, str]]:
    """Routes with the name of their area."""
    names = {area.key: area.name(language) for area in table.areas.all()}
    names[ANYWHERE] = _("Where no area is known")
    return [(route, names.get(route.area, route.area)) for route in table.routes.all()]
