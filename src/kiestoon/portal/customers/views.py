"""Customers: the list, one customer with what is broken, and the forms that change it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.carriers.reachability import Reachability
from kiestoon.portal.customers.forms import (
    AddressForm,
    BlockedNumbersForm,
    CustomerForm,
    NewCustomerForm,
    OperatorCustomerForm,
    given_address,
)
from kiestoon.portal.customers.models import Address, Customer
from kiestoon.portal.customers.overview import found_customers, overview, visible_customers
from kiestoon.portal.customers.services import (
    add_address,
    change_address,
    change_customer,
    create_customer,
    customer_version,
    install_at,
)
from kiestoon.portal.numbers.listing import rings_words
from kiestoon.portal.pages.form_page import FormPage, for_change, is_done, sent, show
from kiestoon.portal.pages.forms import VersionedForm
from kiestoon.portal.pages.paging import PER_PAGE, page_of
from kiestoon.portal.pages.rooms import access_of, page


@page("customers:read")
def list_customers(request: HttpRequest) -> HttpResponse:
    """Every customer; a customer's own people go straight to theirs."""
    access = access_of(request)
    if access.customer_id is not None:
        return redirect("customer", access.customer_id)
    text = request.GET.get("q", "").strip()
    found = page_of(request, found_customers(visible_customers(access), text))
    context = {
        "page": found,
        "text": text,
        "query": f"{urlencode({'q': text})}&" if text else "",
        "may_add": access.may("customers:write"),
    }
    return render(request, "customers/list.html", context)


@page("customers:read")
def show_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    access = access_of(request)
    customer = get_object_or_404(visible_customers(access), pk=customer_id)
    found = overview(customer, passwords=access.is_operator)
    numbers = customer.numbers.select_related("user", "trunk").order_by("e164")
    context = {
        "customer": customer,
        "found": found,
        "numbers": [(number, rings_words(number)) for number in numbers[:PER_PAGE]],
        "number_count": numbers.count(),
        "trunks": [
            (trunk, found.reach.get(trunk.trunk_id, Reachability())) for trunk in customer.trunks.all()
        ],
        "addresses": customer.addresses.all(),
        "is_operator": access.is_operator,
        "may_change": access.may("customers:write"),
        "may_add_users": access.may("users:write"),
        "may_give_numbers": access.may("numbers:write") and access.is_operator,
        "may_add_trunks": access.may("trunks:write"),
        "sees_devices": access.may("devices:read"),
        "sees_calls": access.may("calls:read"),
        "sees_notice": access.may("notices:accept"),
        "sees_trunks": access.may("trunks:read"),
    }
    return render(request, "customers/customer.html", context)


@page("customers:write")
@transaction.atomic
def add_customer(request: HttpRequest) -> HttpResponse:
    """The operator only."""
    _operator_only(request)
    form = NewCustomerForm(sent(request))
    made: list[Customer] = []
    if is_done(
        request,
        form,
        lambda given: made.append(
            create_customer(
                given["name"], given["language"], given_address(given), evidence=given["evidence"]
            )
        ),
    ):
        concerns(request, customer_id=made[0].pk)
        messages.success(
            request, _("%(customer)s is there. Give it numbers and users.") % {"customer": made[0]}
        )
        return redirect("customer", made[0].pk)
    lead = (_("The address is where the phones stand: what emergency services get."),)
    form_page = FormPage(
        _("Add a customer"), _("Add the customer"), reverse("customers"), _("Customers"), lead
    )
    return show(request, form_page, form)


@page("customers:write")
@transaction.atomic
def edit_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    access = access_of(request)
    customer = _for_change(request, customer_id)
    kind = OperatorCustomerForm if access.is_operator else CustomerForm
    form = kind(sent(request), customer=customer)
    if is_done(request, form, lambda given: change_customer(customer, **given)):
        messages.success(
            request, _("%(customer)s is changed, from the next call on.") % {"customer": customer}
        )
        return redirect("customer", customer_id)
    customer.refresh_from_db()
    return show(request, _page(customer, _("Change %(customer)s"), _("Save the customer")), form)


@page("customers:write")
@transaction.atomic
def edit_blocked_numbers(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = _for_change(request, customer_id)
    form = BlockedNumbersForm(sent(request), customer=customer)
    if is_done(request, form, lambda given: change_customer(customer, **given)):
        messages.success(request, _("Saved. It holds from the next call on."))
        return redirect("blocked_numbers", customer_id)
    customer.refresh_from_db()
    lead = _("Whoever calls from one of these numbers is refused at once, on every number of %(customer)s.")
    title = _("Callers %(customer)s refuses")
    return show(request, _page(customer, title, _("Save the list"), lead % {"customer": customer}), form)


@page("customers:write")
@transaction.atomic
def add_customer_address(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The operator only: what an emergency centre gets is checked by it."""
    _operator_only(request)
    customer = _for_change(request, customer_id)
    form = AddressForm(sent(request), address=Address(customer=customer))

    def add(given: dict[str, str]) -> None:
        row = add_address(customer, given_address(given), given["evidence"])
        if customer.address is None:
            install_at(customer, row)

    if is_done(request, form, add):
        messages.success(request, _("The address is there. Choose it on a user's page, or for the customer."))
        return redirect("customer", customer_id)
    return show(request, _page(customer, _("Another address of %(customer)s"), _("Add the address")), form)


@page("customers:write")
@transaction.atomic
def edit_customer_address(request: HttpRequest, customer_id: int, address_id: int) -> HttpResponse:
    """The operator only."""
    _operator_only(request)
    customer = get_object_or_404(Customer, pk=customer_id)
    address = get_object_or_404(for_change(request, customer.addresses.all()), pk=address_id)
    form = AddressForm(sent(request), address=address)
    if is_done(request, form, lambda given: change_address(address, given_address(given), given["evidence"])):
        messages.success(request, _("The address is changed, from the next call on."))
        return redirect("customer", customer_id)
    lead = _("Every user with this address: emergency services get the new one from the next call on.")
    return show(request, _page(customer, _("An address of %(customer)s"), _("Save the address"), lead), form)


@page("customers:write")
@transaction.atomic
def choose_address(request: HttpRequest, customer_id: int, address_id: int) -> HttpResponse:
    """The operator only: which of its addresses is the customer's own."""
    _operator_only(request)
    customer = _for_change(request, customer_id)
    address = get_object_or_404(customer.addresses.all(), pk=address_id)
    form = VersionedForm(sent(request), version=customer_version(customer))
    if is_done(request, form, lambda _given: install_at(customer, address)):
        messages.success(request, _("%(address)s is now the customer's own address.") % {"address": address})
        return redirect("customer", customer_id)
    lead = _("Emergency services get %(address)s for every user without an address of its own.")
    title, button = _("Is %(customer)s installed here?"), _("Use this address")
    return show(request, _page(customer, title, button, lead % {"address": address}), form)


def _operator_only(request: HttpRequest) -> None:
    if not access_of(request).is_operator:
        raise PermissionDenied


def _for_change(request: HttpRequest, customer_id: int) -> Customer:
    return get_object_or_404(for_change(request, visible_customers(access_of(request))), pk=customer_id)


def _page(customer: Customer, title: str, button: str, *lead: str) -> FormPage:
    back = reverse("customer", args=[customer.pk])
    return FormPage(title % {"customer": customer.name}, button, back, customer.name, lead)
