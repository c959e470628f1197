"""The API: who may see and change what, and what errors say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client

from kiestoon.portal.carriers.services import create_trunk
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.people import authentication
from kiestoon.portal.phones.models import TelephoneUser
from tests.integration.portal.conftest import World, api_client, make_world, user_client

pytestmark = pytest.mark.django_db

PATHS = (
    "/api/calls",
    "/api/customers",
    "/api/users",
    "/api/numbers",
    "/api/trunks",
    "/api/devices",
    "/api/devices/refused",
)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def names(client: Client, path: str, key: str) -> list[str]:
    return [row[key] for row in client.get(path).json()["items"]]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_nothing(world: World, path: str) -> None:
    for client in (Client(), Client(headers={"Authorization": "Bearer wrong"})):
        answer = client.get(path)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_expired_tokens_and_people_who_left_get_nothing(world: World) -> None:
    late = api_client("admin", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert late.get("/api/users").status_code == 401
    client = user_client(world, world.anna)
    assert client.get("/api/users").status_code == 200
    world.zon.people.update(is_active=False)
    assert client.get("/api/users").status_code == 401


def test_the_operator_sees_all_customers(world: World) -> None:
    client = api_client("support")
    assert names(client, "/api/customers", "name") == ["Lambert", "Zon"]
    assert names(client, "/api/users", "username") == ["denis", "anna", "bram"]
    assert names(client, f"/api/users?customer={world.lambert.pk}", "username") == ["denis"]
    assert client.get("/api/numbers").json()["count"] == 4
    assert names(client, "/api/trunks", "trunk_id") == ["national"]


def test_another_customer_does_not_exist(world: World) -> None:
    client = api_client("customer-admin", world.zon)
    assert names(client, "/api/customers", "name") == ["Zon"]
    assert names(client, "/api/users", "username") == ["anna", "bram"]
    assert names(client, f"/api/users?customer={world.lambert.pk}", "username") == []
    assert names(client, "/api/numbers", "e164") == ["+3238080100", "+3238080101", "+3238080102"]
    assert client.get(f"/api/customers/{world.lambert.pk}").status_code == 404
    assert client.get("/api/users/denis").status_code == 404
    change = client.patch("/api/users/denis", {"clir": True}, content_type="application/json")
    assert change.status_code == 404
    assert TelephoneUser.objects.get(username="denis").clir is False
    change = client.patch(
        f"/api/customers/{world.lambert.pk}", {"blocked": []}, content_type="application/json"
    )
    assert change.status_code == 404
    assert client.get("/api/trunks").json()["items"] == []


def test_a_customer_user_sees_itself(world: World) -> None:
    client = user_client(world, world.bram)
    assert names(client, "/api/users", "username") == ["bram"]
    assert client.get("/api/users/anna").status_code == 404
    assert client.get("/api/customers").status_code == 403
    assert client.patch("/api/users/bram", {"name": "B"}, content_type="application/json").status_code == 403


def test_roles_and_scopes_narrow(world: World) -> None:
    patch = {"suspended": True}
    for role in ("network", "compliance", "finance"):
        answer = api_client(role).patch("/api/users/anna", patch, content_type="application/json")
        assert answer.status_code == 403, role
    narrow = api_client("admin", scopes=("users:read",))
    assert narrow.get("/api/users").status_code == 200
    assert narrow.get("/api/numbers").status_code == 403


def test_a_user_is_changed(world: World) -> None:
    client = api_client("admin")
    change = {
        "suspended": True,
        "clir": True,
        "reject_anonymous": True,
        "stop_forwarding": True,
        "barred": ["premium", "international"],
        "ring_seconds": 15,
        "srtp": "required",
        "forwarding": [
            {"condition": "busy", "target": "202"},
            {"condition": "always", "target": "0470/12.34.56"},
        ],
    }
    answer = client.patch("/api/users/anna", change, content_type="application/json")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    change["forwarding"] = [
        {"condition": "always", "target": "+32470123456"},
        {"condition": "busy", "target": "202"},
    ]
    assert {name: body[name] for name in change} == change
    assert client.get("/api/users/anna").json() == body
    assert (body["number"], body["address"]) == ("+3238080101", None)
    cleared = client.patch("/api/users/anna", {"forwarding": []}, content_type="application/json").json()
    assert cleared["forwarding"] == []
    assert cleared["suspended"] is True


def test_customers_do_not_lift_their_own_suspension(world: World) -> None:
    client = api_client("customer-admin", world.zon)
    for path in (f"/api/customers/{world.zon.pk}", "/api/users/anna"):
        answer = client.patch(path, {"suspended": False}, content_type="application/json")
        assert answer.status_code == 403
        assert "suspended" in answer.json()["detail"]
    answer = client.patch(
        f"/api/customers/{world.zon.pk}", {"blocked": ["0470999999"]}, content_type="application/json"
    )
    assert answer.json()["blocked"] == ["+32470999999"]
    assert Customer.objects.get(pk=world.zon.pk).blocked == ["+32470999999"]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"forwarding": [{"condition": "always", "target": "112"}]}, "forwarding", "emergency"),
        (
            {"forwarding": [{"condition": "always", "target": "0999 12 34 56 78"}]},
            "forwarding",
            "no number of this form",
        ),
        ({"forwarding": [{"condition": "always", "target": "070 123 456"}]}, "forwarding", "premium"),
        ({"forwarding": [{"condition": "always", "target": "201"}]}, "forwarding", "own extension"),
        ({"forwarding": [{"condition": "always", "target": "03 808 01 01"}]}, "forwarding", "own number"),
        ({"forwarding": [{"condition": "always", "target": "999"}]}, "forwarding", "no extension"),
        ({"forwarding": [{"condition": "sometimes", "target": "202"}]}, "forwarding.0.condition", "busy"),
        ({"ring_seconds": 0}, "ring_seconds", "seconds from 5 to 120"),
        ({"extension": "202"}, "extension", "already used"),
        ({"extension": "x"}, "extension", "2 to 6 digits"),
        ({"clir": None}, "", "null"),
        ({"password": "x"}, "password", "Extra"),
    ],
)
def test_errors_say_what_to_do(world: World, change: dict[str, object], field: str, words: str) -> None:
    answer = api_client("admin").patch("/api/users/anna", change, content_type="application/json")
    body = answer.json()
    assert answer.status_code == 422, body
    assert answer["Content-Type"] == "application/problem+json"
    assert [one["field"] for one in body["errors"]] == [field]
    assert words in body["errors"][0]["message"]


def test_messages_come_in_the_language_asked_for(world: World) -> None:
    client = api_client("admin")
    answer = client.patch(
        "/api/users/anna",
        {"extension": "202"},
        content_type="application/json",
        headers={"Accept-Language": "fr"},
    )
    assert answer["Content-Language"] == "fr"


def test_trunks_change_but_two_never_share_an_address(world: World) -> None:
    client = api_client("network")
    answer = client.patch(
        "/api/trunks/national",
        {"priority": 7, "addresses": ["127.0.1.1:5060"]},
        content_type="application/json",
    )
    assert (answer.json()["priority"], answer.json()["addresses"]) == (7, ["127.0.1.1:5060"])
    create_trunk("other", name="other", kind="carrier", uri="sip:127.0.1.2", addresses=["127.0.1.2"])
    answer = client.patch(
        "/api/trunks/other", {"addresses": ["127.0.1.1:5060"]}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert "one trunk only" in answer.json()["errors"][0]["message"]


def test_an_extension_that_is_an_emergency_number_is_warned_about(world: World) -> None:
    answer = api_client("admin").patch(
        "/api/users/anna", {"extension": "101"}, content_type="application/json"
    )
    assert answer.status_code == 200
    assert "*101" in answer.json()["warnings"][0]


def test_the_description_is_public_and_names_no_other_host(client: Client) -> None:
    text = client.get("/api/openapi.json").content.decode()
    assert "/api/users/{username}" in text
    assert set(re.findall(r"://([^/\"]+)", text)) <= {"crm.example.be"}, "an example only"


def test_without_the_database_it_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api_client("admin")

    def gone(token: str) -> None:
        raise OperationalError

    monkeypatch.setattr(authentication, "find_token", gone)
    answer = client.get("/api/users")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
