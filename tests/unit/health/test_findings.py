"""Measurements are judged: what is bad is bad, and what nobody measured is never good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiestoon.domain.health import measurements as m
from kiestoon.domain.health.alerts import RULES
from kiestoon.domain.health.checks import CHECKS, findings, overall

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AGO = NOW - timedelta(minutes=10)

GOOD = m.Measurements(
    at=NOW,
    previous=NOW - timedelta(seconds=20),
    processes=(m.Process("edge", "running", AGO, True), m.Process("jobs", "running", AGO)),
    trunks=(m.Trunk("national", "national carrier", 5, 5, 0, AGO, None),),
    registrations=m.Registrations(100, 100),
    journal=m.Journal(0, 0.0, 0, None, 2, 1 << 28),
    disk=m.Disk(free=50 << 30, total=100 << 30, reserve=1 << 28),
    certificates=(m.Certificate("server", NOW + timedelta(days=200)),),
    publication=m.Publication(7, AGO, 0, None),
    database=m.Database(True, 5, 50, 1 << 24),
    jobs=m.Jobs(0, None, 0),
    calls=m.Calls(50, 40, 0),
    emergency=m.EmergencyCalls(1, 0, None),
    drills=m.Drills(198, 0, 0, 30),
    security=m.Security(3, 0),
    number_database=m.NumberDatabase(True, False, AGO, 0),
)

BAD: dict[str, dict[str, Any]] = {
    "calls-failing": {"calls": m.Calls(10, 2, 5)},
    "emergency-failing": {"emergency": m.EmergencyCalls(2, 1, AGO)},
    "drill-overdue": {"drills": m.Drills(198, 3, 0, 30)},
    "trunk-unreachable": {"trunks": (m.Trunk("n", "n", 5, 3, 2, AGO, AGO),)},
    "process-down": {"processes": (m.Process("edge", "running", AGO, False),)},
    "registrations-lost": {"registrations": m.Registrations(40, 100)},
    "journal-gap": {"journal": m.Journal(0, 0.0, 12, AGO, 2, 0)},
    "ingest-behind": {"journal": m.Journal(500, 75.0, 0, None, 2, 0)},
    "disk-low": {"disk": m.Disk(free=1 << 20, total=1 << 40, reserve=1 << 28)},
    "certificate-expiring": {"certificates": (m.Certificate("server", NOW + timedelta(days=1)),)},
    "publication-late": {"publication": m.Publication(7, AGO, 3, AGO)},
    "database-trouble": {"database": m.Database(False)},
    "jobs-behind": {"jobs": m.Jobs(4, AGO, 0)},
    "attack": {"security": m.Security(20, 1)},
    "number-database": {"number_database": m.NumberDatabase(True, False, AGO, 2)},
    "not-measured": {"previous": NOW - timedelta(minutes=5)},
}


def states(now: m.Measurements) -> dict[str, str]:
    return {one.kind: one.state for one in findings(now)}


def test_a_network_without_trouble_is_ok() -> None:
    assert set(states(GOOD).values()) == {"ok"}
    assert overall(findings(GOOD)) == "ok"


@pytest.mark.parametrize("kind", CHECKS)
def test_each_trouble_is_seen_and_hides_nothing_else(kind: str) -> None:
    found = states(replace(GOOD, **BAD[kind]))
    assert found.pop(kind) in ("warn", "bad")
    assert set(found.values()) == {"ok"}


def test_what_was_not_measured_is_off_and_never_good() -> None:
    nothing = m.Measurements(at=NOW)
    assert {one.state for one in findings(nothing)} == {"off"}
    assert {one.kind for one in findings(nothing)} == set(CHECKS)
    assert overall(findings(nothing)) == "off"


def test_a_trunk_nobody_called_over_is_off() -> None:
    unused = replace(GOOD, trunks=(m.Trunk("special", "special", 0, 0, 0, None, None),))
    assert states(unused)["trunk-unreachable"] == "off"


def test_a_process_of_the_demo_world_is_less_grave_than_one_of_ours() -> None:
    other = replace(GOOD, processes=(m.Process("metrics", "stopped", AGO),))
    assert states(other)["process-down"] == "warn"
    ours = replace(GOOD, processes=(m.Process("ingest", "stopped", AGO),))
    assert states(ours)["process-down"] == "bad"


def test_a_number_database_that_heard_nothing_for_days_is_worse_than_a_refused_record() -> None:
    late = replace(GOOD, number_database=m.NumberDatabase(True, True, AGO, 2))
    assert states(late)["number-database"] == "bad"
    for unknown in (m.NumberDatabase(False, False, None, 0), m.NumberDatabase(True, False, None, 0)):
        assert states(replace(GOOD, number_database=unknown))["number-database"] == "off"


def test_every_finding_has_a_rule() -> None:
    assert set(RULES) == set(CHECKS)
