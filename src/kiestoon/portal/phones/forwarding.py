"""Forwarding and blocking: what happens when someone calls."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.models import Role
from kiestoon.portal.phones.forms import ForwardingForm
from kiestoon.portal.phones.listing import UserRow, found_users, visible_users
from kiestoon.portal.phones.services import change_user


@page("forwarding:write")
def list_forwarding(request: HttpRequest) -> HttpResponse:
    """Every user and what happens to its calls; who is one user goes straight to that one."""
    access = access_of(request)
    users = visible_users(access)
    if access.role == Role.CUSTOMER_USER:
        own = users.first()
        if own is not None:
            return redirect("forwarding_of", own.username)
    text = request.GET.get("q", "").strip()
    rows = found_users(users, text).prefetch_related("numbers", "forwardings")
    found = page_of(request, rows)
    context = {
        "page": found,
        "rows": [UserRow(user) for user in found.object_list],
        "text": text,
        "query": f"{urlencode({'q': text})}&" if text else "",
        "shows_customer": access.is_operator,
        "customer_id": access.customer_id if access.may("customers:write") else None,
    }
    return render(request, "phones/forwarding.html", context)


@page("forwarding:write")
@transaction.atomic
def edit_forwarding(request: HttpRequest, username: str) -> HttpResponse:
    access = access_of(request)
    user = get_object_or_404(for_change(request, visible_users(access)), username=username)
    form = ForwardingForm(sent(request), user=user)
    if is_done(request, form, lambda _given: change_user(user, **form.changes)):
        messages.success(request, _("Saved. It holds from the next call on."))
        return redirect("forwarding_of", username)
    user.refresh_from_db()
    title = _("What happens when someone calls %(name)s?") % {"name": user.name}
    back = reverse("forwarding"), _("Forwarding and blocking")
    if access.role == Role.CUSTOMER_USER:
        back = reverse("user", args=[username]), _("Users and devices")
    return show(request, FormPage(title, _("Save"), *back), form)
