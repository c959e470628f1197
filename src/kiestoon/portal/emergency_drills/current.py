"""Where each drill stands: every route for testing of the table in force, by kind of device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kiestoon.domain.emergency.drill import KINDS, Kind, Standing, is_due, standing
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.customers.civic import vocabulary_address
from kiestoon.portal.emergency_drills.models import Drill, DrillLine, DrillSettings
from kiestoon.portal.emergency_routes.current import table_on
from kiestoon.portal.emergency_routes.models import Table
from kiestoon.vocabulary.emergency import Site

TRUNK_ID = "emergency-drills"
"""The exchange of the drills' customer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One drill to make."""

    service: str
    area: str
    trunk: str
    kind: Kind

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.service, self.area, self.trunk, self.kind


@dataclass(frozen=True, slots=True)
class Stand:
    """A drill and how its last one went."""

    wanted: Wanted
    standing: Standing
    last: Drill | None


def drill_settings() -> DrillSettings:
    """As set; the defaults when nobody has."""
    return DrillSettings.objects.first() or DrillSettings()


def wanted_drills(table: Table | None, now: datetime) -> Iterator[Wanted]:
    """Routes for testing that hold today, of areas with a municipality to call from."""
    if table is None:
        return
    areas = {area.key for area in table.areas.all() if area.municipalities}
    for route in table.routes.filter(testing=True).order_by("area", "service", "rank"):
        if route.area in areas and route.value.holds_on(belgian_day(now)):
            for kind in KINDS:
                yield Wanted(route.service, route.area, route.trunk, kind)


def stands(now: datetime) -> list[Stand]:
    """Every drill there should be, in the order of the table."""
    limit = drill_settings().limit_days
    latest = latest_drills()
    found = []
    for wanted in wanted_drills(table_on(belgian_day(now)), now):
        last = latest.get(wanted.key)
        state = standing(
            last.started_at if last else None,
            passed=last is not None and last.result == Drill.Result.PASSED,
            now=now,
            limit_days=limit,
        )
        found.append(Stand(wanted, state, last))
    return found


def due_drills(now: datetime) -> list[Wanted]:
    """What the nightly run makes."""
    limit = drill_settings().limit_days
    return [
        one.wanted
        for one in stands(now)
        if is_due(
            one.last.started_at if one.last else None,
            passed=one.standing in ("passed", "overdue"),
            now=now,
            limit_days=limit,
        )
    ]


def latest_drills() -> dict[tuple[str, str, str, str], Drill]:
    names = ("service", "area", "trunk", "kind")
    rows = Drill.objects.order_by(*names, "-started_at", "-pk").distinct(*names)
    return {(row.service, row.area, row.trunk, row.kind): row for row in rows}


def drill_sites() -> tuple[Site, ...]:
    """What the call plane needs to know of the drills' exchange: which extension is where."""
    lines = DrillLine.objects.filter(kind="trunk").select_related("address").order_by("extension")
    return tuple(Site(line.extension, line.area, vocabulary_address(line.address), True) for line in lines)
