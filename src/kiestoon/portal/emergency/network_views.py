"""The room of networks: which table is in force, loading another, and whose network an address is in."""

from __future__ import annotations

from ipaddress import ip_address

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kiestoon.portal.emergency.forms import NetworksForm
from kiestoon.portal.emergency.models import Network, NetworkTable
from kiestoon.portal.emergency.networks import load_networks, networks_holding, verify_networks
from kiestoon.portal.pages.form_page import is_done
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page


@page("networks:read")
@transaction.atomic
def list_networks(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    if request.method == "POST" and not access.may("networks:write"):
        raise PermissionDenied
    form = NetworksForm(request.POST, request.FILES) if request.method == "POST" else NetworksForm()
    made: list[NetworkTable] = []
    by = request.user.get_username()
    if is_done(
        request,
        form,
        lambda given: made.append(load_networks(form.table, origin=given["origin"], by=by)),
    ):
        lines = made[0].lines
        said = ngettext(
            "The table is in force: %(n)d network.", "The table is in force: %(n)d networks.", lines
        )
        messages.success(request, said % {"n": lines})
        return redirect("networks")
    address = request.GET.get("address", "").strip()
    found = page_of(request, Network.objects.all())
    is_wrong = bool(address) and not _is_address(address)
    context = {
        "is_wrong": is_wrong,
        "tables": NetworkTable.objects.all()[:10],
        "page": found,
        "rows": found.object_list,
        "form": form,
        "may_write": access.may("networks:write"),
        "address": address,
        "holding": networks_holding([address]).get(address) if address else None,
    }
    return render(
        request, "emergency/networks.html", context, status=422 if form.is_bound or is_wrong else 200
    )


def _is_address(entered: str) -> bool:
    try:
        ip_address(entered)
    except ValueError:
        return False
    return True


@require_POST
@page("networks:write")
def verify(request: HttpRequest, table_id: int) -> HttpResponse:
    get_object_or_404(NetworkTable, pk=table_id)
    try:
        verify_networks(table_id, request.user.get_username())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Recorded: you found the table right."))
    return redirect("networks")
