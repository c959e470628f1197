"""Idempotency keys: whoever repeats a request gets its answer, and nothing happens twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from kiestoon.portal.customers import api as customers_api
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import create_customer
from kiestoon.portal.idempotency.models import KeptAnswer
from kiestoon.portal.idempotency.services import forget_old_answers, read_key
from kiestoon.portal.phones.models import TelephoneUser
from tests.integration.portal.conftest import World, api_client, make_world

NEW = {
    "name": "Maan",
    "language": "nl",
    "address": {"street": "Meir", "house_number": "1", "postcode": "2000", "municipality": "Antwerpen"},
}
USER = {"username": "greet", "extension": "104", "name": "Greet"}


@pytest.fixture
def world(store: Path, transactional_db: None) -> World:
    return make_world()


def post(client: Client, path: str, body: Any, key: str | None = "k1") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, body, content_type="application/json", headers=headers)


def maan() -> int:
    return Customer.objects.filter(name="Maan").count()


def test_a_repeated_request_gets_the_same_answer_and_makes_one_thing(world: World) -> None:
    client = api_client("admin")
    first = post(client, "/api/customers", NEW, '"k1"')
    again = post(client, "/api/customers", NEW, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert maan() == 1
    assert post(client, "/api/customers", NEW, "k2").status_code == 201
    assert post(client, "/api/customers", NEW, None).status_code == 201
    assert maan() == 3


def test_a_secret_shown_once_comes_again_but_is_not_readable_in_the_database(world: World) -> None:
    client = api_client("customer-admin", world.zon)
    first = post(client, "/api/users", USER)
    assert first.status_code == 201, first.content
    password = first.json()["password"]
    assert post(client, "/api/users", USER).json()["password"] == password
    kept = KeptAnswer.objects.get()
    assert password.encode() not in bytes(kept.body) + json.dumps(kept.headers).encode()


@pytest.mark.parametrize(
    "other",
    [
        lambda client: post(client, "/api/customers", NEW | {"name": "Ster"}),
        lambda client: post(client, "/api/users", USER),
        lambda client: client.patch(
            "/api/users/anna",
            {"clir": True},
            content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        ),
    ],
    ids=["another body", "another address", "another method"],
)
def test_a_key_belongs_to_one_request(world: World, other: Callable[[Client], Any]) -> None:
    client = api_client("admin")
    post(client, "/api/customers", NEW)
    answer = other(client)
    assert answer.status_code == 422
    assert "another request" in answer.json()["detail"]
    assert not Customer.objects.filter(name="Ster").exists()
    assert TelephoneUser.objects.get(username="anna").clir is False


def test_a_key_belongs_to_one_token(world: World) -> None:
    assert post(api_client("admin"), "/api/customers", NEW).status_code == 201
    assert post(api_client("admin"), "/api/customers", NEW).status_code == 201
    assert post(Client(), "/api/customers", NEW).status_code == 401
    assert maan() == 2


def test_delete_and_patch_take_a_key_too(world: World) -> None:
    client = api_client("admin")
    world.bram.numbers.all().delete()
    key = {"Idempotency-Key": "gone"}
    assert client.delete("/api/users/bram", headers=key).status_code == 204
    assert client.delete("/api/users/bram", headers=key).status_code == 204
    assert client.delete("/api/users/bram").status_code == 404


def test_a_refusal_is_kept_and_changes_nothing(world: World) -> None:
    client = api_client("admin")
    wrong = {**NEW, "address": {**NEW["address"], "postcode": "1"}}  # type: ignore[dict-item]
    first = post(client, "/api/customers", wrong)
    again = post(client, "/api/customers", wrong)
    assert (first.status_code, again.status_code) == (422, 422)
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert maan() == 0


def test_a_fault_of_ours_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api_client("admin")

    def broken(*args: Any, **fields: Any) -> Customer:
        create_customer(*args, **fields)
        raise RuntimeError

    monkeypatch.setattr(customers_api, "create_customer", broken)
    assert post(client, "/api/customers", NEW).status_code == 500
    assert (maan(), KeptAnswer.objects.count()) == (0, 0)
    monkeypatch.undo()
    assert post(client, "/api/customers", NEW).status_code == 201
    assert maan() == 1


def test_a_crash_leaves_neither_change_nor_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api_client("admin")

    def cut(*args: Any, **fields: Any) -> Customer:
        made = create_customer(*args, **fields)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            with connections.create_connection("default").cursor() as other:
                other.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
                other.connection.close()
        return made

    monkeypatch.setattr(customers_api, "create_customer", cut)
    assert post(client, "/api/customers", NEW).status_code == 503
    monkeypatch.undo()
    assert (maan(), KeptAnswer.objects.count()) == (0, 0)
    assert post(client, "/api/customers", NEW).status_code == 201
    assert maan() == 1


def test_ten_at_once_make_one(world: World) -> None:
    client = api_client("admin")
    headers = {"Authorization": client.defaults["HTTP_AUTHORIZATION"], "Idempotency-Key": "race"}
    begin = threading.Barrier(10)
    answers: list[Any] = []

    def ask() -> None:
        begin.wait()
        answers.append(Client(headers=headers).post("/api/customers", NEW, content_type="application/json"))
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in made}) == 1
    assert maan() == 1


def test_while_the_first_is_running_the_second_is_told_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api_client("admin")
    headers = {"Authorization": client.defaults["HTTP_AUTHORIZATION"], "Idempotency-Key": "slow"}
    begun, go_on = threading.Event(), threading.Event()

    def slow(*args: Any, **fields: Any) -> Customer:
        begun.set()
        assert go_on.wait(20)
        return create_customer(*args, **fields)

    monkeypatch.setattr(customers_api, "create_customer", slow)
    answers: list[Any] = []

    def ask() -> None:
        answers.append(Client(headers=headers).post("/api/customers", NEW, content_type="application/json"))
        connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(20)
    second = Client(headers=headers).post("/api/customers", NEW, content_type="application/json")
    go_on.set()
    thread.join()
    assert (second.status_code, second["Retry-After"]) == (409, "1")
    assert [answer.status_code for answer in answers] == [201]
    assert maan() == 1


def test_after_a_day_a_key_is_free_again(world: World) -> None:
    client = api_client("admin")
    post(client, "/api/customers", NEW)
    KeptAnswer.objects.update(kept_at=datetime.now(UTC) - timedelta(hours=24))
    assert post(client, "/api/customers", NEW).status_code == 201
    assert maan() == 2
    KeptAnswer.objects.update(kept_at=datetime.now(UTC) - timedelta(hours=24))
    assert forget_old_answers() == 1


@pytest.mark.parametrize("header", ["", '""', "x" * 256, "two words", 'a"b', "é"])
def test_a_key_that_is_none(world: World, header: str) -> None:
    answer = post(api_client("admin"), "/api/customers", NEW, header or " ")
    assert answer.status_code == 400
    assert maan() == 0


def test_keys_are_read_as_structured_strings_or_bare_words() -> None:
    assert read_key(' "a\\"b" ') == 'a"b'
    assert read_key("8e03978e-40d5") == read_key('"8e03978e-40d5"') == "8e03978e-40d5"
