"""Customers: made, changed, removed; always with an address an emergency centre can use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Address, Customer
from kiestoon.portal.numbers.validation import read_e164
from kiestoon.portal.publication.services import customers_changed, operator_changed
from kiestoon.portal.versions import Version, version_of

CHANGEABLE = frozenset({"name", "language", "main_number", "outside_prefix", "blocked", "suspended"})
_POSTCODE = re.compile(r"[1-9]\d{3}\Z")
_PREFIX = re.compile(r"\d{0,3}\Z")


@dataclass(frozen=True)
class NewAddress:
    """An address as entered; checked by `add_address`."""

    street: str
    house_number: str
    postcode: str
    municipality: str
    province: str = ""
    house_number_suffix: str = ""
    unit: str = ""
    country: str = "BE"


def customer_version(customer: Customer) -> Version:
    """What a form or a program saw of it."""
    return version_of(customer, customer_id=customer.pk)


@transaction.atomic
def create_customer(name: str, language: str, address: NewAddress, **fields: Any) -> Customer:
    """A customer with its installation address. ValidationError with one message a field."""
    customer = Customer(name=name, language=language)
    _set(customer, fields)
    customer.save()
    customer.address = add_address(customer, address)
    customer.save()
    customers_changed([customer.pk])
    return customer


@transaction.atomic
def add_address(customer: Customer, address: NewAddress) -> Address:
    """A complete address: the law wants street and house number (docs/law/belgian-rules.md)."""
    row = Address(customer=customer, **vars(address))
    _check_address(row)
    row.save()
    return row


@transaction.atomic
def change_address(row: Address, address: NewAddress) -> Address:
    """Correct an address: emergency calls of its users carry the new one from the next call on."""
    for name, value in vars(address).items():
        setattr(row, name, value)
    _check_address(row)
    row.save()
    customers_changed([row.customer_id])
    return row


@transaction.atomic
def install_at(customer: Customer, row: Address) -> Customer:
    """Where the customer's lines are: what an emergency centre gets for users without their own address."""
    if row.customer_id != customer.pk:
        raise ValidationError({"address": _("Choose an address of the same customer.")})
    customer.address = row
    customer.save()
    customers_changed([customer.pk])
    return customer


@transaction.atomic
def change_customer(customer: Customer, **fields: Any) -> Customer:
    """Change some of CHANGEABLE. ValidationError with one message a field."""
    _set(customer, fields)
    customer.save()
    customers_changed([customer.pk])
    return customer


@transaction.atomic
def remove_customer(customer: Customer) -> None:
    """The customer with its users, numbers, trunks and people."""
    customer_id, has_trunks = customer.pk, customer.trunks.exists()
    customer.numbers.all().delete()
    customer.delete()
    customers_changed([customer_id])
    if has_trunks:
        operator_changed()


def _check_address(row: Address) -> None:
    errors: dict[str, Any] = {}
    if row.country == "BE" and not _POSTCODE.match(row.postcode):
        errors["postcode"] = _("Enter a Belgian postcode of 4 digits. You entered “%(entered)s”.") % {
            "entered": row.postcode
        }
    try:
        row.full_clean()
    except ValidationError as error:
        errors = {**error.message_dict, **errors}
    if errors:
        raise ValidationError(errors)


def _set(customer: Customer, fields: dict[str, Any]) -> None:
    errors: dict[str, Any] = {name: _("This cannot be changed.") for name in set(fields) - CHANGEABLE}
    values = {name: value for name, value in fields.items() if name in CHANGEABLE}
    if not _PREFIX.match(values.get("outside_prefix", "")):
        errors["outside_prefix"] = _("Enter at most 3 digits, or nothing.")
    try:
        if "blocked" in values:
            values["blocked"] = list(dict.fromkeys(read_e164(one) for one in values["blocked"]))
    except ValidationError as error:
        errors["blocked"] = error
    main = values.get("main_number")
    if main and not (customer.pk and customer.numbers.filter(e164=main).exists()):
        errors["main_number"] = _("Choose one of the customer's numbers.")
    for name, value in values.items():
        setattr(customer, name, value)
    try:
        customer.full_clean(exclude={"address", *errors})
    except ValidationError as error:
        errors.update(error.message_dict)
    if errors:
        raise ValidationError(errors)
