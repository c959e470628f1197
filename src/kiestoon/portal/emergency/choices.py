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


def choices(device: Device) -> list[Choice]:
    """Different addresses, the one said last first; the installation's is always among them."""
    rows: list[tuple[str, CivicFields]] = [
        (str(place.pk), place) for place in Place.objects.filter(user_id=device.user_id)[:200]
    ]
    if (installed := _installed(device)) is not None:
        rows.append((INSTALLATION, installed))
    found: dict[str, Choice] = {}
    for key, row in rows:
        words = f"{row}, {row.inside}" if row.inside else str(row)
        found.setdefault(words, Choice(key, words))
    kept = list(found.values())
    return kept[: MOST_CHOICES - 1] + kept[MOST_CHOICES - 1 :][-1:]


def chosen(device: Device, key: str) -> NewAddress:
    """The address behind a key. ValidationError when it is none of this user's (any more)."""
    row: CivicFields | None = None
    if key == INSTALLATION:
        row = _installed(device)
    elif key.isascii() and key.isdigit() and len(key) < 19:
        row = Place.objects.filter(user_id=device.user_id, pk=int(key)).first()
    if row is None:
        raise ValidationError(_("That place is no longer there to choose: enter the address."))
    return NewAddress(**{name: getattr(row, name) for name in CIVIC})


def _installed(device: Device) -> CivicFields | None:
    return device.user.address or device.customer.address
