"""When events of one call happened, although clocks jump and workers differ."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterable
from typing import Any

Event = dict[str, Any]

JUMP_MS = 1_000
"""Wall clock and monotonic clock may differ by this much before the wall clock counts as having jumped."""
_LATEST = 253_402_300_799_999
"""Last ms of the year 9999: what PostgreSQL and Python can both hold."""
_PLAUSIBLE = range(1_577_836_800_000, 4_102_444_800_000)
"""2020 to 2100."""
_RANK = {"attempt": 0, "stage": 1, "answer": 2, "fail": 3, "bye": 4, "media": 5, "close": 6}


def timeline(events: Iterable[Event], anomalies: set[str]) -> list[tuple[int, Event]]:
    """(UTC ms, event) in order: the same for any order and any repetition of the same events.

    `t` is the wall clock (UTC ms), `m` the machine's monotonic clock (ms), when the event has it. Times
    are reckoned from the attempt's `t` by `m`, so a clock that jumps during the call changes nothing;
    what `t` says otherwise is marked. Times that cannot be are replaced and marked `impossible-time`.
    """
    rows = list(events)
    attempts = [e for e in rows if e.get("e") == "attempt"]
    base = min(attempts, key=_canonical) if len(attempts) > 1 else attempts[0] if attempts else None
    wall = [t for e in rows if (t := _whole(e.get("t"))) is not None]
    start = _whole(base.get("t")) if base else None
    if start is None:
        start = min(wall, default=0)
    first_m = _whole(base.get("m")) if base else None
    timed = [(_at(event, start, first_m, anomalies), event) for event in rows]
    if any(at not in _PLAUSIBLE for at, _ in timed):
        anomalies.add("implausible-clock")
    timed.sort(key=_place)
    places = [_place(row) for row in timed]
    return _without_doubles(timed) if any(map(operator.eq, places, places[1:])) else timed


def _place(row: tuple[int, Event]) -> tuple[int, int]:
    return row[0], _RANK.get(str(row[1].get("e")), 9)


def _without_doubles(timed: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """In an order that is total, each event once."""
    unique = {_canonical(row[1]): row for row in timed}
    return [row for _, row in sorted(unique.items(), key=lambda item: (_place(item[1]), item[0]))]


def _canonical(event: Event) -> str:
    return json.dumps(event, sort_keys=True, default=str)


def _whole(value: Any) -> int | None:
    """A time in ms, or None when it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LATEST:
        return value
    return None


def _at(event: Event, start: int, first_m: int | None, anomalies: set[str]) -> int:
    wall, m = _whole(event.get("t")), _whole(event.get("m"))
    if wall is None:
        anomalies.add("impossible-time")
    if first_m is None or m is None or m < first_m or start + m - first_m > _LATEST:
        return start if wall is None else wall
    at = start + m - first_m
    if wall is not None and abs(wall - at) > JUMP_MS:
        anomalies.add("clock-jumped")
    return at
