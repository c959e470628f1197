"""Whoever adds the first user, phone or number of a customer reads the notice first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.notices.services import has_accepted
from kiestoon.portal.pages.rooms import access_of

THEN = {"add_user": "customer_id", "give_number": "customer_id", "user": "username"}
"""Pages one is sent back to after accepting, and the parameter of their address."""


def read_first(request: HttpRequest, customer: Customer, then: str, key: object) -> HttpResponse | None:
    """To the notice when the version in force is not accepted yet; None when it is, or not this person's to
    accept (the service then says what is missing)."""
    if not access_of(request).may("notices:accept") or has_accepted(customer):
        return None
    messages.info(request, _("Read this first: without it no number and no phone becomes active."))
    return redirect(f"{reverse('customer_notice', args=[customer.pk])}?then={then}&key={key}")


def way_back(request: HttpRequest, customer: Customer) -> str:
    """Where read_first came from; the notice itself when the address says nothing known."""
    then, key = request.GET.get("then", ""), request.GET.get("key", "")
    if then in THEN:
        try:
            return reverse(then, kwargs={THEN[then]: key})
        except NoReverseMatch:
            pass
    return reverse("customer_notice", args=[customer.pk])
