"""The page of users and their devices."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.phones.devices import devices_of, refusals_of
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.store.location import Contact

PER_PAGE = 50


@page("devices:read")
def list_devices(request: HttpRequest) -> HttpResponse:
    users = access_of(request).visible(TelephoneUser.objects.all(), user="pk")
    found = Paginator(users, PER_PAGE).get_page(request.GET.get("page"))
    contacts: dict[str, list[Contact]] = {}
    for contact in devices_of(users):
        contacts.setdefault(contact.username, []).append(contact)
    context = {
        "page": found,
        "rows": [{"user": user, "contacts": contacts.get(user.username, [])} for user in found.object_list],
        "refused": refusals_of(users)[:PER_PAGE],
    }
    return render(request, "phones/devices.html", context)
