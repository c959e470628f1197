"""A call as a row of a list: state, direction, numbers and times in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kiestoon.portal.calls.models import Call
from kiestoon.portal.pages.call_access import called_shown, caller_shown, forwarder_shown, number_in_words
from kiestoon.portal.people.access import Access

BUSY = (486, 600)
NO_ANSWER = (408, 480, 487)
REFUSED = (403, 404, 410, 433, 484, 603, 604, 607)


@dataclass(frozen=True)
class Row:
    """A call in words; `state` is the key of a status (ok, wait, warn, bad, off)."""

    call: Call
    access: Access
    shown: bool = False
    """This person asked to read the numbers."""
    customers: dict[int, str] = field(default_factory=dict)

    @property
    def caller(self) -> str:
        return self.number(caller_shown(self.call, self.access))

    @property
    def called(self) -> str:
        return self.number(called_shown(self.call, self.access))

    @property
    def dialled(self) -> str:
        return self.number(self.call.dialled)

    @property
    def forwarded_from(self) -> str:
        return self.number(forwarder_shown(self.call, self.access))

    def number(self, number: str | None) -> str:
        return number_in_words(number, self.access, shown=self.shown)

    @property
    def customer(self) -> str:
        """Name of the customer the call counts for; its number when it is gone."""
        customer_id = self.call.customer_id
        return "" if customer_id is None else self.customers.get(customer_id, str(customer_id))

    @property
    def direction(self) -> str:
        return directions().get(self.call.direction, self.call.direction)

    @property
    def state(self) -> str:
        if self.call.ended_at is None:
            return "wait"
        if self.call.answered_at is not None:
            return "ok"
        return "off" if self.call.sip_code in (*BUSY, *NO_ANSWER) else "bad"

    @property
    def result(self) -> str:
        code = self.call.sip_code
        if self.call.ended_at is None:
            return _("Talking") if self.call.answered_at else _("Ringing")
        if self.call.answered_at is not None:
            return _("Answered")
        words = {
            480: _("Not reachable"),
            486: _("Busy"),
            600: _("Busy"),
            487: _("Hung up before an answer"),
            408: _("No answer"),
            403: _("Refused"),
            404: _("No such number"),
            484: _("No such number"),
            433: _("Anonymous call refused"),
            603: _("Declined"),
        }
        return words.get(code or 0, _("Failed"))

    @property
    def talk_time(self) -> str:
        return duration(self.call.talk_ms) if self.call.talk_ms else "–"

    @property
    def ended_by(self) -> str:
        return parties().get(self.call.hung_up_by or "", "")


def directions() -> dict[str, str]:
    return {
        "internal": _("Internal"),
        "outgoing": _("Outgoing"),
        "incoming": _("Incoming"),
        "forwarded": _("Forwarded"),
    }


def parties() -> dict[str, str]:
    return {"caller": _("The caller"), "callee": _("The called party"), "system": _("The exchange")}


def duration(ms: int) -> str:
    """Minutes and seconds, hours when there are any."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
