"""A trunk's state is read from how calls over it went."""

from __future__ import annotations

from typing import Any

import pytest

from kiestoon.domain.health.trunks import Tried, states

TRUNKS = {"one": "First carrier", "two": "Second carrier"}


def stage(trunk: str | None, at: int = 0, to: str = "+32470000000", **more: Any) -> dict[str, Any]:
    return {"at": at, "to": to, "trunk": {"id": trunk} if trunk else None, "forwarded_from": None, **more}


def call(*stages: dict[str, Any], code: int = 200, by: str = "caller", ended: int = 5_000) -> Tried:
    return Tried(stages, code == 200, code, by, ended)


def tally(*calls: Tried) -> tuple[int, int, int]:
    one = states(TRUNKS, calls)[0]
    return one.tried, one.carried, one.failed_since_carried


@pytest.mark.parametrize(
    ("code", "by", "ended", "expected"),
    [
        (200, "caller", 5_000, (1, 1, 0)),
        (486, "callee", 5_000, (1, 1, 0)),
        (404, "callee", 5_000, (1, 1, 0)),
        (603, "callee", 5_000, (1, 1, 0)),
        (503, "callee", 5_000, (1, 0, 1)),
        (503, "system", 5_000, (1, 0, 1)),
        (408, "system", 5_000, (1, 0, 1)),
        (408, "system", 60_000, (1, 1, 0)),
        (487, "caller", 5_000, (0, 0, 0)),
    ],
)
def test_one_call(code: int, by: str, ended: int, expected: tuple[int, int, int]) -> None:
    assert tally(call(stage("one"), code=code, by=by, ended=ended)) == expected


def test_a_carrier_that_was_passed_over_failed_and_the_next_one_carried() -> None:
    first, second = states(TRUNKS, [call(stage("one"), stage("two", at=900))])
    assert (first.failed_since_carried, second.carried) == (1, 1)


def test_a_forwarding_after_a_busy_line_is_no_failure() -> None:
    forwarded = stage("two", at=900, to="+32471111111", forwarded_from="+3238080101")
    first, _ = states(TRUNKS, [call(stage("one"), forwarded)])
    assert first.tried == 0


def test_a_call_that_goes_through_makes_it_good_again() -> None:
    bad = call(stage("one", at=1_000), code=503, by="system")
    assert tally(bad, bad) == (2, 0, 2)
    assert tally(bad, bad, call(stage("one"))) == (3, 1, 0)
    failing = states(TRUNKS, [bad, bad])[0].failing_since
    assert failing is not None
    assert failing.timestamp() == 1


def test_calls_inside_the_house_say_nothing_of_trunks() -> None:
    assert tally(call(stage(None))) == (0, 0, 0)
