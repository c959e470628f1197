"""Calls: searching, those going on, the export, and why one call went as it did."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kiestoon.portal.calls.models import Call
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.malicious_calls.services import can_mark
from kiestoon.portal.pages.call_access import emergency_call, numbers_are_shown, visible_calls
from kiestoon.portal.pages.call_explained import Explained
from kiestoon.portal.pages.call_export import csv_lines
from kiestoon.portal.pages.call_form import MOST_NAMES, Names, SearchForm, names_meant, numbers_meant
from kiestoon.portal.pages.call_rows import Row
from kiestoon.portal.pages.call_search import Criteria, Place, Search, calls_by_id
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import CALLERS, Access
from kiestoon.portal.people.models import Person
from kiestoon.store.journal import pending

LIVE_MOST = 200
LATE_SECONDS = 10.0
"""The journal is read within a few seconds; events that wait longer mean that this list is behind."""


@page("calls:read")
def list_calls(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    form = SearchForm(access, request.GET)
    context: dict[str, Any] = {"form": form, "searched": bool(_asked(request))}
    if not form.is_valid():
        return render(request, "calls/list.html", context, status=422)
    criteria, one, names = _read(form, access)
    if one:
        return redirect("call", one)
    if criteria is None:
        return render(request, "calls/list.html", context | {"names": names, "most": MOST_NAMES})
    found = Search(access, criteria).page(Place.from_text(request.GET.get("before", "")))
    customers = _customer_names(found.calls) if access.is_operator else {}
    query = _query(request)
    context |= {
        "found": found,
        "rows": [Row(call, access, customers=customers) for call in found.calls],
        "criteria": criteria,
        "user_name": form.found_user.name if form.found_user else "",
        "query": query,
        "older": urlencode({"before": found.older.as_text()}) if found.older else "",
        "is_later_page": "before" in request.GET,
        "masked": not access.may(CALLERS),
        "operator": access.is_operator,
    }
    return render(request, "calls/list.html", context)


@page("calls:read")
def export_calls(request: HttpRequest) -> HttpResponseBase:
    """The same search as CSV."""
    access = access_of(request)
    form = SearchForm(access, request.GET)
    criteria = _read(form, access)[0] if form.is_valid() else None
    if criteria is None:
        return redirect(f"../?{_query(request)}")
    language = get_language() or "en"
    lines = csv_lines(Search(access, criteria).everything(), access, language)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="calls-{day}.csv"'
    return response


@page("calls:read")
def live_calls(request: HttpRequest) -> HttpResponse:
    """Calls going on; the page asks for its list again every few seconds, and works by reload too."""
    access = access_of(request)
    going_on = visible_calls(access).filter(ended_at__isnull=True).defer("events", "anomalies")
    newest = list(going_on.order_by("-started_at")[: LIVE_MOST + 1])
    customers = _customer_names(newest) if access.is_operator else {}
    events, seconds = pending(settings.STATE / "journal")
    context = {
        "rows": [Row(call, access, customers=customers) for call in newest[:LIVE_MOST]],
        "more": len(newest) > LIVE_MOST,
        "most": LIVE_MOST,
        "asked_at": timezone.now(),
        "paused": "pause" in request.GET,
        "late_since": datetime.fromtimestamp(time.time() - seconds, UTC)
        if events and seconds > LATE_SECONDS
        else None,
        "operator": access.is_operator,
    }
    template = "calls/live.html"
    if request.headers.get("HX-Request"):
        template += "#now"
    return render(request, template, context)


@page("calls:read")
def show_call(request: HttpRequest, call_id: str) -> HttpResponse:
    access = access_of(request)
    call = visible_calls(access).filter(pk=call_id).first() or emergency_call(access, call_id)
    if call is None:
        raise Http404
    assert isinstance(request.user, Person)
    masked = not access.may(CALLERS)
    shown = masked and numbers_are_shown(call, request.user.pk, timezone.now())
    row = Row(call, access, shown, _customer_names([call]) if access.is_operator else {})
    may_mark = access.may("malicious:mark") and can_mark(call, access.customer_id, timezone.now())
    context = {"row": row, "it": Explained(row), "may_ask": masked and not shown, "asked": shown}
    context["may_mark"] = may_mark
    return render(request, "calls/call.html", context)


@require_POST
@page("calls:read")
def show_call_numbers(request: HttpRequest, call_id: str) -> HttpResponse:
    """Make the masked numbers of a call readable: the audit log's entry of this request does it."""
    get_object_or_404(visible_calls(access_of(request)), pk=call_id)
    messages.success(request, _("The numbers of this call are shown. That you asked for them was recorded."))
    return redirect("call", call_id)


def _read(form: SearchForm, access: Access) -> tuple[Criteria | None, str, Names | None]:
    """(criteria, "", …); or the id of the one call meant; or the names to choose from."""
    criteria = form.criteria(timezone.localdate())
    text = form.cleaned_data["q"]
    if not text:
        return criteria, "", None
    if numbers := numbers_meant(text):
        return replace(criteria, numbers=numbers), "", None
    if not any(sign.isspace() for sign in text) and len(found := calls_by_id(access, text)) == 1:
        return None, found[0].call_id, None
    names = names_meant(text, access)
    if len(names) != 1:
        return None, "", names
    if names.users:
        return replace(criteria, user=names.users[0]), "", None
    return replace(criteria, customer_id=names.customers[0].pk), "", None


def _asked(request: HttpRequest) -> str:
    return _query(request)


def _query(request: HttpRequest) -> str:
    """The search without its place in the list, as a query string; without what is empty."""
    kept = QueryDict(mutable=True)
    for name, value in request.GET.items():
        if name != "before" and value:
            kept[name] = str(value)
    return kept.urlencode()


def _customer_names(calls: list[Call]) -> dict[int, str]:
    wanted = {call.customer_id for call in calls if call.customer_id is not None}
    return dict(Customer.objects.filter(pk__in=wanted).values_list("pk", "name"))
