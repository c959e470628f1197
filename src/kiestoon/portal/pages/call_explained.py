"""One call explained: the steps of the decision, what was tried, times, what was heard, the ladder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.domain.calls.quality import heard
from kiestoon.portal.calls.listing import moment
from kiestoon.portal.pages.call_access import is_called_side, is_callers_side, sees_decision
from kiestoon.portal.pages.call_ladder import Ladder, because_in_words, failure_in_words, ladder_of
from kiestoon.portal.pages.call_rows import Row, duration
from kiestoon.portal.pages.reason_words import ReasonInWords, reason_in_words, without_names
from kiestoon.portal.people.access import CALLERS
from kiestoon.portal.phones.models import TelephoneUser

Event = dict[str, Any]


@dataclass(frozen=True)
class LegInWords:
    """A stage of the call: whom it tried, why, for how long, and what came of it."""

    tried: list[tuple[str, str]]
    """(name, address of its page or "")."""
    to: str
    why: str
    seconds: str
    rang: bool
    result: str
    state: str


class Explained:
    """What the page of one call shows; of the decision only what this person may see."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.call = row.call
        self.is_callers_side = is_callers_side(row.call, row.access)
        self.is_called_side = is_called_side(row.call, row.access)
        self.sees_decision = sees_decision(row.call, row.access)

    @cached_property
    def sentence(self) -> str:
        """What happened, in one sentence."""
        call, last = self.call, self.reasons[-1] if self.reasons else None
        if call.ended_at is None:
            return _("This call is going on.") if call.answered_at else _("This call is ringing.")
        if call.answered_at is not None:
            return _("Answered; they talked for %(time)s.") % {"time": duration(call.talk_ms)}
        if call.attempt.get("outcome") == "reject" and last is not None:
            return _("We refused this call: %(why)s") % {"why": last.why}
        why = next((str(e.get("why") or "") for e in call.events if e.get("e") == "fail"), "")
        return f"{failure_in_words(why)}." if self.sees_decision and why else ""

    @cached_property
    def reasons(self) -> list[ReasonInWords]:
        if not self.sees_decision:
            return []
        found = [reason_in_words(reason) for reason in self.call.reasons]
        return found if self.is_called_side else [without_names(reason) for reason in found]

    @cached_property
    def ladder(self) -> Ladder | None:
        return ladder_of(self.row) if self.sees_decision and self.call.events else None

    @cached_property
    def user(self) -> TelephoneUser | None:
        """The telephone user who called, for those on its side."""
        if not self.is_callers_side or not self.call.username:
            return None
        return TelephoneUser.objects.filter(username=self.call.username).first()

    @property
    def user_page(self) -> str:
        return self._page("user", self.call.username)

    @property
    def trunk_page(self) -> str:
        return self._page("trunk", self.call.trunk_id)

    @property
    def customer_page(self) -> str:
        return self._page("customer", self.call.customer_id) if self.row.access.is_operator else ""

    def _page(self, name: str, argument: object) -> str:
        """The address of the page of a user, trunk or customer; "" for who may not open it."""
        scopes = {"user": "devices:read", "trunk": "trunks:read", "customer": "customers:read"}
        return reverse(name, args=[argument]) if argument and self.row.access.may(scopes[name]) else ""

    # --------------------------------------------------------------- times

    @cached_property
    def rang_after_ms(self) -> int | None:
        """Post-dial delay: from the INVITE to the first sign of ringing; None: nothing rang, or not noted."""
        began = self.call.attempt.get("m")
        rings = [e["rang"] for e in self.call.events if isinstance(e.get("rang"), int)]
        return min(rings) - began if rings and isinstance(began, int) and min(rings) >= began else None

    @property
    def post_dial_delay(self) -> str:
        return "" if self.rang_after_ms is None else _seconds(self.rang_after_ms)

    @property
    def ring_time(self) -> str:
        """From the first ringing to the answer, or to the end."""
        end = self.call.answered_at or self.call.ended_at
        if self.rang_after_ms is None or end is None:
            return ""
        return _seconds(max(0, _ms(self.call.started_at, end) - self.rang_after_ms))

    # ---------------------------------------------------------------- legs

    @cached_property
    def legs(self) -> list[LegInWords]:
        """In the order they were tried; [] when nothing was, or for those the decision is not theirs."""
        if not self.sees_decision or self.call.attempt.get("outcome") == "reject":
            return []
        stages = self.call.stages
        moved_on = [event for event in self.call.events if event.get("e") == "stage"]
        ends: list[Event | None] = [*moved_on, None]
        if len(ends) != len(stages):
            ends = [None for _stage in stages]
        return [
            self._leg(n, stage, ends[n], stages[n + 1]["at"] if n + 1 < len(stages) else None)
            for n, stage in enumerate(stages)
        ]

    def _leg(self, n: int, stage: dict[str, Any], ended_by: Event | None, until: int | None) -> LegInWords:
        tried = self._tried(stage)
        last = until is None
        end = self.call.answered_at or self.call.ended_at
        took = until - stage["at"] if until is not None else _since(stage["at"], end)
        if last:
            final = [e for e in self.call.events if e.get("e") in ("answer", "fail")]
            rang = any(e.get("rang") is not None for e in final)
            return LegInWords(
                tried,
                self._to(stage),
                self._why(n, stage),
                _seconds(took),
                rang,
                self.row.result,
                self.row.state,
            )
        code = ended_by.get("code") if ended_by else None
        result = _("Nothing could be sent") if code is None else _reply_in_words(code)
        rang = bool(ended_by and ended_by.get("rang") is not None)
        return LegInWords(tried, self._to(stage), self._why(n, stage), _seconds(took), rang, result, "off")

    def _tried(self, stage: dict[str, Any]) -> list[tuple[str, str]]:
        if not self.is_called_side:
            return []
        if trunk := stage.get("trunk"):
            return [(trunk["name"], self._page("trunk", trunk["id"]))]
        return [(user, self._page("user", user)) for user in stage.get("users") or ()]

    def _to(self, stage: dict[str, Any]) -> str:
        return self.row.number(stage.get("to")) if self.is_called_side else ""

    @staticmethod
    def _why(n: int, stage: dict[str, Any]) -> str:
        return because_in_words(str(stage.get("because") or "routed"), first=n == 0)

    # --------------------------------------------------------------- media

    @property
    def heard(self) -> tuple[str, str]:
        """(state, word) of what was heard."""
        words = {
            "good": ("ok", _("Good")),
            "fair": ("warn", _("Fair")),
            "poor": ("bad", _("Poor")),
            "not-measured": ("off", _("Not measured")),
        }
        return words[heard(self.call.mos)]

    # ------------------------------------------------------------- support

    @cached_property
    def for_support(self) -> str:
        """The explanation as text to send on, every telephone number masked; times in UTC."""
        access = self.row.access
        hidden = Row(self.call, replace(access, scopes=access.scopes - {CALLERS}))
        call = self.call
        lines = [
            f"call {call.call_id}",
            f"{hidden.caller or '–'} > {hidden.called}, {self.row.direction}, {self.row.result}",
            f"{moment(call.started_at)} – {moment(call.ended_at) or '…'}, SIP {call.sip_code or '–'}",
        ]
        if self.is_callers_side:
            lines += [f"Call-ID {one}" for one in call.sip_call_ids]
        lines += [f"{reason.step}: {reason.result}. {reason.why}" for reason in self.reasons]
        if self.sees_decision:
            lines += [
                f"{rung.at:%H:%M:%S.%f} {row['source']} > {row['target']}: {rung.what} {rung.why}"
                for row in ladder_of(hidden).rows
                if (rung := row["rung"])
            ]
        return "\n".join(line.rstrip() for line in lines)


def _reply_in_words(code: int) -> str:
    words = {
        404: _("Unknown there"),
        408: _("No answer"),
        480: _("Not reachable"),
        486: _("Busy"),
        600: _("Busy"),
        603: _("Declined"),
    }
    return f"{words.get(code, _('Failed'))} ({code})"


def _ms(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() * 1000)


def _since(at: int, end: datetime | None) -> int | None:
    return None if end is None else max(0, round(end.timestamp() * 1000) - at)


def _seconds(ms: int | None) -> str:
    return "–" if ms is None else _("%(seconds)s s") % {"seconds": f"{ms / 1000:.1f}"}
