"""Who is told of emergency calls; the only place that changes these settings."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.emergency_log.models import Contact, Reception

MOST_ADDRESSES = 10


def read_addresses(text: str) -> list[str]:
    """Mail addresses, one a line. ValidationError that quotes the first that is none."""
    found = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    for one in found:
        try:
            validate_email(one)
        except ValidationError as error:
            raise ValidationError(
                {"addresses": _("“%(entered)s” is no mail address.") % {"entered": one}}
            ) from error
    if len(found) > MOST_ADDRESSES:
        raise ValidationError(
            {"addresses": _("Enter at most %(most)d addresses.") % {"most": MOST_ADDRESSES}}
        )
    return found


@transaction.atomic
def set_contact(addresses: list[str], by: str, now: datetime) -> Contact:
    """The operator's own people who are told at once."""
    row, _made = Contact.objects.update_or_create(
        one=1, defaults={"addresses": addresses, "changed_at": now, "changed_by": by}
    )
    return row


@transaction.atomic
def set_reception(
    customer: Customer, *, enabled: bool, addresses: list[str], by: str, now: datetime
) -> Reception:
    """Whether, and at which addresses, the customer is told who of its people called for help."""
    row, _made = Reception.objects.update_or_create(
        customer=customer,
        defaults={"enabled": enabled, "addresses": addresses, "changed_at": now, "changed_by": by},
    )
    return row
