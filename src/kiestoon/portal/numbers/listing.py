"""Lists of numbers."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import strip_separators, to_e164
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.people.access import Access


def visible_numbers(access: Access) -> QuerySet[Number]:
    return access.visible(Number.objects.select_related("user", "trunk", "customer")).order_by("e164")


def found_numbers(numbers: QuerySet[Number], text: str) -> QuerySet[Number]:
    """Those that begin with these digits, or belong to a customer whose name holds the text."""
    if not text:
        return numbers
    digits = strip_separators(text)
    if digits.lstrip("+").isdecimal():
        return numbers.filter(e164__startswith=to_e164(digits) or f"+{digits.lstrip('+')}")
    return numbers.filter(customer__name__icontains=text)


def rings_words(number: Number) -> str:
    """What the number rings, in words."""
    if number.user is not None:
        return _("%(name)s, extension %(extension)s") % {
            "name": number.user.name,
            "extension": number.user.extension,
        }
    return number.trunk.name if number.trunk is not None else _("Everyone")
