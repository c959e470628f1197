"""Customers: made, changed, removed; always with an address an emergency centre can use."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.customers.civic import NewAddress, check_civic, check_whole
from kiestoon.portal.customers.models import Address, Customer
from kiestoon.portal.numbers.validation import read_e164
from kiestoon.portal.publication.services import customers_changed, operator_changed
from kiestoon.portal.versions import Version, version_of

CHANGEABLE = frozenset({"name", "language", "main_number", "outside_prefix", "blocked", "suspended"})
_PREFIX = re.compile(r"\d{0,3}\Z")


def customer_version(customer: Customer) -> Version:
    """What a form or a program saw of it."""
    return version_of(customer, customer_id=customer.pk)


@transaction.atomic
def create_customer(
    name: str, language: str, address: NewAddress, *, evidence: str = "", **fields: Any
) -> Customer:
    """A customer with its installation address. ValidationError with one message a field."""
    customer = Customer(name=name, language=language)
    _set(customer, fields)
    customer.save()
    customer.address = add_address(customer, address, evidence)
    customer.save()
    customers_changed([customer.pk])
    return customer


@transaction.atomic
def add_address(customer: Customer, address: NewAddress, evidence: str = "") -> Address:
    """A complete address: the law wants street and house number (docs/law/belgian-rules.md).

    `evidence` is the reference of the document that shows the installation there. ValidationError by field.
    """
    row = Address(customer=customer, evidence=evidence, **vars(address))
    check_whole(row, check_civic(row))
    row.save()
    return row


@transaction.atomic
def change_address(row: Address, address: NewAddress, evidence: str = "") -> Address:
    """Correct an address: emergency calls of its users carry the new one from the next call on."""
    for name, value in vars(address).items():
        setattr(row, name, value)
    row.evidence = evidence
    check_whole(row, check_civic(row))
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
