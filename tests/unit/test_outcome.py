"""How a call went, in one word, and how long it took until it rang."""

from __future__ import annotations

import pytest

from kiestoon.domain.calls.outcome import outcome, setup_ms


@pytest.mark.parametrize(
    ("answered", "code", "expected"),
    [
        (True, 200, "answered"),
        (False, 486, "busy"),
        (False, 603, "busy"),
        (False, 408, "no-answer"),
        (False, 480, "no-answer"),
        (False, 487, "cancelled"),
        (False, 403, "refused"),
        (False, 503, "failed"),
        (False, None, "failed"),
    ],
)
def test_outcome(answered: bool, code: int | None, expected: str) -> None:
    assert outcome(answered, code) == expected


def test_setup_ends_when_it_rings() -> None:
    events = [{"e": "attempt", "m": 1_000}, {"e": "answer", "m": 9_000, "rang": 1_700}]
    assert setup_ms(events) == 700


def test_setup_ends_with_an_answer_that_came_without_ringing() -> None:
    assert setup_ms([{"e": "attempt", "m": 1_000}, {"e": "answer", "m": 1_040}]) == 40


def test_a_call_that_never_rang_has_no_setup_time() -> None:
    assert setup_ms([{"e": "attempt", "m": 1_000}, {"e": "fail", "m": 1_040, "rang": None}]) is None
    assert setup_ms([]) is None
