"""Setting up and switching off devices: password, QR code, the file behind it, taking a device off."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from kiestoon.adapters.edge_rpc import EdgeRefused, EdgeUnavailable
from kiestoon.portal.notices.asking import read_first
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.phones import devices
from kiestoon.portal.phones.forms import SureForm
from kiestoon.portal.phones.listing import visible_users
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.provisioning import linphone_file, phone_settings, qr_code
from kiestoon.portal.phones.services import (
    LINK_LIFETIME,
    link_digest,
    make_provisioning_link,
    new_password,
    set_password,
    use_provisioning_link,
)
from kiestoon.portal.tenancy.roles import CUSTOMER, SIGN_IN
from kiestoon.portal.tenancy.walls import Wall, behind


@never_cache
def show_password(request: HttpRequest, user: TelephoneUser, password: str, *, is_new: bool) -> HttpResponse:
    """The settings with the password, this once, and a QR code."""
    context = {"user_shown": user, "phone_settings": phone_settings(user), "password": password}
    return render(request, "phones/set_up.html", {**context, "is_new": is_new, **_qr(request, user)})


@page("users:write")
@never_cache
@transaction.atomic
def renew_password(request: HttpRequest, username: str) -> HttpResponse:
    user = get_object_or_404(for_change(request, visible_users(access_of(request))), username=username)
    form = SureForm(sent(request), user=user)
    password = new_password()
    if is_done(request, form, lambda _given: set_password(user, password)):
        transaction.on_commit(lambda: devices.switch_off(username))
        return show_password(request, user, password, is_new=False)
    back = reverse("user", args=[username])
    lead = (
        _("Every phone of this user is switched off and needs the new password."),
        _("It is shown once, on the next page."),
    )
    title = _("Make a new password for %(name)s?") % {"name": user.name}
    return show(request, FormPage(title, _("Make a new password"), back, user.name, lead), form)


@page("users:write")
@never_cache
@require_POST
def set_up_phone(request: HttpRequest, username: str) -> HttpResponse:
    """A QR code that works once; the password stays as it is."""
    user = get_object_or_404(visible_users(access_of(request)), username=username)
    if notice := read_first(request, user.customer, "user", username):
        return notice
    context = {"user_shown": user, "phone_settings": phone_settings(user), **_qr(request, user)}
    return render(request, "phones/set_up.html", context)


def _qr(request: HttpRequest, user: TelephoneUser) -> dict[str, object]:
    try:
        token = make_provisioning_link(user)
    except ValidationError as error:  # a new password is never refused: the old one may be in wrong hands
        return {"refused": error.messages}
    link = request.build_absolute_uri(reverse("provisioning", args=[token]))
    return {"link": link, "qr": qr_code(link), "minutes": int(LINK_LIFETIME.total_seconds() // 60)}


@require_GET
@never_cache
def provisioning(request: HttpRequest, token: str) -> HttpResponse:
    """What Linphone fetches: once, within minutes; whoever has the address needs no more."""
    with behind(Wall(SIGN_IN, presented=link_digest(token))):
        link = use_provisioning_link(token)
    if link is None:
        return HttpResponse("This link was used or is too old. Make a new QR code.\n", "text/plain", 410)
    with behind(Wall(CUSTOMER, link.customer_id)):
        file = linphone_file(TelephoneUser.objects.get(pk=link.user_id))
    return HttpResponse(file, "application/xml")


@page("users:write")
@require_POST
def remove_device(request: HttpRequest, username: str) -> HttpResponse:
    """Take one device off (`uri`), or all of them."""
    user = get_object_or_404(visible_users(access_of(request)), username=username)
    uri = request.POST.get("uri", "")
    try:
        if uri and not devices.registrar().remove(user.username, uri):
            messages.info(request, _("That device was no longer registered."))
            return redirect("user", username)
        if not uri:
            devices.registrar().remove_all(user.username)
    except (EdgeUnavailable, EdgeRefused):
        messages.error(
            request, _("The exchange does not answer: the device was not switched off. Try again.")
        )
        return redirect("user", username)
    messages.success(
        request, _("The device is off, until it registers again. The list shows it within 10 seconds.")
    )
    return redirect("user", username)
