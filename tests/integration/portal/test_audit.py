"""Who did what: recorded with the change, read by whom it concerns, changed by nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from kiestoon.portal.audit import middleware
from kiestoon.portal.audit.models import Entry
from kiestoon.portal.audit.routes import UNRECORDED
from kiestoon.portal.audit.services import last_change, record
from kiestoon.portal.audit.words import words_of
from kiestoon.portal.people.access import access_of_person
from kiestoon.portal.people.models import Person
from kiestoon.portal.people.services import create_person
from tests.integration.portal.conftest import World, api_client, make_world
from tests.integration.portal.walls.routes import OPERATIONS, PAGES

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def world(store: object) -> World:
    return make_world()


def person(username: str, role: str, **fields: Any) -> Person:
    return create_person(username, PASSWORD, role, **fields)


def page_of(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def actions() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET role = 'x'", "DELETE FROM audit_entry"])
def test_the_database_lets_nobody_change_an_entry(world: World, change: str) -> None:
    record("sign-in")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(change)
    assert actions() == ["sign-in"]


def test_nor_empty_the_trail(world: World) -> None:
    """The tests' own cleaning switches this trigger off (tests/conftest.py)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_no_truncate")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE audit_entry")
        transaction.set_rollback(True)


def test_a_change_over_the_api_says_who_with_what_on_what(world: World) -> None:
    ada = person("ada", "admin")
    api = api_client("admin", person=ada)
    answer = api.patch("/api/users/anna", json.dumps({"name": "Ann"}), "application/json")
    assert answer.status_code == 200
    entry = Entry.objects.get()
    assert entry.action == "PATCH api/users/{username}"
    assert (entry.person_id, entry.role, entry.status) == (ada.pk, "admin", 200)
    assert entry.token_id is not None
    assert entry.ids == {"username": "anna"}
    assert entry.customer_id == world.zon.pk
    assert datetime.now(UTC) - entry.at < timedelta(minutes=1)


def test_what_is_read_or_refused_is_not_recorded(world: World) -> None:
    api = api_client("customer-admin", world.zon)
    api.get("/api/users/anna")
    assert api.patch("/api/users/denis", {"name": "x"}, "application/json").status_code == 404
    assert api.patch("/api/users/anna", {"ring_seconds": 1}, "application/json").status_code == 422
    assert Client().patch("/api/users/anna", {"name": "x"}, "application/json").status_code == 401
    page_of(person("ada", "admin")).get("/en/access/")
    assert actions() == []


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_recorded_does_not_happen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(middleware, "record", broken)
    api = api_client("admin")
    api.raise_request_exception = False
    answer = api.patch("/api/users/anna", {"name": "Ann"}, "application/json")
    assert answer.status_code == 500
    world.anna.refresh_from_db()
    assert world.anna.name == "Anna"


def test_pages_are_recorded_with_what_they_made(world: World) -> None:
    ada = person("ada", "admin")
    client = page_of(ada)
    fields = {"username": "jan", "role": "customer-user", "customer": str(world.zon.pk)}
    assert client.post("/en/access/people/new/", fields).status_code == 200
    jan = Person.objects.get(username="jan")
    client.post(f"/en/access/people/{jan.pk}/switch/", {"active": "no"})
    client.post("/en/sign-out/")
    entries = list(Entry.objects.order_by("pk").values_list("action", "person_id", "customer_id", "ids"))
    assert entries == [
        ("add_person", ada.pk, world.zon.pk, {"person_id": jan.pk}),
        ("switch_person", ada.pk, world.zon.pk, {"person_id": jan.pk}),
        ("account_logout", ada.pk, None, {}),
    ]


def test_sign_ins_and_failures_are_recorded_without_what_was_typed(world: World) -> None:
    eva = person("eva", "customer-admin", customer=world.zon)
    Client().post("/en/sign-in/", {"username": "Eva", "password": "my secret word"})
    Client().post("/en/sign-in/", {"username": "my secret word", "password": ""})
    Client().post("/en/sign-in/", {"username": "nobody", "password": "my secret word"})
    Client().post("/en/sign-in/", {"username": "eva", "password": PASSWORD})
    entries = list(Entry.objects.order_by("pk").values_list("action", "person_id", "customer_id", "ids"))
    assert entries == [
        ("sign-in-failed", None, world.zon.pk, {"person_id": eva.pk}),
        ("sign-in-failed", None, None, {}),
        ("sign-in", eva.pk, world.zon.pk, {}),
    ]


def test_a_customers_administrator_reads_what_concerns_their_customer(world: World) -> None:
    eva = person("eva", "customer-admin", customer=world.zon)
    denise = person("denise", "customer-admin", customer=world.lambert)
    record("sign-in", access_of_person(denise))
    record("add_token", access_of_person(person("els-1984", "support")), customer_id=world.zon.pk)
    record("revoke_token", access_of_person(person("ada", "admin")))
    body = page_of(eva).get("/en/audit/").content.decode()
    assert "Made an API token" in body
    assert "Support" in body
    assert "els-1984" not in body, "a customer does not learn what operator staff sign in with"
    assert "denise" not in body
    assert "Revoked an API token" not in body
    answer = page_of(eva).get("/en/audit/", {"person": "denise"})
    assert answer.status_code == 422
    assert "Nobody you may see signs in as “denise”." in answer.content.decode()


def test_the_log_is_filtered_by_person_and_period(world: World) -> None:
    ada, bob = person("ada", "admin"), person("bob", "admin")
    record("sign-in", access_of_person(ada))
    record("password-changed", access_of_person(bob))
    record("switch_person", access_of_person(ada), ids={"person_id": bob.pk})
    client = page_of(person("cleo", "compliance"))

    def found(**query: str) -> list[bool]:
        body = client.get("/en/audit/", query).content.decode()
        return [words in body for words in ("Signed in", "Changed the own password", "Switched a person")]

    today = datetime.now(UTC).astimezone().date()
    assert found() == [True, True, True]
    assert found(person="ada") == [True, False, True]
    assert found(person="BOB") == [False, True, True]
    assert found(first=str(today + timedelta(days=2))) == [False, False, False]
    assert found(last=str(today - timedelta(days=2))) == [False, False, False]
    assert found(first=str(today - timedelta(days=1)), last=str(today + timedelta(days=1))) == [True] * 3
    assert client.get("/en/audit/", {"first": "nonsense"}).status_code == 422


def changing_routes() -> list[str]:
    """Actions a request may leave in the trail, from the walk's list, which knows every route."""
    pages = [name for name, route in PAGES.items() if route.body is not None or "POST" in route.methods]
    operations = [one.replace(" /", " api/") for one in OPERATIONS if not one.startswith("GET ")]
    return [*(name for name in pages if name not in UNRECORDED), *operations]


def test_whatever_can_be_done_has_words() -> None:
    routes = changing_routes()
    assert {"add_webhook", "security_undo", "DELETE api/users/{username}"} <= set(routes)
    assert [name for name in routes if not words_of(name)] == [], "give these words in audit/words.py"


def test_who_changed_a_thing_last(world: World) -> None:
    ada = person("ada", "admin", first_name="Ada")
    assert last_change({"username": "anna"}) is None
    record("x", access_of_person(ada), ids={"username": "anna"}, status=200)
    record("y", access_of_person(ada), ids={"username": "bram"}, status=200)
    found = last_change({"username": "anna"})
    assert found is not None
    assert found.name == "Ada"
