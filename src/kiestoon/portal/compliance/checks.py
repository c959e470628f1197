"""What the duties ask before a number, a user or a trunk is activated.

Each check takes the row as it would be after the change, inside the transaction that is rolled back when one
refuses, and gives a Refusal, or None when its duty is satisfied.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from kiestoon.duties.register import Check, Refusal
from kiestoon.portal.carriers.models import SpecialInterface, Trunk
from kiestoon.portal.compliance.register import Regulated
from kiestoon.portal.customers.models import Address
from kiestoon.portal.notices.services import has_accepted
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.phones.models import TelephoneUser


def special_interface_has_an_agreement(trunk: Trunk) -> Refusal | None:
    """RD Spoofing art. 4 §3: a written agreement with the originating operator."""
    if trunk.interface != Trunk.Interface.SPECIAL:
        return None
    found = SpecialInterface.objects.filter(trunk=trunk).first()
    if found is not None and found.agreement.strip():
        return None
    return Refusal(
        "spoofed-numbers",
        _("A special interface needs a written agreement with the operator whose calls come in by it."),
        _("Enter the reference of the agreement together with the trunk."),
    )


def is_complete(address: Address | None) -> bool:
    """Whether an ambulance finds it: street, house number, postcode and municipality."""
    if address is None:
        return False
    return all((address.street, address.house_number, address.postcode, address.municipality))


def number_has_an_address(number: Number) -> Refusal | None:
    """WEC art. 107 §4: an emergency centre receives the place with the number."""
    address = number.user.address if number.user is not None else None
    if is_complete(address or number.customer.address):
        return None
    return Refusal(
        "emergency-calls",
        _("Nobody could tell an emergency centre where calls from %(number)s come from.")
        % {"number": number.e164},
        _("Enter the customer's installation address first, with street, house number, postcode and place."),
    )


def user_has_an_address(user: TelephoneUser) -> Refusal | None:
    """WEC art. 107 §4: an emergency centre receives the place with the number."""
    if is_complete(user.address or user.customer.address):
        return None
    return Refusal(
        "emergency-calls",
        _("Nobody could tell an emergency centre where calls from %(name)s come from.") % {"name": user.name},
        _("Enter the customer's installation address first, with street, house number, postcode and place."),
    )


def notice_is_accepted(subject: Number | TelephoneUser) -> Refusal | None:
    """WEC art. 108 §1 3° a; RD Numbering art. 43: told at signing, and when a nomadic service begins."""
    if has_accepted(subject.customer):
        return None
    return Refusal(
        "emergency-notice",
        _("%(customer)s has not accepted what we tell about emergency calls.")
        % {"customer": subject.customer.name},
        _("Open the page Emergency calls of the customer, read it and accept it."),
    )


CHECKS: tuple[tuple[Regulated, str, Check], ...] = (
    ("trunk", "spoofed-numbers", special_interface_has_an_agreement),
    ("number", "emergency-calls", number_has_an_address),
    ("user", "emergency-calls", user_has_an_address),
    ("number", "emergency-notice", notice_is_accepted),
    ("user", "emergency-notice", notice_is_accepted),
    ("device", "emergency-notice", notice_is_accepted),
)
"""(kind of thing, duty, check); later chapters add to it."""
