"""What is printed and stuck on a telephone or beside it: number, address, and what to know of 112."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Address, Customer
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.phones.models import TelephoneUser


@dataclass(frozen=True)
class Words:
    """In the customer's language, whatever the reader's."""

    works: str
    power: str
    elsewhere: str
    extension: str
    unknown: str


@dataclass(frozen=True)
class Sticker:
    """One label. `place` is None where nobody could tell an emergency centre the address."""

    name: str
    extension: str
    numbers: list[str]
    place: Address | None
    nomadic: bool


def words_in(language: str) -> Words:
    with translation.override(language):
        return Words(
            _("112 works on this telephone"),
            _("Not without power or internet: use a mobile then"),
            _("Used elsewhere? Say where you are"),
            _("Extension"),
            _("No address known: say where you are"),
        )


def sticker_of(user: TelephoneUser) -> Sticker:
    numbers = [number.e164 for number in user.numbers.all()]
    if not numbers and user.customer.main_number:
        numbers = [user.customer.main_number]
    place = user.address or user.customer.address
    return Sticker(user.name, user.extension, numbers, place, user.nomadic)


def site_stickers(customer: Customer) -> list[Address]:
    """The places of a customer where telephones stand: one page on the wall for each."""
    return list(customer.addresses.order_by("pk"))


@page("notices:read")
def print_stickers(request: HttpRequest) -> HttpResponse:
    """A label for each telephone user this person sees, and the places; in the customer's language.

    Of one's own company; for the operator of the one in the address (?customer=7), else the list is shown.
    """
    access = access_of(request)
    customer_id = access.customer_id or _number(request.GET.get("customer", ""))
    if customer_id is None:
        return redirect("home" if not access.may("customers:read") else "customers")
    customer = get_object_or_404(Customer, pk=customer_id)
    users = access.visible(TelephoneUser.objects.filter(customer=customer), user="pk")
    rows = users.select_related("address", "customer__address").prefetch_related("numbers")
    found = page_of(request, rows.order_by("extension"))
    context = {
        "customer": customer,
        "page": found,
        "query": f"customer={customer.pk}&",
        "stickers": [sticker_of(user) for user in found.object_list],
        "places": site_stickers(customer) if access.user_id is None else [],
        "told": words_in(customer.language),
    }
    return render(request, "notices/stickers.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 15 else None
