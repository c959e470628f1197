"""The room Security and /api/bans: bans seen, placed and undone, and who did it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from kiestoon.adapters.edge_bans_fake import FakeBans
from kiestoon.portal.calls.models import SecurityEvent
from kiestoon.portal.people.services import create_person
from kiestoon.portal.security import services
from kiestoon.portal.security.models import BanChange
from kiestoon.vocabulary.ban import Ban
from tests.integration.portal.conftest import World, api_client, make_world

pytestmark = pytest.mark.django_db

NOW = int(time.time())
SCANNER = Ban("192.0.2.66", "unknown-user", NOW - 60, NOW + 240, 2)


@pytest.fixture
def edge(store: Path) -> object:
    found = FakeBans(SCANNER, Ban("192.0.2.5", "scanner", NOW - 900, NOW - 1))
    with mock.patch.object(services, "bans", return_value=found):
        yield found


@pytest.fixture
def world(edge: FakeBans) -> World:
    return make_world()


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(create_person(f"a-{role}", "secret", role))
    return client


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Tried users that do not exist"),
        ("nl", "Probeerde gebruikers die niet bestaan"),
        ("fr", "A essayé des utilisateurs qui n’existent pas"),
        ("de", "Hat Benutzer versucht, die es nicht gibt"),
    ],
)
def test_support_sees_who_is_banned_and_why(world: World, language: str, words: str) -> None:
    body = signed_in("support").get(f"/{language}/security/").content.decode()
    assert "192.0.2.66" in body
    assert words in body
    assert "192.0.2.5" not in body, "that ban is over"
    assert "/security/undo/" not in body, "support may not undo"


def test_a_ban_is_undone_with_a_click_and_it_is_known_who_did_it(world: World, edge: FakeBans) -> None:
    client = signed_in("network")
    assert "Undo ban" in client.get("/en/security/").content.decode()
    answer = client.post("/en/security/undo/", {"source": "192.0.2.66"}, follow=True)
    assert "The ban of 192.0.2.66 is undone." in answer.content.decode()
    assert edge.bans.get("192.0.2.66") is None
    row = BanChange.objects.get()
    assert (row.action, row.source, row.by) == ("undone", "192.0.2.66", "a-network")
    again = client.post("/en/security/undo/", {"source": "192.0.2.66"}, follow=True)
    assert "is not banned" in again.content.decode()
    assert BanChange.objects.count() == 1


def test_an_address_is_banned_by_hand(world: World, edge: FakeBans) -> None:
    client = signed_in("admin")
    form = {"address": " 2001:db8:1:2:3::9 ", "seconds": "86400", "reason": "complaint of a customer"}
    answer = client.post("/en/security/ban/", form, follow=True)
    body = answer.content.decode()
    assert "2001:db8:1:2::/64 is banned." in body
    placed = edge.bans["2001:db8:1:2::/64"]
    assert (placed.why, placed.by, placed.until - placed.since) == ("by-hand", "a-admin", 86_400)
    row = BanChange.objects.get()
    assert (row.action, row.by, row.reason) == ("banned", "a-admin", "complaint of a customer")
    assert row.until == datetime.fromtimestamp(placed.until, UTC)
    assert "complaint of a customer" in body


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"address": "somewhere"}, "You entered “somewhere”"),
        ({"address": "10.0.0.0/8"}, "You entered “10.0.0.0/8”"),
        ({"address": "127.0.1.1"}, "This is the address of the trunk “national carrier”"),
        ({"address": "192.0.2.1", "reason": " "}, "This field is required"),
        ({"address": "192.0.2.1", "seconds": "5"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_banned_is_said_and_changes_nothing(
    world: World, edge: FakeBans, form: dict[str, str], words: str
) -> None:
    answer = signed_in("admin").post("/en/security/ban/", {"seconds": "3600", "reason": "x", **form})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert len(edge.bans) == 2
    assert not BanChange.objects.exists()


def test_without_the_edge_nothing_is_recorded(world: World, edge: FakeBans) -> None:
    edge.up = False
    client = signed_in("admin")
    form = {"address": "192.0.2.1", "seconds": "3600", "reason": "x"}
    assert "The edge does not answer" in client.post("/en/security/ban/", form).content.decode()
    answer = client.post("/en/security/undo/", {"source": "192.0.2.66"}, follow=True)
    assert "The edge does not answer" in answer.content.decode()
    assert not BanChange.objects.exists()
    assert api_client("admin").delete("/api/bans/192.0.2.66").status_code == 422


def test_what_was_done_is_never_changed(world: World) -> None:
    BanChange.objects.create(action="undone", source="192.0.2.1", by="somebody")
    for change in (BanChange.objects.all().delete, lambda: BanChange.objects.update(by="another")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert BanChange.objects.get().by == "somebody"


@pytest.mark.parametrize("role", ["finance", "customer-admin"])
def test_others_do_not_see_it(world: World, role: str) -> None:
    customer = world.zon if role.startswith("customer") else None
    client = Client()
    client.force_login(create_person("x", "secret", role, customer))
    assert client.get("/en/security/").status_code == 403
    assert api_client(role, customer).get("/api/bans").status_code == 403


def test_support_undoes_nothing(world: World, edge: FakeBans) -> None:
    assert signed_in("support").post("/en/security/undo/", {"source": "192.0.2.66"}).status_code == 403
    assert api_client("support").delete("/api/bans/192.0.2.66").status_code == 403
    assert "192.0.2.66" in edge.bans


def test_events_of_the_last_day_in_words(world: World) -> None:
    now = datetime.now(UTC)
    for what, count in (("banned: scanner", 1), ("overload", 812), ("wrong-password", 4)):
        SecurityEvent.objects.create(
            minute=now, source="192.0.2.7", what=what, username="anna", first_at=now, last_at=now, count=count
        )
    body = signed_in("compliance").get("/en/security/").content.decode()
    for words in ("Banned: Calls itself a known scanner", "Requests put off", ">812<", "Wrong passwords"):
        assert words in body


def test_bans_by_the_api(world: World, edge: FakeBans) -> None:
    client = api_client("network")
    (row,) = client.get("/api/bans").json()["items"]
    assert (row["source"], row["why"], row["times"], row["by"]) == ("192.0.2.66", "unknown-user", 2, None)
    new = {"address": "2001:db8::1", "seconds": 3600, "reason": "x"}
    answer = client.post("/api/bans", new, content_type="application/json")
    assert (answer.status_code, answer.json()["source"]) == (201, "2001:db8::/64")
    assert client.delete("/api/bans/2001:db8::/64").status_code == 204
    assert client.delete("/api/bans/2001:db8::/64").status_code == 404
    assert client.delete("/api/bans/nonsense").status_code == 404
    refused = client.post("/api/bans", {**new, "seconds": 1}, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "seconds")
    assert [row.action for row in BanChange.objects.all()] == ["undone", "banned"]
