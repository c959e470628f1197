"""Giving numbers to customers, pointing them somewhere, taking them back."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.carriers.services import blocks
from kiestoon.portal.compliance.register import check_activation
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.validation import read_held_number
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.publication.services import customers_changed
from kiestoon.portal.tenancy.walls import across_customers

Target = TelephoneUser | Trunk | None
"""What a number rings; None is everyone of the customer."""


@transaction.atomic
def give_number(customer: Customer, e164: str, target: Target = None, *, ported_in: bool = False) -> Number:
    """A number for a customer. ValidationError: no such number, not ours, taken, or another's target."""
    try:
        number = read_held_number(e164, blocks(), ported_in=ported_in)
    except ValidationError as error:
        raise ValidationError({"e164": error}) from error
    with across_customers():
        taken = Number.objects.filter(e164=number).exists()
    if taken:
        raise ValidationError({"e164": _("%(number)s is already given out.") % {"number": number}})
    row = Number(e164=number, customer=customer, ported_in=ported_in)
    _point(row, target)
    check_activation("number", row, "e164")
    row.save(force_insert=True)
    customers_changed([customer.pk])
    return row


@transaction.atomic
def point_number(number: Number, target: Target) -> Number:
    """Let a number ring something else of the same customer."""
    _point(number, target)
    number.save()
    customers_changed([number.customer_id])
    return number


@transaction.atomic
def take_back_number(number: Number) -> None:
    """The customer no longer holds it. ValidationError when it is still the main number."""
    if number.customer.main_number == number.e164:
        raise ValidationError(
            {
                "e164": _("%(number)s is the customer's main number: choose another one first.")
                % {"number": number.e164}
            }
        )
    number.delete()
    customers_changed([number.customer_id])


def _point(number: Number, target: Target) -> None:
    if target is not None and target.customer_id != number.customer_id:
        raise ValidationError({"target": _("A number can only ring a user or trunk of the same customer.")})
    number.user = target if isinstance(target, TelephoneUser) else None
    number.trunk = target if isinstance(target, Trunk) else None
    kind = Number.Kind.EVERYONE if target is None else Number.Kind.USER
    number.kind = Number.Kind.TRUNK if isinstance(target, Trunk) else kind
