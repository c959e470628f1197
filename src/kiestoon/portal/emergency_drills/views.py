"""The rooms Emergency drills and Emergency address test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kiestoon.domain.emergency.drill import KINDS
from kiestoon.domain.routing.announcing import CHECK_ADDRESS
from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.emergency_drills.address_checks import answer_question, open_questions
from kiestoon.portal.emergency_drills.current import drill_settings
from kiestoon.portal.emergency_drills.matrix import histogram, matrix
from kiestoon.portal.emergency_drills.models import AddressCheck, Drill, DrillRun
from kiestoon.portal.emergency_drills.services import ask_for_run, set_drill_settings
from kiestoon.portal.emergency_drills.tasks import make_asked_run
from kiestoon.portal.emergency_drills.words import CHECK_STATES, check_words, difference_words, kind_words
from kiestoon.portal.pages.fields import LinesField, literal, telephone
from kiestoon.portal.pages.form_page import FormPage, is_done, sent, show
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.models import Person
from kiestoon.portal.phones.models import TelephoneUser

READ, WRITE = "emergency-routes:read", "emergency-routes:write"
PER_PAGE = 100


class SettingsForm(Form):
    """What drills need to know."""

    number = forms.CharField(
        label=gettext_lazy("Number the centre sees"),
        required=False,
        widget=telephone(),
        help_text=gettext_lazy("One of the operator’s own that no customer has."),
    )
    limit_days = forms.IntegerField(
        label=gettext_lazy("Red when the last drill is older than (days)"),
        help_text=gettext_lazy("The operator’s own limit: no law sets one."),
    )
    report_url = forms.CharField(
        label=gettext_lazy("Where the centre says what it received"),
        required=False,
        max_length=300,
        widget=literal(),
        help_text=gettext_lazy("As agreed with the centre; to verify."),
    )
    report_paths = LinesField(
        label=gettext_lazy("The centre’s names of our paths"),
        required=False,
        help_text=gettext_lazy("One a line: its name, a space, the trunk."),
    )

    def clean_report_paths(self) -> dict[str, str]:
        found = {}
        for line in self.cleaned_data["report_paths"]:
            name, _space, trunk = line.partition(" ")
            if not trunk.strip():
                raise ValidationError(_("Enter a name, a space and a trunk. You entered “%s”.") % line)
            found[name] = trunk.strip()
        return found


@page(READ)
@require_GET
def show_drills(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    rows, totals = matrix(now, get_language() or "en")
    going_on = DrillRun.objects.filter(ended_at=None).first()
    context = {
        "rows": rows,
        "totals": totals,
        "kinds": [kind_words()[kind] for kind in KINDS],
        "limit": drill_settings().limit_days,
        "number": drill_settings().number,
        "chart": histogram(now),
        "runs": DrillRun.objects.all()[:10],
        "going_on": going_on,
        "done": going_on.drills.count() if going_on else 0,
        "may_write": access_of(request).may(WRITE),
    }
    return render(request, "emergency_drills/drills.html", context)


@page(READ)
@require_GET
def show_run(request: HttpRequest, run_id: int) -> HttpResponse:
    run = get_object_or_404(DrillRun, pk=run_id)
    found = Paginator(run.drills.order_by("-result", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "run": run,
        "done": run.drills.count(),
        "failed": run.drills.filter(result=Drill.Result.FAILED).count(),
        "page": found,
        "drills": [
            (drill, kind_words()[drill.kind], [difference_words(one) for one in drill.differences])
            for drill in found.object_list
        ],
    }
    return render(request, "emergency_drills/run.html", context)


@page(READ)
@require_GET
def run_progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of a run's page that htmx fetches again while it goes on; no page of its own."""
    run = get_object_or_404(DrillRun, pk=run_id)
    if "HX-Request" not in request.headers:
        return redirect("emergency_drill_run", run_id)
    return render(request, "emergency_drills/progress.html", {"run": run, "done": run.drills.count()})


@page(WRITE)
@require_POST
@transaction.atomic
def start_run(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, Person)
    try:
        run = ask_for_run(request.user.display_name)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("emergency_drills")
    make_asked_run.defer(run_id=run.pk)
    concerns(request, run_id=run.pk)
    messages.success(request, _("The drill begins. You can close this page."))
    return redirect("emergency_drill_run", run.pk)


@page(WRITE)
@transaction.atomic
def edit_settings(request: HttpRequest) -> HttpResponse:
    now = drill_settings()
    initial = {
        "number": now.number,
        "limit_days": now.limit_days,
        "report_url": now.report_url,
        "report_paths": [f"{name} {trunk}" for name, trunk in now.report_paths.items()],
    }
    form = SettingsForm(sent(request), initial=initial)
    if is_done(request, form, lambda given: set_drill_settings(**given)):
        messages.success(request, _("The settings of the drills are changed."))
        return redirect("emergency_drills")
    back = reverse("emergency_drills")
    form_page = FormPage(_("Settings of the drills"), _("Save the settings"), back, _("Emergency drills"))
    return show(request, form_page, form)


# ------------------------------------------------------------------ address tests


@page("devices:read")
@require_GET
def address_tests(request: HttpRequest) -> HttpResponse:
    """How to hear the own emergency address, who did, and the addresses called wrong."""
    access = access_of(request)
    users = access.visible(TelephoneUser.objects.select_related("customer"), user="pk")
    checks = access.visible(AddressCheck.objects.all())
    if access.user_id is not None:
        checks = AddressCheck.objects.filter(username__in=users.values("username"))
    found = Paginator(users.order_by("customer__name", "extension"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    names = [user.username for user in found.object_list]
    latest = {
        check.username: check
        for check in checks.filter(username__in=names).order_by("username", "-at").distinct("username")
    }
    context: dict[str, Any] = {
        "code": CHECK_ADDRESS,
        "page": found,
        "rows": [(user, _shown_check(latest.get(user.username))) for user in found.object_list],
        "questions": open_questions(checks)[:PER_PAGE],
        "is_operator": access.is_operator,
        "may_answer": access.may("users:write"),
    }
    return render(request, "emergency_drills/address_tests.html", context)


@page("users:write")
@require_POST
@transaction.atomic
def answer_address_question(request: HttpRequest, call_id: str) -> HttpResponse:
    access = access_of(request)
    checks = access.visible(AddressCheck.objects.select_for_update())
    check = get_object_or_404(checks, pk=call_id)
    assert isinstance(request.user, Person)
    concerns(request, customer_id=check.customer_id)
    try:
        answer_question(check, request.user.display_name)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It is noted who looked after the address."))
    return redirect("address_tests")


def _shown_check(check: AddressCheck | None) -> dict[str, Any]:
    if check is None:
        return {"state": "off", "words": _("Never tried"), "at": None}
    return {"state": CHECK_STATES[check.result], "words": check_words(check.result), "at": check.at}
