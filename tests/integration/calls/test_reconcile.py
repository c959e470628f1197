"""Calls whose end never came."""

from __future__ import annotations

import time

import pytest

from kiestoon.adapters.rtpengine_fake import FakeMediaSessions
from kiestoon.portal.calls.ingestion.calls_table import CallsTable
from kiestoon.portal.calls.ingestion.reconcile import RING_MS, UNANCHORED_MS, Reconciliation
from tests.call_events import answer, attempt, bye, event, fail
from tests.integration.calls.world import World

STATE = "SELECT call_id, closed_by, hung_up_by, sip_code FROM calls_call ORDER BY 1"
LONG_AGO = 600_000


def now() -> int:
    return time.time_ns() // 1_000_000


def journal(world: World, *events: dict[str, object]) -> None:
    writer = world.writer()
    for one in events:
        writer.append(one)
    writer.close()
    world.drain()


def rounds(world: World, reconciliation: Reconciliation, times: int = 1, at: int = 0) -> int:
    with world.connect() as connection:
        return sum(reconciliation.run(connection, CallsTable(), at or now()) for _ in range(times))


def test_media_gone_twice_closes_the_call_and_a_late_bye_corrects_it(world: World) -> None:
    begun = now() - LONG_AGO
    journal(world, attempt("gone", begun), answer("gone", begun + 500))
    journal(world, attempt("lives", begun), answer("lives", begun + 500))
    media = FakeMediaSessions("sip-gone", "sip-lives")
    reconciliation = Reconciliation(media)
    assert rounds(world, reconciliation) == 0
    media.sessions.remove("sip-gone")
    assert rounds(world, reconciliation) == 0
    assert rounds(world, reconciliation) == 1
    assert world.rows(STATE) == [("gone", "reconciled", "system", 200), ("lives", None, None, None)]
    # It had been seen alive a moment ago: that is when it ended.
    assert world.one("SELECT talk_ms FROM calls_call WHERE call_id = 'gone'") > LONG_AGO - 10_000
    assert rounds(world, reconciliation, 3) == 0
    end = begun + 30_500
    journal(world, bye("gone", end))
    assert world.rows(STATE)[0] == ("gone", "bye", "caller", 200)
    assert world.one("SELECT talk_ms FROM calls_call WHERE call_id = 'gone'") == 30_000


def test_media_gone_once_and_back_again_closes_nothing(world: World) -> None:
    begun = now() - LONG_AGO
    journal(world, attempt("c1", begun), answer("c1", begun + 500))
    media = FakeMediaSessions()
    reconciliation = Reconciliation(media)
    rounds(world, reconciliation)
    media.sessions.add("sip-c1")
    rounds(world, reconciliation)
    media.sessions.clear()
    assert rounds(world, reconciliation) == 0


def test_without_an_answer_of_rtpengine_nothing_is_concluded(world: World) -> None:
    begun = now() - LONG_AGO
    journal(world, attempt("c1", begun), answer("c1", begun + 500))
    media = FakeMediaSessions()
    reconciliation = Reconciliation(media)
    rounds(world, reconciliation)
    media.up = False
    assert rounds(world, reconciliation, 3) == 0
    media.up = True
    assert rounds(world, reconciliation, 2) == 1


@pytest.mark.parametrize("how", ["flag", "emergency"])
def test_a_call_anchored_nowhere_is_not_closed_for_want_of_media(world: World, how: str) -> None:
    begun = now() - LONG_AGO
    if how == "flag":
        journal(world, attempt("c1", begun), answer("c1", begun + 500, anchored=False))
    else:
        journal(world, attempt("c1", begun, **{"class": "on-site"}), answer("c1", begun + 500))
    media = FakeMediaSessions()
    reconciliation = Reconciliation(media)
    assert rounds(world, reconciliation, 3) == 0
    assert rounds(world, reconciliation, 2, now() + UNANCHORED_MS) == 1


def test_young_calls_are_not_asked_about(world: World) -> None:
    journal(world, attempt("c1", now()), answer("c1", now()))
    assert rounds(world, Reconciliation(FakeMediaSessions()), 3) == 0


def test_attempts_that_never_ended(world: World) -> None:
    begun = now() - RING_MS - 5_000
    journal(world, attempt("lost", begun), attempt("forwarded", begun))
    journal(world, event("stage", "forwarded", now() - 30_000, because="no-answer", trunk=None, to=None))
    reconciliation = Reconciliation(FakeMediaSessions())
    assert rounds(world, reconciliation, 2) == 1
    assert world.rows(STATE) == [("forwarded", None, None, None), ("lost", "expired", "system", 408)]
    journal(world, fail("lost", begun + 9_000, 486))
    assert world.rows(STATE)[1] == ("lost", "final-reply", "callee", 486)
