"""Numbers: which there are, where they ring; giving one, pointing it elsewhere, taking it back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import as_written
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.notices.asking import read_first
from kiestoon.portal.numbers.forms import GiveNumberForm, TargetForm
from kiestoon.portal.numbers.listing import found_numbers, rings_words, visible_numbers
from kiestoon.portal.numbers.services import give_number, point_number, take_back_number
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.forms import VersionedForm
from kiestoon.portal.pages.paging import page_of
from kiestoon.portal.pages.rooms import access_of, page
from kiestoon.portal.versions import version_of


@page("numbers:read")
def list_numbers(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    text = request.GET.get("q", "").strip()
    found = page_of(request, found_numbers(visible_numbers(access), text))
    context = {
        "page": found,
        "rows": [{"number": number, "rings": rings_words(number)} for number in found.object_list],
        "text": text,
        "query": f"{urlencode({'q': text})}&" if text else "",
        "shows_customer": access.is_operator,
        "may_change": access.may("numbers:write"),
    }
    return render(request, "numbers/list.html", context)


@page("numbers:read")
@transaction.atomic
def edit_number(request: HttpRequest, e164: str) -> HttpResponse:
    """What the number rings now, and a form for who may change it."""
    access = access_of(request)
    number = get_object_or_404(for_change(request, visible_numbers(access)), e164=e164)
    may_change = access.may("numbers:write")
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = TargetForm(sent(request), number=number)
    if is_done(request, form, lambda _given: point_number(number, form.target)):
        messages.success(
            request,
            _("%(number)s rings %(target)s, from the next call on.")
            % {"number": as_written(number.e164), "target": rings_words(number)},
        )
        return redirect("numbers")
    title = _("Where does %(number)s ring?") % {"number": as_written(number.e164)}
    form_page = FormPage(title, _("Save"), reverse("numbers"), _("Numbers"))
    more = {
        "number": number,
        "rings": rings_words(number),
        "may_change": may_change,
        "may_take_back": may_change and access.is_operator,
        "sees_customers": access.may("customers:read"),
    }
    return show(request, form_page, form, "numbers/number.html", **more)


@page("numbers:write")
@transaction.atomic
def give(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Another number for a customer; the operator only."""
    if not access_of(request).is_operator:
        raise PermissionDenied
    customer = get_object_or_404(for_change(request, Customer.objects.all()), pk=customer_id)
    if request.method == "GET" and (notice := read_first(request, customer, "give_number", customer_id)):
        return notice
    form = GiveNumberForm(sent(request))
    if is_done(
        request,
        form,
        lambda given: give_number(customer, given["e164"], ported_in=given["ported_in"]),
    ):
        messages.success(request, _("%(customer)s has the number now.") % {"customer": customer.name})
        return redirect("customer", customer_id)
    title = _("Give %(customer)s a number") % {"customer": customer.name}
    lead = (_("It rings everyone of the customer until you point it elsewhere."),)
    back = reverse("customer", args=[customer_id])
    return show(request, FormPage(title, _("Give the number"), back, customer.name, lead), form)


@page("numbers:write")
@transaction.atomic
def take_back(request: HttpRequest, e164: str) -> HttpResponse:
    """The customer no longer holds it; the operator only."""
    access = access_of(request)
    if not access.is_operator:
        raise PermissionDenied
    number = get_object_or_404(for_change(request, visible_numbers(access)), e164=e164)
    form = VersionedForm(sent(request), version=version_of(number, e164=e164))
    customer = number.customer
    if is_done(request, form, lambda _given: take_back_number(number)):
        messages.success(request, _("%(number)s is taken back.") % {"number": as_written(e164)})
        return redirect("customer", customer.pk)
    title = _("Take %(number)s back?") % {"number": as_written(e164)}
    lead = (
        _("%(customer)s no longer holds it, and whoever calls it hears that it does not exist.")
        % {"customer": customer.name},
    )
    back = reverse("number", args=[e164])
    return show(
        request, FormPage(title, _("Take the number back"), back, as_written(e164), lead, is_final=True), form
    )
