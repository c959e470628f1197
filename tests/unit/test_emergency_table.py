"""A routing table found fit reaches every municipality, service and day by the very function calls use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiestoon.belgium.municipalities import PROVINCES, Municipality, municipalities
from kiestoon.domain.emergency.paths import ANYWHERE, Path, paths_to
from kiestoon.domain.emergency.table import SERVICES, coverage, days_of_change, faults
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import Operator
from kiestoon.vocabulary.emergency import EmergencyArea, EmergencyRoute
from tests.unit.fake_snapshot import TRUNKS, DictSnapshot

DAY = date(2026, 11, 24)
LATER = date(2027, 3, 1)
CENTRES = {"emergency-own", "emergency-partner"}
AREAS = tuple(
    EmergencyArea(key, tuple(one.nis for one in municipalities() if one.province == key)) for key in PROVINCES
)
ROUTES = tuple(
    EmergencyRoute(service, area.key, trunk, f"{area.key}{service}{trunk[-1]}", rank)
    for area in AREAS
    for service in SERVICES
    for rank, trunk in enumerate(sorted(CENTRES, reverse=True), 1)
)
"""The partner first: what holds without a table is the other way round."""
OPERATOR = Operator("r", (), (), TRUNKS)


def address_in(one: Municipality) -> CivicAddress:
    return CivicAddress("BE", one.nl, "Dorp", "1", one.postcodes[0])


def tried(one: Municipality, service: str, areas: object, routes: object, day: date) -> tuple[Path, ...]:
    operator = replace(OPERATOR, emergency_areas=areas, emergency_routes=routes)  # type: ignore[arg-type]
    return paths_to(service, address_in(one), DictSnapshot((), operator), day).paths


@pytest.mark.parametrize("day", [DAY, LATER])
@pytest.mark.parametrize("service", SERVICES)
def test_every_municipality_reaches_its_centre_by_two_paths(service: str, day: date) -> None:
    assert faults(AREAS, ROUTES, CENTRES, day) == []
    covered = coverage(AREAS, ROUTES, day)
    assert len(covered) == 565 * 3
    area = {nis: area for area in AREAS for nis in area.municipalities}
    for one in municipalities():
        paths = tried(one, service, AREAS, ROUTES, day)
        key = area[one.nis].key
        assert [path.request_user for path in paths] == [f"{key}{service}r", f"{key}{service}n"], one.nl
        assert covered[one.nis, service] == "two-paths"


def test_an_overlap_is_told_with_both_areas() -> None:
    twice = (*AREAS, EmergencyArea("antwerp-again", ("11002",)))
    [fault] = faults(twice, ROUTES, CENTRES, DAY)
    assert (fault.part, fault.at, fault.said) == ("area", len(AREAS), "overlap")
    assert fault.values["other"] == "10000"


def test_a_hole_opens_on_the_day_a_route_ends() -> None:
    ending = tuple(
        replace(route, valid_until=LATER) if (route.service, route.area) == ("101", "90000") else route
        for route in ROUTES
    )
    [fault] = faults(AREAS, ending, CENTRES, DAY)
    assert (fault.said, fault.values["area"], fault.values["service"]) == ("no-route", "90000", "101")
    assert fault.values["day"] == LATER.isoformat()
    assert coverage(AREAS, ending, LATER)["92094", "101"] == "hole"
    assert coverage(AREAS, ending, LATER - timedelta(days=1))["92094", "101"] == "two-paths"
    anywhere = EmergencyRoute("101", ANYWHERE, "emergency-own")
    assert faults(AREAS, (*ending, anywhere), CENTRES, DAY) == []
    assert coverage(AREAS, (*ending, anywhere), LATER)["92094", "101"] == "elsewhere"


def test_a_municipality_in_no_area() -> None:
    without = tuple(
        replace(area, municipalities=tuple(n for n in area.municipalities if n != "11002")) for area in AREAS
    )
    [fault] = faults(without, ROUTES, CENTRES, DAY)
    assert (fault.said, fault.at, fault.values["name"]) == ("in-no-area", None, "Antwerpen / Anvers")


def test_days_looked_at_are_those_on_which_something_changes() -> None:
    route = EmergencyRoute("112", "", "emergency-own", valid_from=LATER)
    assert days_of_change((route,), DAY) == [DAY, LATER]
    assert days_of_change((route,), LATER) == [LATER]


AREA = st.builds(
    EmergencyArea,
    st.sampled_from(["a", "b", "c", ""]),
    st.lists(st.sampled_from(["11001", "11002", "92094", "99999"]), max_size=3).map(tuple),
)
ROUTE = st.builds(
    EmergencyRoute,
    service=st.sampled_from([*SERVICES, "113"]),
    area=st.sampled_from(["a", "b", "c", "d", ""]),
    trunk_id=st.sampled_from(["emergency-own", "emergency-partner", "national"]),
    request_user=st.just("in-the-table"),
    rank=st.integers(1, 2),
    valid_from=st.sampled_from([date.min, DAY, LATER]),
    valid_until=st.sampled_from([date.max, LATER, DAY]),
)
ANYWHERE_ROUTES = tuple(EmergencyRoute(service, "", "emergency-own", "in-the-table") for service in SERVICES)


@settings(max_examples=300, deadline=None)
@given(
    areas=st.lists(AREA, max_size=3).map(tuple),
    routes=st.lists(ROUTE, max_size=5).map(tuple),
    general=st.sampled_from([(), ANYWHERE_ROUTES]),
    day=st.sampled_from([DAY, LATER, LATER + timedelta(days=400)]),
)
def test_no_table_without_fault_leaves_a_place_to_chance(
    areas: tuple[EmergencyArea, ...],
    routes: tuple[EmergencyRoute, ...],
    general: tuple[EmergencyRoute, ...],
    day: date,
) -> None:
    """Whatever was found fit: on each later day, each place's first path is one the table names."""
    found = faults(areas, (*routes, *general), CENTRES, DAY)
    for fault in found:
        assert fault.part == "table" or fault.at is not None
    if found:
        return
    for one in municipalities():
        if one.nis in ("11001", "11002", "92094", "21004"):
            for service in SERVICES:
                first = tried(one, service, areas, (*routes, *general), day)[0]
                assert first.request_user == "in-the-table"
