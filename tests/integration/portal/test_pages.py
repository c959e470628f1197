"""Signing in, the list of calls, one call, devices: for whom, in which language, under which policy."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from kiestoon.portal.calls.models import Call, Refusal
from kiestoon.portal.people.services import create_person
from tests.integration.portal.conftest import World, make_world

REASON = {"step": "call-type", "result": "mobile", "why": "allowed for this caller"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def signed_in(role: str, **fields: Any) -> Client:
    create_person(f"a-{role}", "secret", role, **fields)
    client = Client()
    answer = client.post("/en/sign-in/", {"username": f"a-{role}", "password": "secret"})
    assert answer.status_code == 302
    return client


def make_call(call_id: str, **fields: Any) -> Call:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "direction": "outgoing",
        "from_number": "+3238080101",
        "to_number": "+32470123456",
        "dialled": "0470123456",
        "verified": True,
        "started_at": now - timedelta(minutes=2),
        "ended_at": now,
        "talk_ms": 0,
        "sip_code": 486,
        "sip_call_ids": [],
        "withheld": False,
        "stages": [],
        "anomalies": [],
        "events": [{"e": "attempt", "t": 0, "reasons": [REASON]}],
        "updated_at": now,
        **fields,
    }
    return Call.objects.create(call_id=call_id, **values)


def test_everything_needs_a_sign_in(world: World, client: Client) -> None:
    make_call("c1")
    for path in ("/en/", "/en/calls/", "/en/calls/c1/", "/en/users/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/en/sign-in/?next=")


def test_a_wrong_password_says_so_in_words(world: World, client: Client) -> None:
    create_person("an", "secret", "support")
    answer = client.post("/nl/sign-in/", {"username": "an", "password": "wrong"})
    assert answer.status_code == 422
    assert "klopt niet" in answer.content.decode()


def test_home_leads_to_the_calls(world: World) -> None:
    client = signed_in("support")
    assert client.get("/en/")["Location"] == "/en/calls/"
    assert "No calls yet" in client.get("/en/calls/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Bezet"), ("fr", "Occupé"), ("de", "Besetzt"), ("en", "Busy")]
)
def test_calls_in_four_languages(world: World, language: str, words: str) -> None:
    make_call("c1")
    client = signed_in("support")
    body = client.get(f"/{language}/calls/").content.decode()
    assert f'<html lang="{language}">' in body
    assert words in body
    assert "0470 12 34 56" in body


def test_the_language_is_remembered(world: World) -> None:
    client = signed_in("support")
    answer = client.post("/i18n/setlang/", {"language": "fr", "next": "/en/calls/"})
    assert answer["Location"] == "/fr/calls/"
    assert client.get("/")["Location"] == "/fr/"


def test_another_customers_calls_do_not_exist(world: World) -> None:
    make_call("zon", customer_id=world.zon.pk, username="anna")
    make_call("lambert", customer_id=world.lambert.pk, from_number="+3281880201", username="denis")
    client = signed_in("customer-admin", customer=world.zon)
    body = client.get("/en/calls/").content.decode()
    assert "/en/calls/zon/" in body
    assert "lambert" not in body
    assert client.get("/en/calls/lambert/").status_code == 404


def test_a_customer_user_sees_its_own_calls(world: World) -> None:
    make_call("anna", customer_id=world.zon.pk, username="anna")
    make_call("bram", customer_id=world.zon.pk, from_number="+3238080102", username="bram")
    client = signed_in("customer-user", customer=world.zon, telephone_user=world.bram)
    body = client.get("/en/calls/").content.decode()
    assert "/en/calls/bram/" in body
    assert client.get("/en/calls/anna/").status_code == 404


def test_finance_has_no_calls(world: World) -> None:
    client = signed_in("finance")
    assert client.get("/en/calls/").status_code == 403
    page = client.get("/en/").content.decode()
    assert "/en/numbers/" in page
    assert "/en/calls/" not in page


def _location(path: Path, username: str, seconds: int) -> None:
    """Kamailio's table, with one contact."""
    now = datetime.now(UTC).timestamp()
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS location "
        "(username, contact, received, user_agent, last_modified, expires, instance)"
    )
    julian = [moment / 86400 + 2440587.5 for moment in (now, now + seconds)]
    connection.execute(
        "INSERT INTO location VALUES (?, 'sip:x@192.0.2.1', NULL, 'Yealink T54W', ?, ?, NULL)",
        (username, *julian),
    )
    connection.commit()
    connection.close()


def test_devices_are_shown_to_whom_they_belong(world: World) -> None:
    _location(settings.LOCATION, "anna", 600)
    _location(settings.LOCATION, "denis", 600)
    _location(settings.LOCATION, "bram", -5)
    now = datetime.now(UTC)
    for name in ("bram", "denis"):
        Refusal.objects.create(
            hour=now, username=name, source=f"192.0.2.9:{len(name)}", result="too-many-devices",
            why=f"too many for {name}", user_agent="x", first_at=now, last_at=now, count=3,
        )  # fmt: skip
    client = signed_in("customer-admin", customer=world.zon)
    body = client.get("/en/users/").content.decode()
    assert "Yealink T54W" in body
    assert body.count("No device registered") == 1
    assert body.count("3 devices are registered already") == 1
    assert "denis" not in body


def test_pages_load_nothing_from_elsewhere(world: World) -> None:
    answer = signed_in("support").get("/en/calls/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert "://" not in answer.content.decode()
