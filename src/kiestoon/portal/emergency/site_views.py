"""Sites behind a customer's own exchange."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.forms import given_address
from kiestoon.portal.emergency.forms import OperatorSiteForm, SiteForm
from kiestoon.portal.emergency.models import Site
from kiestoon.portal.emergency.sites import add_site, change_site, remove_site
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.forms import VersionedForm
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.versions import version_of


@page("trunks:read")
def list_sites(request: HttpRequest, trunk_id: str) -> HttpResponse:
    trunk = _trunk(request, trunk_id)
    context = {
        "trunk": trunk,
        "sites": trunk.sites.all(),
        "address": trunk.customer.address if trunk.customer else None,
        "may_write": access_of(request).may("sites:write"),
    }
    return render(request, "emergency/sites.html", context)


@page("sites:write")
@transaction.atomic
def add(request: HttpRequest, trunk_id: str) -> HttpResponse:
    trunk = _trunk(request, trunk_id)
    form = _form(request, Site(trunk=trunk))
    if is_done(request, form, lambda given: add_site(trunk, **_given(given))):
        messages.success(request, _("The site is there, from the next call on."))
        return redirect("sites", trunk_id)
    return show(request, _page(trunk, _("Add a site of %(name)s"), _("Add the site")), form)


@page("sites:write")
@transaction.atomic
def edit(request: HttpRequest, trunk_id: str, site_id: int) -> HttpResponse:
    trunk = _trunk(request, trunk_id)
    site = get_object_or_404(for_change(request, trunk.sites.all()), pk=site_id)
    form = _form(request, site)
    keeps = not access_of(request).is_operator
    if is_done(request, form, lambda given: change_site(site, **_given(given, keeps=keeps))):
        messages.success(request, _("The site is changed, from the next call on."))
        return redirect("sites", trunk_id)
    return show(request, _page(trunk, _("A site of %(name)s"), _("Save the site")), form)


@page("sites:write")
@transaction.atomic
def remove(request: HttpRequest, trunk_id: str, site_id: int) -> HttpResponse:
    trunk = _trunk(request, trunk_id)
    site = get_object_or_404(for_change(request, trunk.sites.all()), pk=site_id)
    form = VersionedForm(sent(request), version=version_of(site, trunk_id=trunk_id))
    if is_done(request, form, lambda _given: remove_site(site)):
        messages.success(request, _("The site is removed."))
        return redirect("sites", trunk_id)
    lead = _(
        "Who calls 112 from there is then said to be at the address of a shorter prefix, or the customer's."
    )
    title = _("Remove the site %(site)s?") % {"site": site.name}
    return show(request, _page(trunk, title, _("Remove the site"), lead), form)


def _trunk(request: HttpRequest, trunk_id: str) -> Trunk:
    rows = access_of(request).visible(Trunk.objects.select_related("customer__address"))
    return get_object_or_404(rows.filter(kind=Trunk.Kind.CUSTOMER_PBX), pk=trunk_id)


def _form(request: HttpRequest, site: Site) -> SiteForm:
    kind = OperatorSiteForm if access_of(request).is_operator else SiteForm
    return kind(sent(request), site=site)


def _given(given: dict[str, Any], *, keeps: bool = False) -> dict[str, Any]:
    """`keeps`: what shows the installation is not this form's to say."""
    evidence = None if keeps else given.get("evidence", "")
    address = given_address(given)
    return {"prefix": given["prefix"], "name": given["name"], "address": address, "evidence": evidence}


def _page(trunk: Trunk, title: str, button: str, *lead: str) -> FormPage:
    back = reverse("sites", args=[trunk.trunk_id])
    return FormPage(
        title % {"name": trunk.name}, button, back, _("Sites of %(name)s") % {"name": trunk.name}, lead
    )
