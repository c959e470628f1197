"""Lists of the API in pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client

from kiestoon.portal.calls.models import Call, Refusal
from kiestoon.portal.pages.call_search import Criteria, Search
from kiestoon.portal.people.access import GRANTS, Access
from tests.integration.portal.conftest import World, api_client, make_world

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def call(call_id: str, started_at: datetime, **fields: Any) -> Call:
    known: dict[str, Any] = {
        "direction": "internal",
        "dialled": "202",
        "verified": True,
        "talk_ms": 0,
        "sip_call_ids": [],
        "stages": [],
        "anomalies": [],
        "events": [],
        "updated_at": started_at,
    }
    return Call.objects.create(call_id=call_id, started_at=started_at, **known | fields)


def pages(client: Client, path: str) -> list[list[dict[str, Any]]]:
    """Every page, by following the Link header."""
    found, address = [], path
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        found.append(body["items"])
        link = re.fullmatch(r'<http://testserver(.+)>; rel="next"', answer.get("Link", ""))
        assert (link is None) == (body["next"] is None)
        address = link[1] if link else ""
        assert len(found) < 50
    return found


def test_calls_of_one_millisecond_are_each_listed_once(world: World) -> None:
    for n in range(7):
        call(f"c{n}", START + timedelta(seconds=n // 3), customer_id=world.zon.pk)
    found = pages(api_client("customer-admin", world.zon), "/api/calls?limit=2")
    assert [[row["call_id"] for row in page] for page in found] == [
        ["c6", "c5"],
        ["c4", "c3"],
        ["c2", "c1"],
        ["c0"],
    ]


def test_a_call_that_begins_meanwhile_shifts_no_page(world: World) -> None:
    for n in range(4):
        call(f"c{n}", START + timedelta(seconds=n))
    client = api_client("support")
    first = client.get("/api/calls?limit=2").json()
    call("c9", START + timedelta(seconds=9))
    second = client.get("/api/calls", {"limit": 2, "cursor": first["next"]}).json()
    assert [row["call_id"] for row in second["items"]] == ["c1", "c0"]
    assert second["next"] is None


def test_a_customer_finds_calls_made_and_received_each_once(world: World) -> None:
    """Pages of every size have what one query over all calls finds."""
    zon, lambert = world.zon.pk, world.lambert.pk
    sides: list[dict[str, Any]] = [
        {"customer_id": zon, "calling_customer_id": zon, "called_customer_id": zon},
        {"customer_id": zon, "calling_customer_id": zon, "called_customer_id": lambert},
        {"customer_id": lambert, "calling_customer_id": lambert, "called_customer_id": zon},
        {"customer_id": zon, "called_customer_id": zon},
        {"customer_id": lambert, "calling_customer_id": lambert},
        {"customer_id": zon, "calling_customer_id": zon, "emergency_class": "remote"},
    ]
    for n in range(24):
        numbers = {"from_number": f"+323808020{n % 2}", "to_number": f"+323808020{n % 3}", "withheld": False}
        call(f"c{n:02}", START + timedelta(seconds=n // 4), **numbers, **sides[n % len(sides)])
    either = Q(customer_id=zon) | Q(called_customer_id=zon)
    mine = Call.objects.filter(either).exclude(emergency_class="remote").order_by("-started_at", "-call_id")
    client = api_client("customer-admin", world.zon)
    of_one_number = [one.call_id for one in mine if "+3238080201" in (one.from_number, one.to_number)]
    assert len(mine) == 16
    assert 0 < len(of_one_number) < 16
    for limit in (1, 3, 16, 100):
        for number, expected in (("", [one.call_id for one in mine]), ("&number=038080201", of_one_number)):
            found = pages(client, f"/api/calls?limit={limit}{number}")
            assert [row["call_id"] for page in found for row in page] == expected, (limit, number)
            assert all(len(page) == limit for page in found[:-1])


def test_calls_of_a_large_customer_come_from_an_index_in_their_order(world: World) -> None:
    access = Access("customer-admin", GRANTS["customer-admin"], world.zon.pk)
    plans = []
    with connection.cursor() as cursor:  # of few rows any plan is good; of millions these are too dear
        for dear in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{dear} = off")
    for calls in Search(access, Criteria()).branches():
        plans.append(calls.order_by("-started_at", "-call_id")[:101].explain())
    assert len(plans) == 2
    for plan in plans:  # which of the indexes depends on what the table holds
        assert "Index Scan Backward using calls_" in plan, plan
        sorts = [line for line in plan.splitlines() if re.search(r"\bSort  \(", line)]
        assert all("Incremental Sort" in line for line in sorts), "only calls of one moment are sorted"


def test_filters_go_along_in_the_link(world: World) -> None:
    for n in range(4):
        call(f"c{n}", START + timedelta(minutes=n), from_number="+3238080101")
    call("other", START + timedelta(minutes=1), from_number="+3238080102")
    path = "/api/calls?limit=1&number=03+808+01+01&since=2026-11-23T12:01:00Z&until=2026-11-23T12:03:00Z"
    found = pages(api_client("support"), path)
    assert [row["call_id"] for page in found for row in page] == ["c2", "c1"]


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        ("/api/customers", "name", ["Lambert", "Zon"]),
        ("/api/users", "username", ["denis", "anna", "bram"]),
        ("/api/numbers", "e164", ["+3238080100", "+3238080101", "+3238080102", "+3281880201"]),
        ("/api/trunks", "trunk_id", ["national"]),
        ("/api/devices/refused", "username", ["bram", "anna"]),
    ],
)
def test_every_list_has_pages_of_one_shape(world: World, path: str, key: str, expected: list[str]) -> None:
    now = datetime.now(UTC)
    for n, name in enumerate(("anna", "bram")):
        at = now - timedelta(minutes=10 - n)
        Refusal.objects.create(
            hour=at,
            username=name,
            source="s",
            result="403",
            why="",
            user_agent="",
            first_at=at,
            last_at=at,
            count=1,
        )
    client = api_client("admin")
    assert client.get(path).json()["count"] == len(expected)
    found = pages(client, f"{path}?limit=1")
    assert [[row[key] for row in page] for page in found] == [[one] for one in expected]


@pytest.mark.parametrize("change", [lambda c: c[:-2], lambda c: "x" + c, lambda c: "nonsense", lambda c: "é"])
def test_a_cursor_that_was_tampered_with_is_refused(world: World, change: Any) -> None:
    client = api_client("admin")
    cursor = client.get("/api/numbers?limit=1").json()["next"]
    answer = client.get("/api/numbers", {"cursor": change(cursor)})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["cursor"]
    assert "begin without" in answer.json()["detail"]


def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    client = api_client("admin")
    cursor = client.get("/api/numbers?limit=1").json()["next"]
    assert client.get("/api/users", {"cursor": cursor}).status_code == 422


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "9" * 30, "x"])
def test_a_limit_out_of_bounds_is_refused(world: World, limit: str) -> None:
    assert api_client("admin").get("/api/users", {"limit": limit}).status_code == 422
