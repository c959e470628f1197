"""Ingest tells webhooks what happened: with the CDR or not at all, once, and only what somebody asked for."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from kiestoon.portal.calls.ingestion import outbox
from tests.call_events import NOON, answer, attempt, bye, event, fail, whole_call
from tests.integration.calls.world import World

TOLD = "SELECT kind, call_id FROM webhooks_event ORDER BY id"
ALL = ("call.started", "call.answered", "call.ended", "call.corrected")


def webhook(
    world: World, name: str = "w", customer: int | None = None, events: tuple[str, ...] = ALL
) -> None:
    with world.connect() as connection:
        if customer is not None:
            connection.execute(
                "INSERT INTO customers_customer (id, name, language, main_number, outside_prefix, blocked, "
                "suspended) VALUES (%s, 'x', 'nl', '', '', '{}', false) ON CONFLICT DO NOTHING",
                (customer,),
            )
        connection.execute(
            "INSERT INTO webhooks_endpoint (endpoint_id, customer_id, url, description, events, active, "
            "disabled_because, secret, last_number, silences, created_at) "
            "VALUES (%s, %s, 'https://x.test/', '', %s, true, '', '', 0, 0, now())",
            ("w", customer, list(events)),
        )


def write(world: World, *events: dict[str, Any]) -> None:
    writer = world.writer()
    for one in events:
        writer.append(one)
    writer.close()


def test_each_step_of_a_call_is_told_once(world: World) -> None:
    webhook(world)
    writer, ingestion = world.writer(), world.ingestion()
    told = []
    for one in whole_call("c1", talk_ms=60_000):
        writer.append(one)
        ingestion.drain()
        told.append(len(world.rows(TOLD)))
    writer.close()
    ingestion.close()
    assert world.rows(TOLD) == [("call.started", "c1"), ("call.answered", "c1"), ("call.ended", "c1")]
    assert told == [1, 2, 3, 3], "what the media measured changes no end"
    assert world.one("SELECT max(happened_at) = max(ended_at) FROM webhooks_event, calls_call")


def test_in_one_batch_or_after_a_restart_it_is_the_same(world: World) -> None:
    webhook(world)
    write(world, *whole_call("c1"))
    world.drain()
    for one in (attempt("c2"), answer("c2", NOON + 10), bye("c2", NOON + 20)):
        write(world, one)
        world.drain()
    told = [("call.started", "c1"), ("call.answered", "c1"), ("call.ended", "c1")]
    assert world.rows(TOLD) == [*told, *((kind, "c2") for kind, _ in told)]


def test_a_refused_call_was_never_answered(world: World) -> None:
    webhook(world)
    write(world, attempt("c1"), fail("c1", NOON + 5))
    world.drain()
    assert world.rows(TOLD) == [("call.started", "c1"), ("call.ended", "c1")]


def test_a_late_end_corrects_what_was_told(world: World) -> None:
    """Reconciliation closed the call; then its BYE is found."""
    webhook(world)
    write(world, attempt("c1"), answer("c1", NOON + 10), event("close", "c1", NOON + 5000))
    world.drain()
    write(world, bye("c1", NOON + 4000))
    world.drain()
    assert [kind for kind, _ in world.rows(TOLD)] == [*ALL[:3], "call.corrected"]


def test_nobody_listens_nothing_is_kept(world: World) -> None:
    write(world, *whole_call("c1"))
    world.drain()
    webhook(world, customer=7)
    write(world, *whole_call("c2"))
    world.drain()
    with world.connect() as connection:
        connection.execute("UPDATE webhooks_endpoint SET customer_id = NULL, active = false")
    write(world, *whole_call("c3"))
    world.drain()
    assert world.rows(TOLD) == []
    assert world.one("SELECT count(*) FROM calls_call") == 3


def test_only_the_kinds_and_customers_asked_for(world: World) -> None:
    webhook(world, customer=1, events=("call.ended",))
    write(world, *whole_call("c1"), attempt("c2", customer=2), attempt("c3", customer=2, customer_to=1))
    write(world, fail("c2", NOON + 5), fail("c3", NOON + 5))
    world.drain()
    assert sorted(world.rows(TOLD)) == [("call.ended", "c1"), ("call.ended", "c3")]


def test_the_job_that_delivers_is_there_with_the_events(world: World) -> None:
    webhook(world)
    write(world, *whole_call("c1"))
    world.drain()
    jobs = world.rows("SELECT queue_name, task_name, status::text FROM procrastinate_jobs")
    assert jobs == [("webhooks", "webhooks.spread", "todo")]


def test_a_failure_in_between_leaves_neither_cdr_nor_event(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(world)
    write(world, *whole_call("c1"))

    def broken(*given: Any) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(outbox, "write", broken)
    with pytest.raises(psycopg.OperationalError):
        world.drain()
    assert world.one("SELECT count(*) FROM calls_call") == 0
    monkeypatch.undo()
    world.drain()
    assert world.one("SELECT count(*) FROM calls_call") == 1
    assert len(world.rows(TOLD)) == 3


def test_an_event_that_cannot_be_kept_is_not_told(world: World) -> None:
    webhook(world)
    write(world, {**attempt("c1"), "src": ["no", "text"], "from": {"x": "\ud800"}}, *whole_call("c2"))
    world.drain()
    kept = {call_id for (call_id,) in world.rows("SELECT call_id FROM calls_call")}
    assert {call_id for _, call_id in world.rows(TOLD)} == kept


BEGUN = "SELECT call_id FROM emergency_log_begun ORDER BY call_id"
JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'emergency_log.tell'"


def test_a_call_to_112_wakes_who_must_be_told_with_its_attempt_and_once(world: World) -> None:
    writer, ingestion = world.writer(), world.ingestion()
    begun = attempt("e1", NOON, **{"class": "on-site"})
    writer.append(begun)
    ingestion.drain()
    assert world.rows(BEGUN) == [("e1",)], "before it is answered, let alone over"
    assert world.one(JOBS) == 1
    for one in (answer("e1", NOON + 500), bye("e1", NOON + 900)):
        writer.append(one)
        ingestion.drain()
    writer.close()
    ingestion.close()
    assert world.rows(BEGUN) == [("e1",)]
    assert world.one(JOBS) == 1


def test_of_a_call_to_a_helpline_and_of_any_other_nobody_is_told(world: World) -> None:
    write(world, attempt("r1", NOON, **{"class": "remote"}), *whole_call("c1"))
    ingestion = world.ingestion()
    ingestion.drain()
    ingestion.close()
    assert world.rows(BEGUN) == []
    assert world.one(JOBS) == 0
