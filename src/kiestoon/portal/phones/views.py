"""Users and their devices: the list, and one user."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.people.access import CALLERS
from kiestoon.portal.phones.devices import refused_devices
from kiestoon.portal.phones.listing import call_type_words, found_users, user_rows, visible_users
from kiestoon.portal.phones.provisioning import phone_settings
from kiestoon.portal.phones.validation import extension_warnings


@page("devices:read")
def list_users(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    text = request.GET.get("q", "").strip()
    users = found_users(visible_users(access), text).prefetch_related("numbers", "forwardings")
    found = page_of(request, users)
    rows = user_rows(list(found.object_list))
    context = {
        "page": found,
        "rows": rows,
        "text": text,
        "query": f"{urlencode({'q': text})}&" if text else "",
        "refused": refused_devices([row.user.username for row in rows], passwords=access.is_operator),
        "shows_customer": access.is_operator,
        "may_add": access.may("users:write"),
    }
    return render(request, "phones/users.html", context)


@page("devices:read")
def show_user(request: HttpRequest, username: str) -> HttpResponse:
    access = access_of(request)
    rows = visible_users(access).select_related("address", "customer__address")
    user = get_object_or_404(rows.prefetch_related("numbers", "forwardings"), username=username)
    words = call_type_words()
    context = {
        "row": user_rows([user], hides_targets=not access.may(CALLERS))[0],
        "user_shown": user,
        "refused": refused_devices([user.username], passwords=access.is_operator),
        "warnings": extension_warnings(user.extension, user.customer.outside_prefix),
        "barred": [words[kind] for kind in user.barred if kind in words],
        "phone_settings": phone_settings(user),
        "may_change": access.may("users:write"),
        "may_suspend": access.may("users:write") and access.is_operator,
        "may_forward": access.may("forwarding:write"),
        "sees_customers": access.may("customers:read"),
        "sees_numbers": access.may("numbers:read"),
    }
    return render(request, "phones/user.html", context)
