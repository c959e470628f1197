"""Journal events of one call → its CDR: the same whatever order, repetition or worker they came by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from kiestoon.domain.calls.timeline import Event, timeline
from kiestoon.vocabulary.cdr import Cdr, ClosedBy, Direction, Leg, Party

REQUEST_TERMINATED, REQUEST_TIMEOUT = 487, 408
_DIRECTIONS = ("internal", "outgoing", "incoming", "forwarded")
_PARTIES = ("caller", "callee", "system")


@dataclass(slots=True)
class _Answer:
    """A 2xx by one To tag, and the BYE of its dialog."""

    at: int
    event: Event
    bye: tuple[int, Event] | None = None


@dataclass(slots=True)
class _Found:
    """The events of a call, sorted by what they say."""

    attempt: Event = field(default_factory=dict)
    stages: list[tuple[int, Event]] = field(default_factory=list)
    answers: dict[str, _Answer] = field(default_factory=dict)
    byes: list[tuple[int, Event]] = field(default_factory=list)
    fail: tuple[int, Event] | None = None
    close: tuple[int, Event] | None = None
    media: Event = field(default_factory=dict)
    sip_call_ids: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _End:
    at: int
    code: int
    by: Party | None
    closed_by: ClosedBy


def fold(call_id: str, events: Iterable[Event]) -> Cdr:
    """The CDR of one call from its events (docs/architecture.md), at least one; their `c` is not read.

    A function of the set of events: late, repeated and reordered ones change nothing that the set does
    not. Raises ValueError when there is no event.
    """
    anomalies: set[str] = set()
    ordered = timeline(events, anomalies)
    if not ordered:
        raise ValueError("a call without any event")
    found = _sort_out(ordered)
    attempt = found.attempt
    if not attempt:
        anomalies.add("attempt-missing")
    started = next((at for at, event in ordered if event is attempt), ordered[0][0])
    answer = _winner(found)
    end = _end(found, answer, started, anomalies)
    answered_at = answer.at if answer else None
    if answered_at is not None and answered_at < started:
        answered_at = started
        anomalies.add("answered-before-started")
    earliest = started if answered_at is None else answered_at
    ended_at = end.at if end else None
    if ended_at is not None and ended_at < earliest:
        ended_at = earliest
        anomalies.add("ended-before-answered" if answered_at is not None else "ended-before-started")
    talk_ms = ended_at - answered_at if ended_at is not None and answered_at is not None else 0
    legs = _legs(found, started)
    last = legs[-1]
    trunk_in = _trunk(attempt.get("trunk_in"))
    trunk = (last.trunk_id, last.trunk_name) if last.trunk_id else trunk_in
    if answer and answer.event.get("trunk"):
        trunk = _trunk(answer.event["trunk"])
    media = found.media
    return Cdr(
        call_id=call_id,
        direction=_direction(attempt, last),
        from_number=_text(attempt.get("from")),
        to_number=last.to if last.forwarded_from and last.to else _text(attempt.get("to")),
        dialled=_text(attempt.get("dialled")) or "",
        cli=_text(attempt.get("cli")),
        customer_id=_number(attempt.get("customer")),
        called_customer_id=_number(attempt.get("customer_to")),
        calling_customer_id=_number(attempt.get("customer_from")),
        withheld=_flag(attempt.get("withheld")),
        username=_text(attempt.get("user")),
        source=_text(attempt.get("src")),
        user_agent=_text(attempt.get("ua")),
        verified=attempt.get("verified") is not False,
        trunk_id=trunk[0],
        trunk_name=trunk[1],
        trunk_in_id=trunk_in[0],
        started_at=started,
        answered_at=answered_at,
        ended_at=ended_at,
        talk_ms=talk_ms,
        sip_code=end.code if end else None,
        hung_up_by=end.by if end else None,
        closed_by=end.closed_by if end else None,
        emergency_class=_text(attempt.get("class")),
        forwarded_from=last.forwarded_from,
        sip_call_ids=tuple(found.sip_call_ids),
        codec=_text(answer.event.get("codec")) if answer else None,
        loss=_measure(media.get("loss")),
        jitter_ms=_measure(media.get("jitter_ms")),
        mos=_measure(media.get("mos")),
        packets=_number(media.get("packets")),
        anchored=_anchored(answer, attempt),
        stages=legs,
        anomalies=tuple(sorted(anomalies)),
    )


def _sort_out(ordered: list[tuple[int, Event]]) -> _Found:
    found = _Found()
    for at, event in ordered:
        kind = event.get("e")
        if sip_call_id := _text(event.get("i")):
            found.sip_call_ids[sip_call_id] = None
        if kind == "attempt":
            found.attempt = found.attempt or event
        elif kind == "stage":
            found.stages.append((at, event))
        elif kind == "answer":
            found.answers.setdefault(_text(event.get("tt")) or "", _Answer(at, event))
        elif kind == "fail":
            found.fail = found.fail or (at, event)
        elif kind == "bye":
            found.byes.append((at, event))
        elif kind == "media":
            if event.get("mos") is not None or not found.media:
                found.media = event
        elif kind == "close":
            found.close = (at, event)
    if any("n" in event for _, event in found.stages):
        found.stages.sort(key=lambda row: _number(row[1].get("n")) or 0)
    return found


def _winner(found: _Found) -> _Answer | None:
    """The answer that became the call: of several forked 2xx the dialog that ended last, or still stands."""
    for bye in found.byes:
        tags = {_text(bye[1].get("ft")), _text(bye[1].get("tt"))}
        for tag, answer in found.answers.items():
            if answer.bye is None and tag in tags:
                answer.bye = bye
    if found.byes and not any(answer.bye for answer in found.answers.values()):
        for answer in found.answers.values():  # tags that fit none: better ended than open for ever
            answer.bye = found.byes[0]
    forever = float("inf")
    return max(found.answers.values(), key=lambda a: (a.bye[0] if a.bye else forever, -a.at), default=None)


def _end(found: _Found, answer: _Answer | None, started: int, anomalies: set[str]) -> _End | None:
    """How the call ended; None while it goes on."""
    if answer is not None:
        if found.fail:
            anomalies.add("refused-and-answered")
        code = _code(answer.event.get("code"), 200)
        if answer.bye:
            return _End(answer.bye[0], code, _party(answer.bye[1]), "bye")
        if found.close:
            return _End(found.close[0], code, "system", "reconciled")
        return None
    if found.fail:
        at, event = found.fail
        return _End(at, _code(event.get("code"), 500), _party(event), "final-reply")
    if found.byes:
        anomalies.add("bye-without-answer")
        at, event = found.byes[0]
        return _End(at, REQUEST_TERMINATED, _party(event), "bye")  # RFC 3261 15.1.2: an early dialog
    if found.attempt.get("outcome") == "reject":
        return _End(started, _code(found.attempt.get("code"), 500), "system", "final-reply")
    if found.close:
        return _End(found.close[0], REQUEST_TIMEOUT, "system", "expired")
    return None


def _legs(found: _Found, started: int) -> tuple[Leg, ...]:
    attempt = found.attempt
    sent_to = attempt.get("sent_to") or attempt.get("to")
    first = {**attempt, "to": sent_to, "because": attempt.get("because") or "routed"}
    return tuple(_leg(at, event) for at, event in ((started, first), *found.stages))


def _leg(at: int, event: Event) -> Leg:
    trunk_id, trunk_name = _trunk(event.get("trunk"))
    users = event.get("users")
    return Leg(
        at=at,
        to=_text(event.get("to")),
        trunk_id=trunk_id,
        trunk_name=trunk_name,
        users=tuple(str(user) for user in users) if isinstance(users, list) else (),
        because=_text(event.get("because")) or "",
        forwarded_from=_text(event.get("forwarded_from")),
    )


def _direction(attempt: Event, last: Leg) -> Direction:
    """As decided; a call that a later stage sent out for the called user is a forwarded one."""
    if last.trunk_id and last.forwarded_from:
        return "forwarded"
    decided = attempt.get("direction")
    return cast(Direction, decided) if decided in _DIRECTIONS else "incoming"


def _anchored(answer: _Answer | None, attempt: Event) -> bool | None:
    """Whether rtpengine has the media; None when the edge did not say."""
    return _flag(answer.event.get("anchored", attempt.get("anchored"))) if answer else None


def _flag(said: Any) -> bool | None:
    return said if isinstance(said, bool) else None


def _trunk(value: Any) -> tuple[str | None, str | None]:
    """(id, name) of {"id": …, "name": …} or of an id alone."""
    if isinstance(value, dict):
        identity = _text(value.get("id"))
        return identity, _text(value.get("name")) or identity
    identity = _text(value)
    return identity, identity


def _party(event: Event) -> Party | None:
    by = event.get("by")
    return cast(Party, by) if by in _PARTIES else None


def _text(value: Any) -> str | None:
    """Text without NUL, which PostgreSQL cannot hold; None when empty."""
    return str(value).replace("\0", "") or None if value is not None else None


def _number(value: Any) -> int | None:
    """A whole number PostgreSQL can hold."""
    try:
        number = int(value) if value is not None else None
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) < 1 << 63 else None


def _code(value: Any, otherwise: int) -> int:
    """A final SIP reply code (RFC 3261 section 7.2)."""
    code = _number(value)
    return code if code is not None and 200 <= code <= 699 else otherwise


def _measure(value: Any) -> float | None:
    """A measured value; rtpengine says nothing or a negative number when it measured nothing."""
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else None
