"""Journal events as the edge writes them, for tests and the ingestion bench."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
NOON = 1_795_521_600_000
"""2026-11-24T12:00:00Z in UTC ms."""
CARRIER = {"id": "national", "name": "national carrier"}

REASONS = [
    {"step": "caller", "result": "authenticated", "why": "user u-anna of customer 1"},
    {"step": "cli-guard", "result": "own number", "why": "the user's number is shown", "duty": "cli-guard"},
    {"step": "emergency-class", "result": "no", "why": "not an emergency number or service"},
    {"step": "call-type", "result": "mobile", "why": "allowed for this caller"},
    {"step": "ported-number", "result": "ported", "why": "a routing number is known for it"},
    {"step": "route", "result": "national carrier", "why": "carriers in order: national carrier"},
]


def attempt(call_id: str, at: int = NOON, **changes: Any) -> Event:
    return {
        "e": "attempt",
        "t": at,
        "c": call_id,
        "i": f"sip-{call_id}",
        "ft": f"ft-{call_id}",
        "src": "127.0.0.2:5072",
        "user": "u-anna",
        "customer": 1,
        "trunk_in": None,
        "trunk": CARRIER,
        "direction": "outgoing",
        "dialled": "0470123456",
        "cli": "+3238080101",
        "verified": True,
        "outcome": "route",
        "code": None,
        "forwarded_from": None,
        "reasons": REASONS,
        "ua": "Kiestoon test phone 1.0",
        "from": "+3238080101",
        "to": "+32470123456",
        "class": None,
        **changes,
    }


def event(kind: str, call_id: str, at: int, **fields: Any) -> Event:
    return {"e": kind, "t": at, "c": call_id, "i": f"sip-{call_id}", **fields}


def answer(call_id: str, at: int, tag: str = "tt", **fields: Any) -> Event:
    return event("answer", call_id, at, tt=tag, **{"code": 200, "codec": "pcma", **fields})


def bye(call_id: str, at: int, by: str = "caller", tag: str = "tt", **fields: Any) -> Event:
    caller = f"ft-{call_id}"
    tags = {"ft": caller, "tt": tag} if by == "caller" else {"ft": tag, "tt": caller}
    return event("bye", call_id, at, by=by, **tags, **fields)


def media(call_id: str, at: int, **fields: Any) -> Event:
    return event(
        "media", call_id, at, **{"mos": 4.3, "loss": 0.0, "jitter_ms": 1.0, "packets": 100, **fields}
    )


def fail(call_id: str, at: int, code: int = 486, by: str = "callee") -> Event:
    return event("fail", call_id, at, code=code, by=by, why="refused")


def whole_call(call_id: str, at: int = NOON, talk_ms: int = 1_000) -> list[Event]:
    """Attempt, answer after 300 ms, BYE by the caller, media."""
    answered = at + 300
    end = answered + talk_ms
    return [attempt(call_id, at), answer(call_id, answered), bye(call_id, end), media(call_id, end + 5)]
