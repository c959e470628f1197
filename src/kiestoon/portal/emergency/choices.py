"""Places to choose with one tap: where the user was before, and where the line is installed."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import CivicFields
from kiestoon.portal.emergency.models import Device, Place
from kiestoon.portal.emergency.services import CIVIC

MOST_CHOICES = 8
INSTALLATION = "installation"


@dataclass(frozen=True)
class Choice:
    """`key` is what a form sends."""

    key: str
    words: str
    address: NewAddress


def choices(device: Device) -> list[Choice]:
    """Different addresses, the one said last first."""
    installed = device.user.address or device.customer.address
    rows: list[tuple[str, CivicFields]] = [
        (str(place.pk), place) for place in Place.objects.filter(user_id=device.user_id)[:200]
    ]
    if installed is not None:
        rows.append((INSTALLATION, installed))
    found: dict[str, Choice] = {}
    for key, row in rows:
        words = f"{row}, {row.inside}" if row.inside else str(row)
        found.setdefault(words, Choice(key, words, as_entered(row)))
    kept = list(found.values())
    return kept[: MOST_CHOICES - 1] + kept[MOST_CHOICES - 1 :][-1:]


def chosen(device: Device, key: str) -> NewAddress:
    """ValidationError when it is no choice (any more)."""
    for choice in choices(device):
        if choice.key == key:
            return choice.address
    raise ValidationError(_("That place is no longer there to choose: enter the address."))


def as_entered(row: CivicFields) -> NewAddress:
    return NewAddress(**{name: getattr(row, name) for name in CIVIC})
