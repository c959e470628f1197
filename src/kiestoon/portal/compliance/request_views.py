"""Requests of authorities: who asked which call's user, by when, and what was answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kiestoon.duties.spoofed_numbers import BLOCK_WITHIN
from kiestoon.portal.calls.models import Call
from kiestoon.portal.carriers.models import SpecialInterface
from kiestoon.portal.compliance import services
from kiestoon.portal.compliance.board import State
from kiestoon.portal.compliance.forms import AnswerForm, BlockForm, FoundForm, RequestForm
from kiestoon.portal.compliance.identification import Identification, calls_meant, identify
from kiestoon.portal.compliance.models import IdentityRequest
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.rooms import access_of, page

PER_PAGE = 50


@page("requests:read")
def list_requests(request: HttpRequest) -> HttpResponse:
    """Unanswered first, the oldest of them on top; then the newest."""
    now = datetime.now(UTC)
    rows = IdentityRequest.objects.prefetch_related("blockings")
    opened = list(rows.filter(answered_at=None).order_by("asked_at"))
    found = Paginator(rows.exclude(answered_at=None), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "opened": [(row, state_of(row, now)) for row in opened],
        "answered": [(row, state_of(row, now)) for row in found.object_list],
        "page": found,
        "may_write": access_of(request).may("requests:write"),
    }
    return render(request, "compliance/requests.html", context)


@page("requests:write")
def new_request(request: HttpRequest) -> HttpResponse:
    initial = {"call_id": request.GET.get("call", "")}
    form = RequestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.record_request(_who(request), **_named(form.cleaned_data))
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(
                request, _("The request is recorded. Answer within 24 hours of when it was asked.")
            )
            return redirect("identity_request", row.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "compliance/new_request.html", {"form": form}, status=status)


@page("requests:read")
def show_request(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _row(pk))


@require_POST
@page("requests:write")
def answer_request(request: HttpRequest, pk: int) -> HttpResponse:
    row = _row(pk)
    form = AnswerForm(calls_meant(row), request.POST)
    if form.is_valid():
        call = Call.objects.filter(pk=form.cleaned_data["call_id"]).first()
        try:
            services.answer_request(pk, _who(request), call=call, note=form.cleaned_data["note"])
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, _("The answer is recorded, with what our records say of the call."))
            return redirect("identity_request", pk)
    return _shown(request, row, answer_form=form)


@require_POST
@page("requests:write")
def judge_answer(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = _row(pk), FoundForm(request.POST)
    if form.is_valid():
        try:
            services.judge_answer(pk, _who(request), form.cleaned_data["found"])
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(
                request, _("What BIPT said is recorded. Answer again, or block the user's calls.")
            )
            return redirect("identity_request", pk)
    return _shown(request, row, judge_form=form)


@require_POST
@page("requests:write")
def block_numbers(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = _row(pk), BlockForm(request.POST)
    if form.is_valid():
        try:
            done = services.block_numbers(pk, _who(request), form.cleaned_data["numbers"].splitlines())
        except ValidationError as error:
            form.refused(error)
        else:
            text = ngettext(
                "%(count)d number is blocked on the special interface from the next call on.",
                "%(count)d numbers are blocked on the special interface from the next call on.",
                len(done.numbers),
            )
            messages.success(request, text % {"count": len(done.numbers)})
            return redirect("identity_request", pk)
    return _shown(request, row, block_form=form)


@require_POST
@page("requests:write")
def lift_blocking(request: HttpRequest, pk: int, blocking: int) -> HttpResponse:
    row = _row(pk)
    get_object_or_404(row.blockings, pk=blocking)
    try:
        services.lift_blocking(blocking, _who(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The user's calls pass again from the next call on."))
    return redirect("identity_request", pk)


def state_of(row: IdentityRequest, now: datetime) -> State:
    """Where a request stands, as a status."""
    standing, left = row.standing(now), row.due_at - now
    hours = int(abs(left).total_seconds() // 3600)
    if standing == "open":
        text = ngettext("Due within %(count)d hour", "Due within %(count)d hours", hours + 1)
        return State("warn", text % {"count": hours + 1})
    if standing == "late":
        text = ngettext("Late by %(count)d hour", "Late by %(count)d hours", hours)
        return State("bad", text % {"count": hours} if hours else _("Late by less than an hour"))
    known = {
        "answered": State("ok", _("Answered in time")),
        "answered-late": State("warn", _("Answered too late")),
        "incomplete": State("bad", _("Answer found incomplete")),
        "wrong": State("bad", _("Answer found wrong")),
    }
    return known[standing]


def _shown(request: HttpRequest, row: IdentityRequest, **bound: Form) -> HttpResponse:
    """The request's page; `bound` holds the form that was refused, by its name."""
    now = datetime.now(UTC)
    calls = calls_meant(row)
    found = [identify(call) for call in calls]
    may_write = access_of(request).may("requests:write")
    open_to_answer = row.answered_at is None or bool(row.found)
    forms: dict[str, Any] = {}
    if may_write and open_to_answer:
        forms["answer_form"] = AnswerForm(calls)
    if may_write and row.answered_at and not row.found:
        forms["judge_form"] = FoundForm()
    interfaces = SpecialInterface.objects.exists()
    if may_write and row.must_block(now) and interfaces:
        forms["block_form"] = BlockForm(initial={"numbers": row.number or _only_number(found)})
    context = {
        "row": row,
        "state": state_of(row, now),
        "found": found,
        "must_block": row.must_block(now),
        "block_due": (row.found_at or row.due_at) + BLOCK_WITHIN,
        "has_interface": interfaces,
        "may_write": may_write,
        **forms,
        **bound,
    }
    return render(request, "compliance/request.html", context, status=422 if bound else 200)


def _only_number(found: list[Identification]) -> str:
    numbers = {one.shown for one in found if one.shown}
    return numbers.pop() if len(numbers) == 1 else ""


def _row(pk: int) -> IdentityRequest:
    return get_object_or_404(IdentityRequest.objects.prefetch_related("blockings"), pk=pk)


def _who(request: HttpRequest) -> str:
    return request.user.get_username()


def _named(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}
