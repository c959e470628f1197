"""What follows a stage nobody answered."""

from __future__ import annotations

from typing import Any

import pytest

from kiestoon.edge.outcome import following_stage

NEXT = {name: name for name in ("failed", "busy", "no_answer", "unreachable")}


def stage(kind: str, emergency: bool = False) -> dict[str, Any]:
    return {"targets": [{"kind": kind}], "emergency": emergency, **NEXT}


@pytest.mark.parametrize(
    ("code", "seen", "expected"),
    [
        (486, "r", "busy"),
        (600, "", "busy"),
        (603, "r", "busy"),
        (408, "", "unreachable"),
        (408, "t", "no_answer"),
        (408, "tr", "no_answer"),
        (408, "rb", "busy"),
        (480, "r", "no_answer"),
        (404, "", "unreachable"),
        (503, "", "unreachable"),
        (488, "", None),
        (403, "r", None),
    ],
)
def test_devices_of_a_user(code: int, seen: str, expected: str | None) -> None:
    assert following_stage(stage("user"), code, seen) == expected


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
    assert following_stage(stage("trunk"), code, seen) == expected


@pytest.mark.parametrize("code", [302, 404, 408, 486, 488, 503, 603])
def test_an_emergency_path_is_always_followed_by_the_next(code: int) -> None:
    assert following_stage(stage("trunk", emergency=True), code, "tr") == "failed"
