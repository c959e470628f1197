"""Journal events → CDR."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiestoon.domain.calls.fold import fold
from kiestoon.vocabulary.cdr import EXPIRY, KEEPING, Cdr
from tests.call_events import (
    CARRIER,
    NOON,
    Event,
    answer,
    attempt,
    bye,
    event,
    fail,
    media,
    whole_call,
)


def test_an_answered_call() -> None:
    cdr = fold("c1", whole_call("c1", talk_ms=60_000))
    assert (cdr.started_at, cdr.answered_at, cdr.ended_at) == (NOON, NOON + 300, NOON + 60_300)
    assert (cdr.talk_ms, cdr.sip_code, cdr.hung_up_by, cdr.closed_by) == (60_000, 200, "caller", "bye")
    assert (cdr.from_number, cdr.to_number, cdr.dialled) == ("+3238080101", "+32470123456", "0470123456")
    assert (cdr.trunk_id, cdr.trunk_name, cdr.direction) == ("national", "national carrier", "outgoing")
    assert (cdr.codec, cdr.loss, cdr.jitter_ms, cdr.mos) == ("pcma", 0.0, 1.0, 4.3)
    assert cdr.anomalies == ()
    assert cdr.sip_call_ids == ("sip-c1",)


def test_going_on() -> None:
    ringing = fold("c1", [attempt("c1")])
    talking = fold("c1", [attempt("c1"), answer("c1", NOON + 5)])
    for cdr in (ringing, talking):
        assert (cdr.ended_at, cdr.sip_code, cdr.hung_up_by, cdr.closed_by, cdr.talk_ms) == (None,) * 4 + (0,)
    assert talking.answered_at == NOON + 5


@pytest.mark.parametrize(
    ("code", "by"), [(487, "caller"), (486, "callee"), (408, "system"), (603, "callee"), (480, "system")]
)
def test_never_answered(code: int, by: str) -> None:
    cdr = fold("c1", [attempt("c1"), fail("c1", NOON + 7_000, code, by)])
    assert (cdr.sip_code, cdr.hung_up_by, cdr.closed_by) == (code, by, "final-reply")
    assert (cdr.answered_at, cdr.talk_ms, cdr.ended_at) == (None, 0, NOON + 7_000)


def test_a_rejection_ends_at_once_even_without_its_own_event() -> None:
    cdr = fold("c1", [attempt("c1", outcome="reject", code=403)])
    assert (cdr.sip_code, cdr.ended_at, cdr.hung_up_by) == (403, NOON, "system")


def test_forwarded_legs_are_one_call() -> None:
    events = [
        attempt("c1", direction="internal", trunk=None, to="+3238080102", dialled="102"),
        event(
            "stage",
            "c1",
            NOON + 20_000,
            because="no-answer",
            trunk=CARRIER,
            users=[],
            forwarded_from="+3238080102",
            to="+32470123456",
        ),
        answer("c1", NOON + 25_000),
        bye("c1", NOON + 30_000, "callee"),
    ]
    cdr = fold("c1", events)
    assert (cdr.direction, cdr.to_number, cdr.forwarded_from) == ("forwarded", "+32470123456", "+3238080102")
    assert (cdr.trunk_id, cdr.hung_up_by, cdr.dialled) == ("national", "callee", "102")
    assert [(leg.to, leg.because) for leg in cdr.stages] == [
        ("+3238080102", "routed"),
        ("+32470123456", "no-answer"),
    ]


def test_the_carrier_that_took_it_after_another_failed() -> None:
    second = {"id": "intl", "name": "international carrier"}
    stage = event("stage", "c1", NOON + 4_000, because="failed", trunk=second, to="+32470123456")
    cdr = fold("c1", [attempt("c1"), stage, answer("c1", NOON + 5_000)])
    assert cdr.trunk_name == "international carrier"
    assert cdr.direction == "outgoing"


def test_an_incoming_call_names_the_trunk_it_came_by() -> None:
    for trunk_in in (CARRIER, "national"):
        cdr = fold("c1", [attempt("c1", trunk=None, trunk_in=trunk_in, direction="incoming")])
        assert (cdr.trunk_id, cdr.trunk_in_id, cdr.direction) == ("national", "national", "incoming")


def test_two_forked_answers_the_dialog_that_lasted_counts() -> None:
    events = [
        attempt("c1"),
        answer("c1", NOON + 100, "loser", codec="g722"),
        answer("c1", NOON + 150, "winner"),
        bye("c1", NOON + 200, tag="loser"),
    ]
    open_still = fold("c1", events)
    assert (open_still.ended_at, open_still.answered_at, open_still.codec) == (None, NOON + 150, "pcma")
    ended = fold("c1", [*events, bye("c1", NOON + 9_000, "callee", "winner")])
    assert (ended.ended_at, ended.hung_up_by, ended.talk_ms) == (NOON + 9_000, "callee", 8_850)


def test_the_first_bye_counts_when_both_hang_up() -> None:
    both = [bye("c1", NOON + 900, "callee"), bye("c1", NOON + 800), bye("c1", NOON + 1_000)]
    cdr = fold("c1", [attempt("c1"), answer("c1", NOON + 300), *both])
    assert (cdr.ended_at, cdr.hung_up_by) == (NOON + 800, "caller")


def test_closed_by_reconciliation_until_a_late_bye_comes() -> None:
    close = {"e": "close", "t": NOON + 50_000, "c": "c1"}
    events = [attempt("c1"), answer("c1", NOON + 300), close]
    closed = fold("c1", events)
    assert (closed.closed_by, closed.ended_at, closed.hung_up_by) == ("reconciled", NOON + 50_000, "system")
    late = fold("c1", [*events, bye("c1", NOON + 70_000)])
    assert (late.closed_by, late.ended_at, late.hung_up_by) == ("bye", NOON + 70_000, "caller")
    expired = fold("c1", [attempt("c1"), close])
    assert (expired.closed_by, expired.sip_code, expired.talk_ms) == ("expired", 408, 0)


def test_impossible_times_are_corrected_and_marked() -> None:
    before = fold("c1", [attempt("c1"), answer("c1", NOON - 60_000), bye("c1", NOON - 50_000)])
    assert (before.started_at, before.answered_at, before.ended_at) == (NOON,) * 3
    assert before.talk_ms == 0
    assert before.anomalies == ("answered-before-started", "ended-before-answered")
    back = fold("c1", [attempt("c1"), answer("c1", NOON + 300), bye("c1", NOON - 5)])
    assert (back.ended_at, back.talk_ms) == (NOON + 300, 0)
    assert back.anomalies == ("ended-before-answered",)
    for nonsense in (None, "noon", -1, 10**18, True, 1.5):
        cdr = fold("c1", [attempt("c1", t=nonsense), answer("c1", NOON)])
        assert (cdr.started_at, cdr.answered_at) == (NOON, NOON)
        assert cdr.anomalies == ("impossible-time",)
    assert "implausible-clock" in fold("c1", [attempt("c1", at=5)]).anomalies


def test_the_monotonic_clock_measures_through_a_clock_jump() -> None:
    hour = 3_600_000
    events = [
        attempt("c1", m=1_000),
        answer("c1", NOON + 300 + hour, m=1_300),
        bye("c1", NOON + 60_300 - hour, m=61_300),
    ]
    cdr = fold("c1", events)
    assert (cdr.answered_at, cdr.ended_at, cdr.talk_ms) == (NOON + 300, NOON + 60_300, 60_000)
    assert cdr.anomalies == ("clock-jumped",)


def test_what_is_missing_is_marked() -> None:
    cdr = fold("c1", [bye("c1", NOON), media("c1", NOON + 5)])
    assert (cdr.started_at, cdr.ended_at, cdr.answered_at) == (NOON, NOON, None)
    assert cdr.anomalies == ("attempt-missing", "bye-without-answer")


def test_every_datum_has_a_purpose_and_an_expiry_class() -> None:
    assert {f.name for f in fields(Cdr)} | {"events"} == set(KEEPING)
    assert all(keeping.expiry in EXPIRY for kept in KEEPING.values() for keeping in kept)
    assert all(kept for kept in KEEPING.values())


TIMES = st.one_of(
    st.integers(NOON - 5_000, NOON + 5_000), st.sampled_from([NOON, None, -1, 10**17, "x"]), st.just(NOON)
)
EXTRA = st.sampled_from([{}, {"m": 5}, {"m": 900}, {"m": 70_000}, {"m": "x"}])


def _events(kind: str, at: Any, extra: Event, tag: str, by: str) -> Event:
    base: Event = {
        "attempt": lambda: attempt("c1", ua=tag),
        "stage": lambda: event("stage", "c1", 0, because=tag, to=tag, trunk=None, forwarded_from=None),
        "answer": lambda: answer("c1", 0, tag, codec=by),
        "bye": lambda: bye("c1", 0, by, tag),
        "fail": lambda: fail("c1", 0, 480, by),
        "media": lambda: media("c1", 0, loss=len(tag)),
        "close": lambda: event("close", "c1", 0),
        "other": lambda: event(tag, "c1", 0),
    }[kind]()
    return {**base, "t": at, **extra, "i": tag}


EVENTS = st.lists(
    st.builds(
        _events,
        st.sampled_from(["attempt", "stage", "answer", "bye", "fail", "media", "close", "other"]),
        TIMES,
        EXTRA,
        st.sampled_from(["a", "bb", "ccc"]),
        st.sampled_from(["caller", "callee"]),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=400, deadline=None)
@given(EVENTS, st.data())
def test_order_and_repetition_change_nothing(events: list[Event], data: st.DataObject) -> None:
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=4))
    shuffled = data.draw(st.permutations(repeated))
    assert fold("c1", shuffled) == fold("c1", events)
    # What went through PostgreSQL is JSON again.
    assert fold("c1", json.loads(json.dumps(shuffled))) == fold("c1", events)


@settings(max_examples=400, deadline=None)
@given(EVENTS)
def test_times_are_never_impossible(events: list[Event]) -> None:
    cdr = fold("c1", events)
    assert cdr.talk_ms >= 0
    times = [at for at in (cdr.started_at, cdr.answered_at, cdr.ended_at) if at is not None]
    assert times == sorted(times)
    assert (cdr.ended_at is None) == (cdr.sip_code is None) == (cdr.closed_by is None)
    if cdr.answered_at is not None and cdr.ended_at is not None:
        assert cdr.talk_ms == cdr.ended_at - cdr.answered_at


def test_who_calls_and_whether_the_number_is_withheld() -> None:
    marked = fold("c1", [attempt("c1", customer=2, customer_from=None, customer_to=2, withheld=True)])
    assert (marked.calling_customer_id, marked.called_customer_id, marked.withheld) == (None, 2, True)
    assert fold("c1", [attempt("c1", customer_from=1, withheld=False)]).withheld is False
    unknown = fold("c1", [bye("c1", NOON)])  # the attempt was lost: nothing may be shown
    assert (unknown.calling_customer_id, unknown.withheld) == (None, None)
