"""The routing table as two CSV files; docs/flows/emergency-routing.md has their columns.

UTF-8, comma or semicolon, a header line. Every line is looked at, and each fault is told with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from django.utils.translation import gettext as _

from kiestoon.portal.emergency_routes.models import Area, Route

AREA_COLUMNS: Final = ("key", "name_nl", "name_fr", "name_de", "name_en", "municipalities")
ROUTE_COLUMNS: Final = ("service", "area", "trunk", "rank", "testing")
AREA_OPTIONAL: Final = ("to_verify", "origin")
ROUTE_OPTIONAL: Final = ("request_user", "valid_from", "valid_until", "to_verify", "origin")
MOST_LINES: Final = 5_000
Row = TypeVar("Row")
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_USER = re.compile(r"[+0-9A-Za-z._-]{0,40}\Z")
_YES, _NO = frozenset({"yes", "true", "1", "x"}), frozenset({"", "no", "false", "0"})


@dataclass(slots=True)
class Read:
    """Rows not yet saved, the line each came from, and what cannot be read (line, words)."""

    areas: list[Area] = field(default_factory=list)
    area_lines: list[int] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    route_lines: list[int] = field(default_factory=list)
    area_errors: list[tuple[int, str]] = field(default_factory=list)
    route_errors: list[tuple[int, str]] = field(default_factory=list)


class _Unreadable(Exception):
    """A field of a line; the text says which and what would do."""


def read(areas: str, routes: str) -> Read:
    """Both files."""
    found = Read()
    for line, row in _lines(areas, AREA_COLUMNS, AREA_OPTIONAL, found.area_errors):
        _keep(line, row, _area, found.areas, found.area_lines, found.area_errors)
    for line, row in _lines(routes, ROUTE_COLUMNS, ROUTE_OPTIONAL, found.route_errors):
        _keep(line, row, _route, found.routes, found.route_lines, found.route_errors)
    return found


def _keep(
    line: int,
    row: dict[str, str],
    make: Callable[[dict[str, str]], Row],
    rows: list[Row],
    lines: list[int],
    errors: list[tuple[int, str]],
) -> None:
    try:
        rows.append(make(row))
        lines.append(line)
    except _Unreadable as error:
        errors.append((line, str(error)))


def _lines(
    text: str, columns: tuple[str, ...], optional: tuple[str, ...], errors: list[tuple[int, str]]
) -> Iterator[tuple[int, dict[str, str]]]:
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in columns if name not in names]
        unknown = [name for name in names if name not in columns + optional]
        if missing or unknown or len(set(names)) != len(names):
            errors.append(
                (
                    1,
                    _("The first line names the columns %(columns)s, and may name %(optional)s.")
                    % {"columns": ", ".join(columns), "optional": ", ".join(optional)},
                )
            )
            return
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if reader.line_num > MOST_LINES:
                errors.append(
                    (reader.line_num, _("A file has at most %(most)d lines.") % {"most": MOST_LINES})
                )
                return
            if len(values) != len(names):
                errors.append(
                    (
                        reader.line_num,
                        _("This line has %(found)d fields, the first has %(wanted)d.")
                        % {"found": len(values), "wanted": len(names)},
                    )
                )
                continue
            yield reader.line_num, dict(zip(names, (value.strip() for value in values), strict=True))
    except csv.Error:
        errors.append((reader.line_num, _("This line is no CSV.")))


def _area(row: dict[str, str]) -> Area:
    if not _KEY.match(row["key"]):
        raise _Unreadable(_("key: enter small letters, digits and hyphens. It says “%s”.") % row["key"])
    names = {name: row[name] for name in AREA_COLUMNS[1:5]}
    for name, value in names.items():
        if not 0 < len(value) <= 100:
            raise _Unreadable(_("%s: enter a name of at most 100 letters.") % name)
    return Area(
        key=row["key"],
        **names,
        municipalities=row["municipalities"].split(),
        to_verify=_flag(row, "to_verify", default=True),
        origin=_origin(row),
    )


def _route(row: dict[str, str]) -> Route:
    rank = row["rank"]
    if not (rank.isascii() and rank.isdecimal() and 1 <= int(rank) <= 99):
        raise _Unreadable(_("rank: enter a number from 1 to 99. It says “%s”.") % rank)
    request_user = row.get("request_user", "")
    if not _USER.match(request_user):
        raise _Unreadable(_("request_user: enter the number the trunk is asked for, or nothing."))
    for name, most in (("service", 3), ("area", 40), ("trunk", 40)):
        if len(row[name]) > most:
            raise _Unreadable(_("%(name)s: enter at most %(most)d letters.") % {"name": name, "most": most})
    return Route(
        service=row["service"],
        area=row["area"],
        trunk=row["trunk"],
        request_user=request_user,
        rank=int(rank),
        valid_from=_day(row, "valid_from"),
        valid_until=_day(row, "valid_until"),
        testing=_flag(row, "testing", default=False),
        to_verify=_flag(row, "to_verify", default=True),
        origin=_origin(row),
    )


def _flag(row: dict[str, str], name: str, *, default: bool) -> bool:
    value = row.get(name, "").lower()
    if not value:
        return default
    if value not in _YES | _NO:
        raise _Unreadable(
            _("%(name)s: enter yes or no. It says “%(value)s”.") % {"name": name, "value": value}
        )
    return value in _YES


def _day(row: dict[str, str], name: str) -> date | None:
    value = row.get(name, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise _Unreadable(
            _("%(name)s: enter a day as 2027-01-31. It says “%(value)s”.") % {"name": name, "value": value}
        ) from None


def _origin(row: dict[str, str]) -> str:
    origin = row.get("origin", "")
    if len(origin) > 300:
        raise _Unreadable(_("%(name)s: enter at most %(most)d letters.") % {"name": "origin", "most": 300})
    return origin
