"""By which trunks is an on-site service reached from a place? The dated table, and what holds without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kiestoon.belgium.municipalities import nis_of
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import Trunk
from kiestoon.vocabulary.emergency import EmergencyRoute

ANYWHERE = ""
"""Key of the area whose routes hold where no other area is known."""


@dataclass(frozen=True, slots=True)
class Path:
    """`request_user` is what is asked of the trunk."""

    trunk: Trunk
    request_user: str


@dataclass(frozen=True, slots=True)
class Paths:
    """In the order to try them; `why` says by which line of the table."""

    paths: tuple[Path, ...]
    area: str | None
    """None: the table says nothing about the place."""
    why: str


def paths_to(service: str, address: CivicAddress | None, snapshot: Snapshot, day: date) -> Paths:
    """Paths to the competent centre of the place (RD Emergency art. 4), then every other emergency trunk.

    A hole in the table, an unknown place or a route to a trunk that is gone costs the right centre, never
    the call: centres divert among themselves.
    """
    area = area_at(address, snapshot)
    why = f"the competent centre of area {area}" if area is not None else "no area is known for the place"
    found = _of_area(service, area, snapshot, day) if area is not None else ()
    if not found:
        if area is not None:
            why = f"area {area} has no route that holds today"
        found = _of_area(service, ANYWHERE, snapshot, day)
    named = {path.trunk.trunk_id for path in found}
    rest = tuple(Path(t, service) for t in snapshot.trunks("emergency") if t.trunk_id not in named)
    return Paths(found + rest, area, why)


def area_at(address: CivicAddress | None, snapshot: Snapshot) -> str | None:
    """Key of the area a place is in; None when the table does not say."""
    nis = nis_of(address.PC, address.A3) if address is not None and address.country == "BE" else ""
    return snapshot.emergency_area(nis) if nis else None


def routes_of(
    service: str, area: str, snapshot: Snapshot, day: date
) -> Iterator[tuple[EmergencyRoute, Trunk]]:
    """The area's routes that hold on this day and lead to an emergency trunk, the first to try first."""
    routes = [route for route in snapshot.emergency_routes(service, area) if route.holds_on(day)]
    for route in sorted(routes, key=lambda one: (one.rank, one.trunk_id)):
        trunk = snapshot.trunk(route.trunk_id)
        if trunk is not None and trunk.kind == "emergency":
            yield route, trunk


def _of_area(service: str, area: str, snapshot: Snapshot, day: date) -> tuple[Path, ...]:
    found: dict[str, Path] = {}
    for route, trunk in routes_of(service, area, snapshot, day):
        found.setdefault(trunk.trunk_id, Path(trunk, route.request_user or service))
    return tuple(found.values())
