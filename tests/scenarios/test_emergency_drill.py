"""Drills on the real stack: every route, from every area, by every kind of device; what makes them red."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.demo import Demo, final, http

DRILLS = 11 * 3 * 2 * 3
"""Areas, services, paths, kinds of device."""


async def drilled(demo: Demo, seconds: float = 80) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A run asked for and made: itself and its drills."""
    status, run = await asyncio.to_thread(demo.api, "POST", "/emergency-drills/runs", None, "network")
    assert status == 202, run
    path = f"/emergency-drills/runs/{run['id']}"
    deadline = asyncio.get_running_loop().time() + seconds
    while run["ended_at"] is None:
        assert asyncio.get_running_loop().time() < deadline, f"not over within {seconds} s: {run}"
        await asyncio.sleep(0.5)
        run = (await asyncio.to_thread(demo.api, "GET", path, None, "network"))[1]
    rows = (await asyncio.to_thread(demo.api, "GET", f"{path}/drills?limit=1000", None, "network"))[1][
        "items"
    ]
    return run, rows


async def test_every_route_area_and_kind_arrives_as_it_was_sent(demo: Demo) -> None:
    run, drills = await drilled(demo)
    assert (run["fault"], run["total"], len(drills)) == ("", DRILLS, DRILLS)
    assert [one for one in drills if one["result"] != "passed"] == []
    assert {(one["kind"], one["trunk"]) for one in drills} == {
        (kind, trunk) for kind in ("desk", "browser", "trunk") for trunk in ("emergency", "emergency-partner")
    }
    standings = demo.api("GET", "/emergency-drills?limit=1000", role="network")[1]["items"]
    assert {one["standing"] for one in standings} == {"passed"}
    assert len(standings) == DRILLS
    received = [row for row in demo.emergency_calls() if row["test"]]
    assert not [row["violations"] for row in received if row["violations"]]
    assert not any(row["priority"] or row["resource_priority"] for row in received)


async def test_a_centre_that_reads_another_place_is_red(demo: Demo) -> None:
    log = demo.world["simulators"]["emergency_log"]
    assert http("POST", f"{log}/misread", {"A3": "Gent"})[0] == 200
    try:
        _run, drills = await drilled(demo)
    finally:
        http("POST", f"{log}/misread", {})
    assert {one["result"] for one in drills} == {"failed"}
    assert {difference["field"] for one in drills for difference in one["differences"]} == {"place"}
    health = demo.api("GET", "/health", role="network")[1]
    found = {one["kind"]: one["state"] for one in health["findings"]}
    assert found["drill-overdue"] == "warn"


async def test_a_customers_test_call_reaches_the_centre_as_a_test(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("urn:service:test.sos")
        await call.answered(within=8)
        await call.hang_up()
    row = demo.emergency_calls()[0]
    assert (row["test"], row["from"]) == (True, demo.number("anna"))
    assert row["location"]["PC"] == "2000"
    assert demo.cdr(call.invite.call_id)["emergency_class"] is None


async def test_a_stranger_makes_no_test_call(demo: Demo) -> None:
    before = len(demo.emergency_calls())
    async with demo.phone("anna", password="wrong") as stranger:
        assert await final(await stranger.call("urn:service:test.sos")) in (401, 403, 407)
    assert len(demo.emergency_calls()) == before


async def test_the_next_call_follows_the_table_a_second_person_approved(demo: Demo) -> None:
    tables = demo.api("GET", "/emergency-routes", role="network")[1]["items"]
    table = demo.api("GET", f"/emergency-routes/{tables[0]['id']}", role="network")[1]
    assert (table["state"], len(table["areas"]), table["faults"]) == ("approved", 11, [])
    refused = demo.api("POST", f"/emergency-routes/{table['id']}/approve", {}, "compliance")
    assert refused[0] == 422
    holes = {"areas": "key,name_nl,name_fr,name_de,name_en,municipalities\n", "origin": "a letter"}
    status, problem = demo.api(
        "POST", "/emergency-routes", {**holes, "routes": "service,area,trunk,rank,testing\n"}, "network"
    )
    assert status == 422
    assert "Aartselaar" in str(problem)
    assert len(demo.api("GET", "/emergency-routes", role="network")[1]["items"]) == len(tables)
