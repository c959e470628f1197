"""Whether trunks carry calls, from how the latest calls over them went: no trunk is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kiestoon.domain.health.measurements import Trunk

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SILENT_MS = 15_000
"""A stage that ended with 408 sooner than this got no reply; later it rang and nobody answered."""
DECLINED = (600, 603)
"""Busy everywhere, declined (RFC 3261 section 21.6): said by who was called."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A call that has ended. `stages` as in the CDR, with `at` in UTC ms."""

    stages: tuple[Mapping[str, Any], ...]
    answered: bool
    code: int | None
    by: str | None
    ended_ms: int


@dataclass(slots=True)
class _Tally:
    tried: int = 0
    carried: int = 0
    failed: int = 0
    last: int | None = None
    failing: int | None = None


def states(trunks: Mapping[str, str], calls: Iterable[Tried]) -> tuple[Trunk, ...]:
    """One for each of our trunks (id → name); `calls` oldest first."""
    tallies = {trunk_id: _Tally() for trunk_id in trunks}
    for call in calls:
        for trunk_id, at, carried in _outcomes(call):
            tally = tallies.get(trunk_id)
            if tally is None:
                continue
            tally.tried += 1
            tally.last = at
            if carried:
                tally.carried += 1
                tally.failed, tally.failing = 0, None
            else:
                tally.failed += 1
                tally.failing = tally.failing or at
    return tuple(
        Trunk(
            trunk_id, trunks[trunk_id], tally.tried, tally.carried, tally.failed, _at(tally.last),
            _at(tally.failing),
        )
        for trunk_id, tally in tallies.items()
    )  # fmt: skip


def _outcomes(call: Tried) -> Iterable[tuple[str, int, bool]]:
    """(trunk, when, whether it carried the call) of the stages that tell."""
    for place, stage in enumerate(call.stages):
        trunk_id = _trunk(stage)
        if trunk_id is None:
            continue
        at = int(stage.get("at") or 0)
        if place + 1 < len(call.stages):
            following = call.stages[place + 1]
            same_call = (following.get("to"), following.get("forwarded_from")) == (
                stage.get("to"),
                stage.get("forwarded_from"),
            )
            if _trunk(following) is not None and same_call:
                yield trunk_id, at, False  # the next carrier was tried for the same number
            continue
        carried = _carried(call, at)
        if carried is not None:
            yield trunk_id, at, carried


def _carried(call: Tried, stage_ms: int) -> bool | None:
    """Of the last stage; None when it tells nothing: the caller gave up first, or we refused the call."""
    if call.answered:
        return True
    if call.code is None or call.by == "caller":
        return None
    if call.code == 408:
        return call.ended_ms - stage_ms > SILENT_MS
    if call.code >= 500 and call.code not in DECLINED:
        return False
    return True if call.by == "callee" else None


def _trunk(stage: Mapping[str, Any]) -> str | None:
    trunk = stage.get("trunk")
    return str(trunk["id"]) if isinstance(trunk, Mapping) and trunk.get("id") else None


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else _EPOCH + timedelta(milliseconds=ms)
