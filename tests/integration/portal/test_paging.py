"""Lists of the API in pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kiestoon.portal.calls.models import Call, Refusal
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
