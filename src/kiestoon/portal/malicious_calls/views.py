"""Marking a call as malicious; the cases, and handing over to authorities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kiestoon.portal.calls.models import Call
from kiestoon.portal.compliance.identification import identify
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.malicious_calls import services
from kiestoon.portal.malicious_calls.forms import CloseForm, HandOverForm, MarkForm
from kiestoon.portal.malicious_calls.models import Case
from kiestoon.portal.pages.call_access import visible_calls
from kiestoon.portal.pages.form_page import FormPage, is_done, sent, show
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import Access


@dataclass(frozen=True)
class State:
    """Key of a status and its words."""

    key: str
    words: str


def state_of(case: Case) -> State:
    return {
        Case.State.MARKED: State("warn", _("Nobody has looked at it yet")),
        Case.State.EXAMINED: State("wait", _("We look at it")),
        Case.State.HANDED_OVER: State("ok", _("Handed over to the authorities")),
        Case.State.CLOSED: State("off", _("Closed")),
    }[Case.State(case.state)]


@page("malicious:read")
def list_cases(request: HttpRequest) -> HttpResponse:
    """A customer's people see the calls they marked, never who made them."""
    access = access_of(request)
    found = page_of(request, _visible(access))
    rows = sorted(found.object_list, key=lambda case: case.marked_at, reverse=True)
    context = {
        "page": found,
        "rows": [(case, state_of(case)) for case in rows],
        "is_operator": access.is_operator,
    }
    return render(request, "malicious_calls/cases.html", context)


@page("malicious:mark")
@transaction.atomic
def mark_call(request: HttpRequest, call_id: str) -> HttpResponse:
    """For whoever was called."""
    access = access_of(request)
    call = get_object_or_404(visible_calls(access), pk=call_id)
    customer = Customer.objects.filter(pk=call.called_customer_id or 0).first()
    now = datetime.now(UTC)
    if customer is None or not services.can_mark(call, access.customer_id or customer.pk, now):
        raise Http404
    form = MarkForm(sent(request))
    who = request.user.get_username()

    def mark(given: dict[str, str]) -> Case:
        return services.mark(call, customer, note=given["note"], by=who, user_id=access.user_id, now=now)

    if is_done(request, form, mark):
        messages.success(request, _("Marked. Go to the police too: they can ask us who it was."))
        return redirect("malicious_calls")
    lead = (
        _("We keep who made this call, and when, for twelve months, and tell it to authorities who ask."),
        _("You are not told who it was. In danger call 101 or 112."),
    )
    back = reverse("call", args=[call_id])
    title, button = _("Mark this call as malicious"), _("Mark the call")
    return show(request, FormPage(title, button, back, _("The call"), lead), form)


@page("malicious:write")
def show_case(request: HttpRequest, case: int) -> HttpResponse:
    """For support and compliance: who it was, and what was handed over."""
    _operator_only(request)
    return _shown(request, get_object_or_404(Case, pk=case), {})


@require_POST
@page("malicious:write")
@transaction.atomic
def change_case(request: HttpRequest, case: int, what: str) -> HttpResponse:
    """examine, hand-over or close."""
    _operator_only(request)
    row = get_object_or_404(Case, pk=case)
    who, now = request.user.get_username(), datetime.now(UTC)
    kinds: dict[str, tuple[type[Form], Callable[[dict[str, Any]], object]]] = {
        "examine": (Form, lambda given: services.examine(case)),
        "hand-over": (HandOverForm, lambda given: services.hand_over(case, **given, by=who, now=now)),
        "close": (CloseForm, lambda given: services.close(case, **given, by=who, now=now)),
    }
    if what not in kinds:
        raise Http404
    kind, change = kinds[what]
    form = kind(request.POST, prefix=what)
    if is_done(request, form, change):
        messages.success(request, _("Recorded."))
        return redirect("malicious_call", case)
    return _shown(request, row, {what: form})


def _shown(request: HttpRequest, case: Case, bound: dict[str, Form]) -> HttpResponse:
    case.refresh_from_db()
    call = Call.objects.filter(pk=case.call_id).first()
    is_open = case.state != Case.State.CLOSED
    context = {
        "case": case,
        "state": state_of(case),
        "found": identify(call) if call is not None else None,
        "handovers": case.handovers.all(),
        "may_examine": case.state == Case.State.MARKED,
        "hand_over_form": bound.get("hand-over") or (HandOverForm(prefix="hand-over") if is_open else None),
        "close_form": bound.get("close") or (CloseForm(prefix="close") if is_open else None),
        "examine_form": bound.get("examine"),
    }
    return render(request, "malicious_calls/case.html", context, status=422 if bound else 200)


def _visible(access: Access) -> QuerySet[Case]:
    return access.visible(Case.objects.order_by("-marked_at", "-pk"), user="user_id")


def _operator_only(request: HttpRequest) -> None:
    if not access_of(request).is_operator:
        raise PermissionDenied
