"""Trunks and carriers, the agreement behind the special interface, the operator's own settings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.carriers.forms import (
    NewTrunkForm,
    OperatorForm,
    SpecialInterfaceForm,
    TrunkForm,
    interface_words,
    kind_words,
)
from kiestoon.portal.carriers.models import Operator, SpecialInterface, Trunk
from kiestoon.portal.carriers.reachability import Reachability, reachability
from kiestoon.portal.carriers.services import (
    change_trunk,
    create_trunk,
    remove_trunk,
    set_operator,
    trunk_version,
)
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.forms import VersionedForm
from kiestoon.portal.pages.rooms import access_of, page


@page("trunks:read")
def list_trunks(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    trunks = access.visible(Trunk.objects.select_related("customer"))
    known = reachability()
    context = {
        "rows": [_row(trunk, known) for trunk in trunks],
        "may_change": access.may("trunks:write"),
        "sees_agreements": access.is_operator,
    }
    return render(request, "carriers/trunks.html", context)


@page("trunks:read")
def show_trunk(request: HttpRequest, trunk_id: str) -> HttpResponse:
    access = access_of(request)
    trunk = get_object_or_404(access.visible(Trunk.objects.select_related("customer")), pk=trunk_id)
    context: dict[str, Any] = {
        "row": _row(trunk, reachability()),
        "trunk": trunk,
        "may_change": access.may("trunks:write"),
        "is_special": access.is_operator and trunk.interface == Trunk.Interface.SPECIAL,
        "numbers": trunk.numbers.order_by("e164")[:100] if access.may("numbers:read") else (),
        "sees_customers": access.may("customers:read"),
    }
    if context["is_special"]:
        context["special"] = SpecialInterface.objects.filter(trunk=trunk).first()
    return render(request, "carriers/trunk.html", context)


def _row(trunk: Trunk, known: dict[str, Reachability]) -> dict[str, Any]:
    return {
        "trunk": trunk,
        "kind": kind_words()[trunk.kind],
        "interface": interface_words()[trunk.interface],
        "reach": known.get(trunk.trunk_id, Reachability()),
    }


@page("trunks:write")
@transaction.atomic
def add_trunk(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("customer", "")
    form = NewTrunkForm(sent(request), customer_id=int(wanted) if wanted.isdecimal() else None)
    if is_done(request, form, lambda _given: create_trunk(**form.changes)):
        concerns(
            request, trunk_id=form.cleaned_data["trunk_id"], customer_id=form.cleaned_data["customer_id"]
        )
        messages.success(request, _("The trunk is there, from the next call on."))
        return redirect("trunk", form.cleaned_data["trunk_id"])
    return show(
        request,
        FormPage(_("Add a trunk"), _("Add the trunk"), reverse("trunks"), _("Trunks and carriers")),
        form,
    )


@page("trunks:write")
@transaction.atomic
def edit_trunk(request: HttpRequest, trunk_id: str) -> HttpResponse:
    trunk = _for_change(request, trunk_id)
    special = SpecialInterface.objects.filter(trunk=trunk).first()
    form = TrunkForm(sent(request), trunk=trunk, special=special)
    if is_done(request, form, lambda _given: change_trunk(trunk, **form.changes)):
        messages.success(request, _("%(name)s is changed, from the next call on.") % {"name": trunk.name})
        return redirect("trunk", trunk_id)
    trunk.refresh_from_db()
    return show(request, _page(trunk, _("Change %(name)s"), _("Save the trunk")), form)


@page("trunks:write")
@transaction.atomic
def delete_trunk(request: HttpRequest, trunk_id: str) -> HttpResponse:
    trunk = _for_change(request, trunk_id)
    form = VersionedForm(sent(request), version=trunk_version(trunk))
    lead = [_("Calls no longer go over it, and what comes from its addresses is a stranger's.")]
    if trunk.kind == Trunk.Kind.EMERGENCY:
        lead.append(_("It leads to an emergency centre: look which way is left before you remove it."))
    if is_done(request, form, lambda _given: remove_trunk(trunk)):
        messages.success(request, _("%(name)s is removed.") % {"name": trunk.name})
        return redirect("trunks")
    return show(
        request, _page(trunk, _("Remove %(name)s?"), _("Remove the trunk"), *lead, is_final=True), form
    )


@page("trunks:write")
@transaction.atomic
def edit_special_interface(request: HttpRequest, trunk_id: str) -> HttpResponse:
    trunk = _for_change(request, trunk_id)
    if trunk.interface != Trunk.Interface.SPECIAL:
        raise Http404
    special = SpecialInterface.objects.filter(trunk=trunk).first()
    form = SpecialInterfaceForm(sent(request), trunk=trunk, special=special)
    if is_done(request, form, lambda given: change_trunk(trunk, special=given)):
        messages.success(request, _("The agreement is recorded, from the next call on."))
        return redirect("trunk", trunk_id)
    lead = _("Without an agreement nothing passes this interface (RD of 12 May 2024, art. 4).")
    return show(request, _page(trunk, _("Agreement for %(name)s"), _("Save the agreement"), lead), form)


@page("operator:read")
@transaction.atomic
def edit_operator(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    operator = for_change(request, Operator.objects.all()).first()
    form = OperatorForm(sent(request), operator=operator)
    if not access.may("trunks:write"):
        if request.method == "POST":
            raise PermissionDenied
        return render(request, "carriers/operator.html", {"operator": operator})
    if is_done(request, form, lambda given: set_operator(**given)):
        messages.success(request, _("The operator's settings are changed, from the next call on."))
        return redirect("operator")
    form_page = FormPage(_("Operator"), _("Save the settings"), reverse("trunks"), _("Trunks and carriers"))
    return show(request, form_page, form)


def _for_change(request: HttpRequest, trunk_id: str) -> Trunk:
    return get_object_or_404(
        for_change(request, access_of(request).visible(Trunk.objects.all())), pk=trunk_id
    )


def _page(trunk: Trunk, title: str, button: str, *lead: str, is_final: bool = False) -> FormPage:
    back = reverse("trunk", args=[trunk.trunk_id])
    return FormPage(title % {"name": trunk.name}, button, back, trunk.name, lead, is_final)
