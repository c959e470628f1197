"""The room Security."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from kiestoon.portal.pages.forms import Form
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.security.listing import current_bans, recent_changes, recent_events
from kiestoon.portal.security.services import ban, undo

PER_PAGE = 50


class BanForm(Form):
    """Ban an address by hand."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=60,
        help_text=gettext_lazy("An IP address. Of an IPv6 address the whole /64 is banned."),
    )
    seconds = forms.TypedChoiceField(
        label=gettext_lazy("For how long"),
        coerce=int,
        choices=[
            (3600, gettext_lazy("One hour")),
            (86_400, gettext_lazy("One day")),
            (604_800, gettext_lazy("One week")),
        ],
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@page("security:read")
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    return _room(request, BanForm())


@page("security:write")
@require_POST
def ban_address(request: HttpRequest) -> HttpResponse:
    form = BanForm(request.POST)
    if form.is_valid():
        try:
            placed = ban(
                form.cleaned_data["address"],
                form.cleaned_data["seconds"],
                form.cleaned_data["reason"],
                request.user.get_username(),
            )
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, _("%s is banned. Its calls to 112 still go through.") % placed.source)
            return redirect("security")
    return _room(request, form, status=422)


@page("security:write")
@require_POST
def undo_ban(request: HttpRequest) -> HttpResponse:
    source = request.POST.get("source", "")
    try:
        if undo(source, request.user.get_username()):
            messages.success(request, _("The ban of %s is undone.") % source)
        else:
            messages.info(request, _("%s is not banned (any more).") % source)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    return redirect("security")


def _room(request: HttpRequest, form: BanForm, status: int = 200) -> HttpResponse:
    context = {
        "page": Paginator(current_bans(), PER_PAGE).get_page(request.GET.get("page")),
        "events": recent_events(),
        "changes": recent_changes(),
        "form": form,
        "may_change": access_of(request).may("security:write"),
    }
    return render(request, "security/security.html", context, status=status)
