"""Is a routing table fit for use? Every municipality, service and date is looked at; pure.

Centres are competent by place (RD Emergency art. 4). What is found has a key and values: whoever shows it has
the words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from kiestoon.belgium.emergency_numbers import ON_SITE
from kiestoon.belgium.municipalities import municipalities
from kiestoon.domain.emergency.paths import ANYWHERE
from kiestoon.vocabulary.emergency import EmergencyArea, EmergencyRoute

SERVICES: Final = tuple(sorted(ON_SITE))

Part = Literal["area", "route", "table"]
Cover = Literal["two-paths", "one-path", "elsewhere", "hole"]
"""How an area, or a municipality, is served on a day. elsewhere: only by the routes of the area ANYWHERE."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`at` is the place in the areas or routes given, from 0; None when it is about the whole table."""

    part: Part
    at: int | None
    said: str
    values: Mapping[str, str] = field(default_factory=dict)


def faults(
    areas: Sequence[EmergencyArea],
    routes: Sequence[EmergencyRoute],
    trunks: Collection[str],
    first_day: date,
) -> list[Fault]:
    """Why this table may not be used from `first_day` on; empty when nothing speaks against it.

    `trunks` are the emergency trunks there are. A place that only the routes of the area ANYWHERE serve is no
    fault: `coverage` shows it.
    """
    found = [*_of_areas(areas), *_of_routes(areas, routes, trunks)]
    if not found:
        found = list(_holes(areas, routes, first_day))
    return found


def area_of(areas: Iterable[EmergencyArea]) -> dict[str, str]:
    """Municipality (NIS code) to the area's key."""
    return {nis: area.key for area in areas for nis in area.municipalities}


def coverage(
    areas: Sequence[EmergencyArea], routes: Sequence[EmergencyRoute], day: date
) -> dict[tuple[str, str], Cover]:
    """(NIS code, service) of all municipalities of Belgium to how it is served on this day."""
    keys = area_of(areas)
    known: dict[tuple[str | None, str], Cover] = {}
    for service in SERVICES:
        anywhere = _holding(routes, service, ANYWHERE, day)
        known[None, service] = _cover((), anywhere)
        for key in {*keys.values()}:
            known[key, service] = _cover(_holding(routes, service, key, day), anywhere)
    return {
        (one.nis, service): known[keys.get(one.nis), service]
        for one in municipalities()
        for service in SERVICES
    }


def days_of_change(routes: Iterable[EmergencyRoute], first_day: date) -> list[date]:
    """The first day, and each later one on which a route begins or ends."""
    edges = {edge for route in routes for edge in (route.valid_from, route.valid_until)}
    return [first_day, *sorted(day for day in edges if first_day < day < date.max)]


def _of_areas(areas: Sequence[EmergencyArea]) -> Iterator[Fault]:
    known = {one.nis for one in municipalities()}
    keys: set[str] = set()
    whose: dict[str, str] = {}
    for at, area in enumerate(areas):
        if not area.key:
            yield Fault("area", at, "area-without-key")
        elif area.key in keys:
            yield Fault("area", at, "area-twice", {"area": area.key})
        keys.add(area.key)
        for nis in area.municipalities:
            if nis not in known:
                yield Fault("area", at, "unknown-municipality", {"nis": nis})
            elif nis in whose:
                yield Fault(
                    "area",
                    at,
                    "overlap",
                    {"nis": nis, "name": _name(nis), "area": area.key, "other": whose[nis]},
                )
            whose.setdefault(nis, area.key)


def _of_routes(
    areas: Sequence[EmergencyArea], routes: Sequence[EmergencyRoute], trunks: Collection[str]
) -> Iterator[Fault]:
    keys = {ANYWHERE, *(area.key for area in areas)}
    for at, route in enumerate(routes):
        if route.service not in SERVICES:
            yield Fault("route", at, "unknown-service", {"service": route.service})
        if route.area not in keys:
            yield Fault("route", at, "unknown-area", {"area": route.area})
        if route.trunk_id not in trunks:
            yield Fault("route", at, "unknown-trunk", {"trunk": route.trunk_id})
        if route.valid_until <= route.valid_from:
            yield Fault("route", at, "ends-before-it-begins")
        if any(_is_same(route, earlier) for earlier in routes[:at]):
            yield Fault(
                "route",
                at,
                "route-twice",
                {"service": route.service, "area": route.area, "trunk": route.trunk_id},
            )


def _is_same(one: EmergencyRoute, other: EmergencyRoute) -> bool:
    """The same way for the same days, said twice."""
    return (
        (one.service, one.area, one.trunk_id) == (other.service, other.area, other.trunk_id)
        and one.valid_from < other.valid_until
        and other.valid_from < one.valid_until
    )


def _holes(
    areas: Sequence[EmergencyArea], routes: Sequence[EmergencyRoute], first_day: date
) -> Iterator[Fault]:
    """The first day on which a municipality has no way to a service, told once for area and service."""
    keys, told = area_of(areas), set()
    at_of = {area.key: at for at, area in enumerate(areas)}
    for day in days_of_change(routes, first_day):
        for (nis, service), cover in coverage(areas, routes, day).items():
            key = keys.get(nis)
            mark = (key, service) if key is not None else (nis, "")
            if cover != "hole" or mark in told:
                continue
            told.add(mark)
            values = {"service": service, "day": day.isoformat(), "nis": nis, "name": _name(nis)}
            if key is None:
                yield Fault("table", None, "in-no-area", values)
            else:
                yield Fault("area", at_of[key], "no-route", {**values, "area": key})


def _holding(
    routes: Iterable[EmergencyRoute], service: str, area: str, day: date
) -> tuple[EmergencyRoute, ...]:
    return tuple(r for r in routes if r.service == service and r.area == area and r.holds_on(day))


def _cover(own: Sequence[EmergencyRoute], anywhere: Sequence[EmergencyRoute]) -> Cover:
    if own:
        return "two-paths" if len({route.trunk_id for route in own}) > 1 else "one-path"
    return "elsewhere" if anywhere else "hole"


def _name(nis: str) -> str:
    for one in municipalities():
        if one.nis == nis:
            return one.both
    return nis
