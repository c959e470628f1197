"""The room Emergency routes: the table in force, its versions, and a draft on its way to being approved."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kiestoon.domain.emergency.table import SERVICES
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.emergency_routes import services
from kiestoon.portal.emergency_routes.current import policy_now, table_on
from kiestoon.portal.emergency_routes.forms import (
    AreaForm,
    LoadForm,
    OriginForm,
    ProposeForm,
    RefuseForm,
    RouteForm,
    initial_origin,
)
from kiestoon.portal.emergency_routes.models import Area, PolicyDecision, Route, Table
from kiestoon.portal.emergency_routes.reading import (
    AREA_COLUMNS,
    AREA_OPTIONAL,
    ROUTE_COLUMNS,
    ROUTE_OPTIONAL,
)
from kiestoon.portal.emergency_routes.shown import (
    by_province,
    coverage_of,
    days_of,
    picture,
    route_rows,
)
from kiestoon.portal.emergency_routes.who import by_person
from kiestoon.portal.emergency_routes.words import fault_in_words, policy_words, table_state
from kiestoon.portal.pages.form_page import FormPage, is_done, sent, show
from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.rooms import access_of, page

READ, WRITE, APPROVE = "emergency-routes:read", "emergency-routes:write", "emergency-routes:approve"


@page(READ)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    today = belgian_day(datetime.now(UTC))
    followed = table_on(today)
    decision = policy_now()
    tables = [
        (table, *table_state(table, today, is_followed=followed is not None and table.pk == followed.pk))
        for table in Table.objects.all()[:100]
    ]
    context: dict[str, Any] = {
        "followed": followed,
        "tables": tables,
        "services": SERVICES,
        "policy": policy_words(decision.policy if decision else PolicyDecision.Policy.ROUTE),
        "may_write": access_of(request).may(WRITE),
    }
    if followed is not None:
        covered = coverage_of(followed, today)
        context |= {"provinces": by_province(covered), "picture": picture(covered)}
    return render(request, "emergency_routes/home.html", context)


@page(READ)
@require_GET
def show_table(request: HttpRequest, table_id: int) -> HttpResponse:
    return _shown(request, _table(table_id))


@page(READ)
@require_GET
def download(request: HttpRequest, table_id: int, part: str) -> HttpResponse:
    """One of the two files a table is loaded from."""
    table = _table(table_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{part}-{table.pk}.csv"'
    writer = csv.writer(response)
    names: tuple[str, ...]
    if part == "areas":
        names = (*AREA_COLUMNS, *AREA_OPTIONAL)
        rows: Any = table.areas.order_by("key")
    else:
        names = (*ROUTE_COLUMNS, *ROUTE_OPTIONAL)
        rows = table.routes.order_by("pk")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_field(getattr(row, name)) for name in names])
    return response


@page(WRITE)
@transaction.atomic
def load(request: HttpRequest) -> HttpResponse:
    form = LoadForm(sent(request), request.FILES or None)

    def change(given: dict[str, Any]) -> None:
        texts = {}
        for name in ("areas", "routes"):
            try:
                texts[name] = form.text(name)
            except ValueError as error:
                raise ValidationError({name: _("Choose a file in UTF-8 of at most 1 MB.")}) from error
        table = services.load_table(
            by_person(request), **texts, origin=given["origin"], to_verify=given["to_verify"]
        )
        concerns(request, table_id=table.pk)

    if is_done(request, form, change):
        messages.success(request, _("The table is loaded as a draft. Calls do not follow it yet."))
        return redirect("emergency_table", Table.objects.latest("pk").pk)
    lead = _("Every line is checked; with one fault in it nothing is loaded.")
    form_page = FormPage(
        _("Load a table"), _("Load the table"), reverse("emergency_routes"), _("Emergency routes"), (lead,)
    )
    return show(request, form_page, form, "emergency_routes/load.html")


@page(WRITE)
@require_POST
@transaction.atomic
def copy(request: HttpRequest, table_id: int) -> HttpResponse:
    made = services.copy_table(_table(table_id), by_person(request))
    concerns(request, table_id=made.pk)
    messages.success(request, _("A draft is made from it. Calls do not follow it yet."))
    return redirect("emergency_table", made.pk)


@page(WRITE)
@transaction.atomic
def edit_table(request: HttpRequest, table_id: int) -> HttpResponse:
    table = _locked(table_id)
    form = OriginForm(sent(request), initial=initial_origin(table))
    if is_done(request, form, lambda given: services.change_table(table, by_person(request), **given)):
        messages.success(request, _("The draft is changed."))
        return redirect("emergency_table", table_id)
    return show(request, _form_page(table, _("Origin of the draft"), _("Save the origin")), form)


@page(WRITE)
@transaction.atomic
def add_area(request: HttpRequest, table_id: int) -> HttpResponse:
    table = _locked(table_id)
    return _area(request, table, Area(table=table), _("Add an area"), _("Add the area"))


@page(WRITE)
@transaction.atomic
def edit_area(request: HttpRequest, table_id: int, area_id: int) -> HttpResponse:
    table = _locked(table_id)
    area = get_object_or_404(table.areas, pk=area_id)
    return _area(request, table, area, _("Change area %s") % area.key, _("Save the area"))


@page(WRITE)
@transaction.atomic
def add_route(request: HttpRequest, table_id: int) -> HttpResponse:
    table = _locked(table_id)
    return _route(request, table, Route(table=table), _("Add a route"), _("Add the route"))


@page(WRITE)
@transaction.atomic
def edit_route(request: HttpRequest, table_id: int, route_id: int) -> HttpResponse:
    table = _locked(table_id)
    route = get_object_or_404(table.routes, pk=route_id)
    return _route(request, table, route, _("Change a route"), _("Save the route"))


@page(WRITE)
@require_POST
@transaction.atomic
def remove_area(request: HttpRequest, table_id: int, area_id: int) -> HttpResponse:
    table = _locked(table_id)
    return _remove(request, table, get_object_or_404(table.areas, pk=area_id))


@page(WRITE)
@require_POST
@transaction.atomic
def remove_route(request: HttpRequest, table_id: int, route_id: int) -> HttpResponse:
    table = _locked(table_id)
    return _remove(request, table, get_object_or_404(table.routes, pk=route_id))


@page(WRITE)
@require_POST
@transaction.atomic
def discard(request: HttpRequest, table_id: int) -> HttpResponse:
    try:
        services.discard_table(_locked(table_id))
    except ValidationError as error:
        return _said(request, error, table_id)
    messages.success(request, _("The draft is thrown away."))
    return redirect("emergency_routes")


@page(WRITE)
@require_POST
@transaction.atomic
def propose(request: HttpRequest, table_id: int) -> HttpResponse:
    table = _locked(table_id)
    form = ProposeForm(request.POST)
    if is_done(
        request, form, lambda given: services.propose_table(table, by_person(request), given["in_force"])
    ):
        messages.success(request, _("Proposed. Somebody else has to approve it."))
        return redirect("emergency_table", table_id)
    return _shown(request, _table(table_id), propose_form=form, status=422)


@page(APPROVE)
@require_POST
@transaction.atomic
def approve(request: HttpRequest, table_id: int) -> HttpResponse:
    try:
        table = services.approve_table(_locked(table_id), by_person(request))
    except ValidationError as error:
        return _said(request, error, table_id)
    begun = table.begun_at is not None
    messages.success(
        request,
        _("Approved: the next emergency call follows it.") if begun else _("Approved: it waits for its day."),
    )
    return redirect("emergency_table", table_id)


@page(APPROVE)
@require_POST
@transaction.atomic
def refuse(request: HttpRequest, table_id: int) -> HttpResponse:
    table = _locked(table_id)
    form = RefuseForm(request.POST)
    if is_done(request, form, lambda given: services.refuse_table(table, by_person(request), given["why"])):
        messages.success(request, _("Refused. Calls go on as before."))
        return redirect("emergency_table", table_id)
    return _shown(request, _table(table_id), refuse_form=form, status=422)


def _area(request: HttpRequest, table: Table, area: Area, title: str, button: str) -> HttpResponse:
    form = AreaForm(sent(request), area)
    if is_done(request, form, lambda _given: services.keep_area(area, by_person(request), **form.changes)):
        messages.success(request, _("The draft is changed."))
        return redirect("emergency_table", table.pk)
    return show(request, _form_page(table, title, button), form)


def _route(request: HttpRequest, table: Table, route: Route, title: str, button: str) -> HttpResponse:
    language = get_language() or "en"
    areas = [("", _("Where no area is known"))]
    areas += [(area.key, area.name(language)) for area in table.areas.all()]
    form = RouteForm(sent(request), route, areas)
    if is_done(request, form, lambda given: services.keep_route(route, by_person(request), **given)):
        messages.success(request, _("The draft is changed."))
        return redirect("emergency_table", table.pk)
    return show(request, _form_page(table, title, button), form)


def _remove(request: HttpRequest, table: Table, row: Area | Route) -> HttpResponse:
    try:
        services.remove_row(row, by_person(request))
    except ValidationError as error:
        return _said(request, error, table.pk)
    messages.success(request, _("The draft is changed."))
    return redirect("emergency_table", table.pk)


def _said(request: HttpRequest, error: ValidationError, table_id: int) -> HttpResponse:
    transaction.set_rollback(True)
    form = Form({})
    form.full_clean()
    form.refused(error)
    return _shown(request, _table(table_id), wrong=form, status=422)


def _shown(request: HttpRequest, table: Table, *, status: int = 200, **forms: Any) -> HttpResponse:
    today, language = belgian_day(datetime.now(UTC)), get_language() or "en"
    followed = table_on(today)
    state, words = table_state(table, today, is_followed=followed is not None and followed.pk == table.pk)
    first = max(table.in_force or today, today)
    days = days_of(table, first)
    day = _wanted_day(request, days)
    covered = coverage_of(table, day)
    access = access_of(request)
    is_draft, is_proposed = table.state == Table.State.DRAFT, table.state == Table.State.PROPOSED
    may_write, may_approve = access.may(WRITE), access.may(APPROVE)
    context = {
        "table": table,
        "state": state,
        "words": words,
        "day": day,
        "days": days,
        "services": SERVICES,
        "provinces": by_province(covered),
        "picture": picture(covered),
        "faults": [fault_in_words(one) for one in services.faults_of(table)]
        if is_draft or is_proposed
        else [],
        "areas": [(area, area.name(language)) for area in table.areas.all()],
        "routes": route_rows(table, language),
        "may_edit": may_write and is_draft,
        "may_copy": may_write,
        "may_decide": may_approve and is_proposed,
        "is_author": access.person_id in table.authors,
        "propose_form": ProposeForm(None, initial={"in_force": today}),
        "refuse_form": RefuseForm(None),
        **forms,
    }
    return render(request, "emergency_routes/table.html", context, status=status)


def _wanted_day(request: HttpRequest, days: list[date]) -> date:
    try:
        wanted = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return days[0]
    return wanted if wanted in days else days[0]


def _table(table_id: int) -> Table:
    return get_object_or_404(Table.objects.prefetch_related("areas", "routes"), pk=table_id)


def _locked(table_id: int) -> Table:
    return get_object_or_404(Table.objects.select_for_update(), pk=table_id)


def _form_page(table: Table, title: str, button: str) -> FormPage:
    back = reverse("emergency_table", args=[table.pk])
    return FormPage(title, button, back, _("Table %d") % table.pk)


def _field(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)
