"""The ladder of one call: the journalled messages and events between caller, exchange and called, in order.

Only what was journalled is told. The edge journals the INVITE it decided on, the first ringing and final
replies of each stage, the 2xx, CANCEL and BYE; other replies, ACK and what it passes on it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from kiestoon.domain.calls.timeline import Event, timeline
from kiestoon.portal.pages.call_access import is_called_side
from kiestoon.portal.pages.call_rows import Row, parties
from kiestoon.portal.pages.reason_words import reason_in_words, without_names

CALLER, EXCHANGE = 0, 1
COLUMN, STEP, TOP = 200, 44, 40
"""Of the drawing: distance between parties, between rows, and where the first row is."""

Kind = Literal["message", "event"]


@dataclass(frozen=True)
class Rung:
    """One row: a message from one party to another, or an event at one of them (`source` == `target`)."""

    at: datetime
    after_ms: int
    source: int
    target: int
    what: str
    why: str
    kind: Kind

    @property
    def is_message(self) -> bool:
        return self.kind == "message"


@dataclass
class Ladder:
    """`names` are the parties from left to right: the caller, the exchange, then each stage's targets."""

    names: list[str]
    rungs: list[Rung] = field(default_factory=list)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rungs with the names of both ends and their place in the drawing."""
        return [
            {
                "rung": rung,
                "source": self.names[rung.source],
                "target": self.names[rung.target],
                "y": TOP + STEP * (n + 1),
                "text_y": TOP + STEP * (n + 1) - 6,
                "x1": _x(rung.source),
                "x2": _x(rung.target) + (0 if rung.source == rung.target else _tip(rung)),
                "middle": (_x(rung.source) + _x(rung.target)) // 2,
            }
            for n, rung in enumerate(self.rungs)
        ]

    @property
    def columns(self) -> list[dict[str, Any]]:
        return [{"name": name, "x": _x(n)} for n, name in enumerate(self.names)]

    @property
    def width(self) -> int:
        return COLUMN * len(self.names)

    @property
    def height(self) -> int:
        return TOP + STEP * (len(self.rungs) + 1)


def ladder_of(row: Row) -> Ladder:
    """The ladder of a call in the reader's language, with numbers as the reader may see them."""
    return _Builder(row).build()


