"""What a telephone user may be set to, in words people can act on."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import call_type, strip_separators, to_e164
from kiestoon.domain.emergency.classify import classify
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.phones.models import TelephoneUser

RING_SECONDS = range(5, 121)
_EXTENSION = re.compile(r"\d{2,6}\Z")
_USERNAME = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9._-]{1,63}\Z")


def check_username(username: str) -> None:
    """A SIP user name must not look like a number: both can be dialled."""
    if not _USERNAME.match(username):
        raise ValidationError(
            _(
                "Enter a user name of 2 to 64 small letters, digits, dots, hyphens or underscores, "
                "with at least one letter."
            )
        )


def check_extension(user: TelephoneUser) -> None:
    """2 to 6 digits, once in the customer."""
    if not _EXTENSION.match(user.extension):
        raise ValidationError(
            _("Enter an extension of 2 to 6 digits. You entered “%(entered)s”."),
            params={"entered": user.extension},
        )
    others = TelephoneUser.objects.filter(customer_id=user.customer_id, extension=user.extension)
    if others.exclude(pk=user.pk).exists():
        raise ValidationError(
            _("Extension %(extension)s is already used in this company."),
            params={"extension": user.extension},
        )


def extension_warnings(extension: str, outside_prefix: str = "") -> list[str]:
    """What works, but not as the administrator may expect (docs/decisions/0001)."""
    warnings = []
    if classify(extension, outside_prefix) is not None:
        warnings.append(
            _(
                "%(extension)s is an emergency number or helpline. Whoever dials it reaches that service; "
                "colleagues dial *%(extension)s."
            )
            % {"extension": extension}
        )
    elif outside_prefix and extension.startswith(outside_prefix):
        warnings.append(
            _("%(extension)s begins with the prefix for an outside line, %(prefix)s.")
            % {"extension": extension, "prefix": outside_prefix}
        )
    return warnings


def read_forwarding_target(user: TelephoneUser, entered: str) -> str:
    """An extension of the same customer, or E.164; raises ValidationError that says what to enter."""
    digits = strip_separators(entered)
    if classify(digits) is not None:
        raise ValidationError(
            _(
                "Calls are never forwarded to an emergency number or helpline (“%(entered)s”). For an "
                "extension with these digits, enter that user's own number."
            ),
            code="emergency",
            params={"entered": entered},
        )
    number = to_e164(digits)
    if number is None:
        return _own_extension(user, digits, entered)
    kind = call_type(number)
    if kind is None:
        raise ValidationError(
            _(
                "There is no number of this form: “%(entered)s”. Enter an extension or a number, for example "
                "0470 12 34 56."
            ),
            code="e164",
            params={"entered": entered},
        )
    if kind in ("premium", "short"):
        raise ValidationError(
            _("Calls cannot be forwarded to a premium or short number (“%(entered)s”)."),
            code="premium",
            params={"entered": entered},
        )
    if Number.objects.filter(e164=number, user=user).exists():
        raise ValidationError(_("This is the user's own number."), code="itself")
    return number


def _own_extension(user: TelephoneUser, digits: str, entered: str) -> str:
    if digits == user.extension:
        raise ValidationError(_("This is the user's own extension."), code="itself")
    if not TelephoneUser.objects.filter(customer_id=user.customer_id, extension=digits).exists():
        raise ValidationError(
            _(
                "“%(entered)s” is no extension of this company and no number. Enter an extension or a "
                "number, for example 0470 12 34 56."
            ),
            code="unknown",
            params={"entered": entered},
        )
    return digits
