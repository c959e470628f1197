"""What follows a stage nobody answered."""

from __future__ import annotations

from typing import Any

import pytest

from kiestoon.edge.outcome import following_stage

NEXT = {name: name for name in ("failed", "busy", "no_answer", "unreachable")}


def stage(kind: str, emergency: bool = False) -> dict[str, Any]:
    return {"targets": [{"kind": kind}], "emergency": emergency, **NEXT}


@pytest.mark.parametrize(
    ("code", "seen", "timed_out", "expected"),
    [
        (486, "r", False, "busy"),
        (486, "r", True, "busy"),
        (600, "", False, "busy"),
        (603, "r", False, "busy"),
        (408, "", True, "unreachable"),
        (408, "t", True, "no_answer"),
        (408, "tr", True, "no_answer"),
        (480, "r", False, "no_answer"),
        (404, "", False, "unreachable"),
        (404, "", True, "unreachable"),
        (404, "r", True, "no_answer"),
        (503, "", False, "unreachable"),
        (488, "", False, None),
        (488, "", True, None),
        (488, "tr", True, "no_answer"),
        (403, "r", False, None),
    ],
)
def test_devices_of_a_user(code: int, seen: str, timed_out: bool, expected: str | None) -> None:
    assert following_stage(stage("user"), code, seen, timed_out) == expected


@pytest.mark.parametrize(
    ("code", "seen", "expected"),
    [
        (503, "", "failed"),
        (500, "r", "failed"),
        (408, "", "failed"),
        (408, "t", "failed"),
        (408, "tr", None),
        (404, "", None),
        (486, "r", "busy"),
        (603, "", "busy"),
    ],
)
def test_a_carrier(code: int, seen: str, expected: str | None) -> None:
    assert following_stage(stage("trunk"), code, seen, code == 408) == expected


@pytest.mark.parametrize("code", [302, 404, 408, 486, 488, 503, 603])
def test_an_emergency_path_is_always_followed_by_the_next(code: int) -> None:
    assert following_stage(stage("trunk", emergency=True), code, "tr", True) == "failed"