class _Builder:
    def __init__(self, row: Row) -> None:
        self._row = row
        call = row.call
        caller = call.username or _trunk_name(call.attempt.get("trunk_in")) or _("The caller")
        self._ladder = Ladder([caller, _("The exchange")])
        self._stage = EXCHANGE
        """Column of the targets being tried."""
        self._number = 0
        self._start = 0
        self._start_m: int | None = None

    def build(self) -> Ladder:
        ordered = timeline(self._row.call.events, set())
        for at, event in ordered:
            if event.get("e") == "attempt":
                self._start, self._start_m = at, event.get("m")
                break
        else:
            self._start = ordered[0][0] if ordered else 0
        for at, event in ordered:
            for rung in self._rungs(at, event):
                self._ladder.rungs.append(rung)
        self._ladder.rungs.sort(key=lambda rung: rung.at)
        return self._ladder

    def _rungs(self, at: int, event: Event) -> Iterator[Rung]:
        kind = event.get("e")
        rang = event.get("rang")
        if isinstance(rang, int) and isinstance(self._start_m, int) and rang >= self._start_m:
            when = self._start + rang - self._start_m
            yield self._message(when, self._stage, EXCHANGE, _("Ringing"), "18x")
        if kind == "attempt":
            yield from self._attempt(at, event)
        elif kind == "stage":
            yield from self._ended(at, event.get("code"))
            yield self._tries(at, event)
        elif kind == "answer":
            codec = event.get("codec") or ""
            yield self._message(at, self._stage, EXCHANGE, _reply(event, 200), codec)
        elif kind == "fail":
            yield from self._fail(at, event)
        elif kind == "bye":
            source = self._stage if event.get("by") == "callee" else CALLER
            yield self._message(at, source, EXCHANGE, "BYE", parties().get(str(event.get("by")), ""))
        elif kind == "media":
            yield self._event(at, _("Media measured"), measured(event))
        elif kind == "address-check":
            yield self._event(at, _("Emergency address read back"), address_result(event))
        elif kind == "close":
            yield self._event(
                at, _("Closed by the exchange"), _("No end came, and there was no media any more.")
            )

    def _attempt(self, at: int, event: Event) -> Iterator[Rung]:
        dialled = self._row.number(str(event.get("dialled") or ""))
        yield self._message(at, CALLER, EXCHANGE, "INVITE", dialled)
        last = reason_in_words((event.get("reasons") or [{}])[-1])
        if not is_called_side(self._row.call, self._row.access):
            last = without_names(last)
        if event.get("outcome") == "reject":
            yield self._event(at, _("Decided: refused"), last.why)
            return
        what = _("Decided: announcement") if event.get("outcome") == "attendant" else _("Decided: routed")
        yield self._event(at, what, last.why)
        yield self._tries(at, {**event, "to": event.get("sent_to") or event.get("to")})

    def _tries(self, at: int, event: Event) -> Rung:
        self._number += 1
        users = event.get("users") or ()
        name = _trunk_name(event.get("trunk")) or ", ".join(map(str, users)) or _("Devices")
        if event.get("outcome") == "attendant":
            name = _("Announcement")
        elif not is_called_side(self._row.call, self._row.access):
            name = _("The called party")
        if name in self._ladder.names[EXCHANGE + 1 :]:
            self._stage = self._ladder.names.index(name, EXCHANGE + 1)
        else:
            self._ladder.names.append(name)
            self._stage = len(self._ladder.names) - 1
        what = _("Stage %(number)s is tried") % {"number": self._number}
        why = because_in_words(str(event.get("because") or "routed"), first=self._number == 1)
        return Rung(_moment(at), at - self._start, EXCHANGE, self._stage, what, why, "event")

    def _ended(self, at: int, code: Any) -> Iterator[Rung]:
        """How the stage before ended, for events that say so."""
        if not isinstance(code, int):
            return
        if code == 408:
            yield self._event(at, _("No answer in time"), "")
        else:
            yield self._message(at, self._stage, EXCHANGE, str(code), "")

    def _fail(self, at: int, event: Event) -> Iterator[Rung]:
        by, why = event.get("by"), failure_in_words(str(event.get("why") or ""))
        if by == "caller":
            yield self._message(at, CALLER, EXCHANGE, "CANCEL", why)
        elif by == "callee":
            yield self._message(at, self._stage, EXCHANGE, _reply(event, 500), why)
        else:
            yield self._message(at, EXCHANGE, CALLER, _reply(event, 500), why)

    def _message(self, at: int, source: int, target: int, what: str, why: str) -> Rung:
        return Rung(_moment(at), at - self._start, source, target, what, why, "message")

    def _event(self, at: int, what: str, why: str) -> Rung:
        return Rung(_moment(at), at - self._start, EXCHANGE, EXCHANGE, what, why, "event")


def because_in_words(because: str, *, first: bool) -> str:
    """Why a stage was tried."""
    words = {
        "routed": _("As decided") if first else _("The way before it failed"),
        "emergency": _("Emergency call") if first else _("The path before it did not answer"),
        "always": _("Forwarded always"),
        "busy": _("Forwarded when busy"),
        "no-answer": _("Forwarded when nobody answered"),
        "unreachable": _("Forwarded when no device was reachable"),
    }
    return words.get(because, because)


def failure_in_words(why: str) -> str:
    """What the edge journals about an end without an answer; a SIP phrase stays as it is."""
    words = {
        "cancelled": _("The caller hung up"),
        "refused": _("Refused by the other side"),
        "no device registered": _("No device is registered"),
        "announced": _("The caller heard why, then the call was refused"),
        "not announced": _("Refused; the announcement could not be played"),
        "not sent: next hop unavailable": _("Not sent: the next hop could not be reached"),
        "not sent: media relay unavailable": _("Not sent: the media relay could not be reached"),
    }
    return words.get(why, why)


def measured(event: Event) -> str:
    """MOS, loss and jitter of a media event."""
    mos, loss, jitter = event.get("mos"), event.get("loss"), event.get("jitter_ms")
    if mos is None:
        return _("Not measured: the phones sent no reports")
    return _("MOS %(mos)s, loss %(loss)s %%, jitter %(jitter)s ms") % {
        "mos": mos,
        "loss": "–" if loss is None else loss,
        "jitter": "–" if jitter is None else jitter,
    }


def address_result(event: Event) -> str:
    """What the caller said to the address it heard."""
    words = {"right": _("The caller says it is right"), "wrong": _("The caller says it is wrong")}
    return words.get(str(event.get("result")), _("The caller did not say whether it is right"))


def _reply(event: Event, otherwise: int) -> str:
    return str(event.get("code") or otherwise)


def _trunk_name(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("id") or "")
    return str(value or "")


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _x(column: int) -> int:
    return COLUMN // 2 + COLUMN * column


def _tip(rung: Rung) -> int:
    """The line ends where its arrowhead begins."""
    return -8 if rung.target > rung.source else 8
