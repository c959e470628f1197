"""The phone's page: for whom, with which secret, under which policy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kiestoon.portal.people.services import create_person
from tests.integration.portal.conftest import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def page_for(role: str, **fields: Any) -> tuple[Any, dict[str, Any] | None]:
    """The answer, and what the page tells the phone."""
    create_person("someone", "secret", role, **fields)
    client = Client()
    assert client.login(username="someone", password="secret")
    answer = client.get("/nl/phone/")
    found = re.search(r'<script id="softphone-configuration"[^>]*>(.*?)</script>', answer.content.decode())
    return answer, json.loads(found.group(1)) if found else None


def test_it_needs_a_sign_in(world: World, client: Client) -> None:
    assert client.get("/nl/phone/")["Location"].startswith("/nl/sign-in/")


def test_one_gets_the_phone_of_ones_own_user(world: World) -> None:
    answer, told = page_for("customer-user", customer=world.zon, telephone_user=world.anna)
    assert answer.status_code == 200
    assert told is not None
    assert (told["username"], told["ha1"], told["realm"]) == ("anna", world.anna.ha1, "demo.kiestoon.test")
    assert (told["extension"], told["number"]) == ("201", "+3238080101")
    assert told["address"] == "Meir 1, 2000 Antwerpen"
    assert told["emergency_numbers"] == ["100", "101", "112"]


def test_the_page_is_kept_by_nobody_and_may_talk_to_the_edge_alone(world: World) -> None:
    answer, _ = page_for("customer-user", customer=world.zon, telephone_user=world.anna)
    assert "no-store" in answer["Cache-Control"]
    assert "connect-src 'self' ws://localhost:8080;" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("role", ["customer-admin", "support", "admin"])
def test_without_a_user_of_ones_own_there_is_no_phone_and_no_secret(world: World, role: str) -> None:
    fields = {"customer": world.zon} if role.startswith("customer") else {}
    answer, told = page_for(role, **fields)
    assert told is None
    assert "Nog geen telefoongebruiker is van jou" in answer.content.decode()
    assert world.anna.ha1 not in answer.content.decode()
