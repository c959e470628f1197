"""Numbers at 1 September, their report, and which redundancy duty applies."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kiestoon.portal.number_counts import services
from kiestoon.portal.number_counts.forms import AgreementForm, NoticeForm, ReportForm, TotalForm
from kiestoon.portal.number_counts.standing import overview
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.rooms import access_of, page

FORMS: dict[str, type[Form]] = {
    "report": ReportForm,
    "total": TotalForm,
    "agreement": AgreementForm,
    "notice": NoticeForm,
}
RECORD: dict[str, Callable[..., Any]] = {
    "report": services.record_report,
    "total": services.set_total,
    "agreement": services.record_agreement,
    "notice": services.record_notice,
}


@page("duties:read")
def show_counts(request: HttpRequest) -> HttpResponse:
    return _shown(request, {})


@require_POST
@page("duties:write")
@transaction.atomic
def record(request: HttpRequest, what: str) -> HttpResponse:
    """One of FORMS."""
    if what not in FORMS:
        raise Http404
    form = FORMS[what](request.POST, prefix=what)
    if form.is_valid():
        who, now = request.user.get_username(), datetime.now(UTC)
        given = dict(form.cleaned_data)
        first = (given.pop("year"),) if "year" in given else ()
        try:
            with transaction.atomic():
                RECORD[what](*first, **given, by=who, now=now)
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, _("Recorded."))
            return redirect("number_counts")
    return _shown(request, {what: form})


@page("duties:read")
def counts_csv(request: HttpRequest) -> HttpResponse:
    """What is reported: one line a count and type of number."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="numbers-at-1-september.csv"'
    writer = csv.writer(response)
    writer.writerow(("year", "counted_at", "kind", "numbers"))
    for one in overview(datetime.now(UTC)).years:
        count = one.count
        at = count.taken_at.isoformat(timespec="seconds")
        for kind, numbers in count.by_kind.items():
            writer.writerow((count.year, at, kind, numbers))
        writer.writerow((count.year, at, "all", count.numbers))
        writer.writerow((count.year, at, "of these ported in", count.ported_in))
        writer.writerow((count.year, at, "active users", count.active_users))
    return response


def _shown(request: HttpRequest, bound: dict[str, Form]) -> HttpResponse:
    """The page; `bound` holds the form that was refused."""
    found = overview(datetime.now(UTC))
    forms = {name: bound.get(name) or kind(prefix=name) for name, kind in FORMS.items()}
    titles = {
        "report": (_("The report was sent"), _("Record the report")),
        "total": (_("The national total"), _("Record the total")),
        "agreement": (_("An agreement with another operator"), _("Record the agreement")),
        "notice": (_("BIPT’s notice of the full duty"), _("Record the notice")),
    }
    context = {
        "found": found,
        "forms": [(name, *titles[name], form) for name, form in forms.items()],
        "may_write": access_of(request).may("duties:write"),
    }
    return render(request, "number_counts/counts.html", context, status=422 if bound else 200)
