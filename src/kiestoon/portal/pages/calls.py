"""The list of calls, and why one call went as it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import is_short, strip_separators
from kiestoon.portal.calls.models import Call
from kiestoon.portal.numbers.validation import read_e164
from kiestoon.portal.pages.call_access import caller_shown, calls_with_number, is_callers_side, visible_calls
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import Access

PER_PAGE = 50


@dataclass(frozen=True)
class Row:
    """A call in words; `state` is the key of a status (ok, wait, warn, bad, off)."""

    call: Call
    access: Access

    @property
    def caller(self) -> str | None:
        return caller_shown(self.call, self.access)

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """The decision is the caller's side's to see."""
        return self.call.reasons if is_callers_side(self.call, self.access) else []

    @property
    def direction(self) -> str:
        words = {
            "internal": _("Internal"),
            "outgoing": _("Outgoing"),
            "incoming": _("Incoming"),
            "forwarded": _("Forwarded"),
        }
        return words.get(self.call.direction, self.call.direction)

    @property
    def state(self) -> str:
        if self.call.ended_at is None:
            return "wait"
        if self.call.answered_at is not None:
            return "ok"
        return "off" if self.call.sip_code in (480, 486, 487, 600, 408) else "bad"

    @property
    def result(self) -> str:
        code = self.call.sip_code
        if self.call.ended_at is None:
            return _("In progress")
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
        """Minutes and seconds, hours when there are any."""
        if not self.call.talk_ms:
            return "–"
        minutes, seconds = divmod(round(self.call.talk_ms / 1000), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"

    @property
    def ended_by(self) -> str:
        words = {"caller": _("The caller"), "callee": _("The called party"), "system": _("The exchange")}
        return words.get(self.call.hung_up_by or "", "")


@page("calls:read")
def list_calls(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    calls = visible_calls(access).order_by("-started_at")
    number, error = request.GET.get("number", "").strip(), ""
    if number:
        short = strip_separators(number)
        try:
            wanted = short if is_short(short) else read_e164(number)
            calls = calls_with_number(calls, access, wanted)
        except ValidationError as invalid:
            error, calls = invalid.messages[0], calls.none()
    found = Paginator(calls, PER_PAGE).get_page(request.GET.get("page"))
    query = f"{urlencode({'number': number})}&" if number else ""
    context = {
        "page": found,
        "rows": [Row(call, access) for call in found.object_list],
        "number": number,
        "number_error": error,
        "query": query,
    }
    return render(request, "calls/list.html", context)


@page("calls:read")
def show_call(request: HttpRequest, call_id: str) -> HttpResponse:
    access = access_of(request)
    call = get_object_or_404(visible_calls(access), pk=call_id)
    return render(request, "calls/call.html", {"row": Row(call, access)})
