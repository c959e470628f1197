"""What a telephone user may be set to, in words people can act on."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import call_type, strip_separators, to_e164
from kiestoon.domain.emergency.classify import classify
from kiestoon.portal.carriers.services import blocks
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.phones.models import Forwarding, TelephoneUser
from kiestoon.portal.tenancy.walls import across_customers

RING_SECONDS = range(5, 121)
ALWAYS = Forwarding.Condition.ALWAYS
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
    """An extension of the same customer, with a star in front if so entered, or E.164.

    Raises ValidationError that says what to enter. What the edge would not follow is refused
    (domain.routing.reach), in the order the edge asks.
    """
    digits = strip_separators(entered)
    if classify(digits) is not None:
        raise ValidationError(
            _(
                "Calls are never forwarded to an emergency number or helpline (“%(entered)s”). For an "
                "extension with these digits, put a star before it."
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
    with across_customers():
        held = Number.objects.filter(e164=number).first()
    if held is None:
        _check_outside(user, number, kind, entered)
    elif held.user_id is not None and held.user_id == user.pk:
        raise ValidationError(_("This is the user's own number."), code="itself")
    return number


def _check_outside(user: TelephoneUser, number: str, kind: str, entered: str) -> None:
    if kind in user.barred:
        raise ValidationError(
            _("Calls of this kind are barred for this user (“%(entered)s”)."),
            code="barred",
            params={"entered": entered},
        )
    if any(number.startswith(block) for block in blocks()):
        raise ValidationError(
            _("Nobody has the number “%(entered)s”."), code="nobody", params={"entered": entered}
        )


def _own_extension(user: TelephoneUser, digits: str, entered: str) -> str:
    extension = digits.removeprefix("*")
    if extension == user.extension:
        raise ValidationError(_("This is the user's own extension."), code="itself")
    if not TelephoneUser.objects.filter(customer_id=user.customer_id, extension=extension).exists():
        raise ValidationError(
            _(
                "“%(entered)s” is no extension of this company and no number. Enter an extension or a "
                "number, for example 0470 12 34 56."
            ),
            code="unknown",
            params={"entered": entered},
        )
    return digits


def check_no_circle(user: TelephoneUser, condition: str, target: str) -> None:
    """Calls forwarded to a colleague must not come back for certain.

    Colleagues who cover for each other when busy are no mistake: the edge follows each user once in a call.
    A circle with "always" in it is one: whoever forwards always would be called in vain.
    """
    onward: dict[int, list[tuple[str, str]]] = {}
    names: dict[int, str] = {}
    rows = Forwarding.objects.filter(user__customer_id=user.customer_id).exclude(user=user)
    for pk, name, each, following in rows.values_list("user_id", "user__name", "condition", "target"):
        onward.setdefault(pk, []).append((each, following))
        names[pk] = name
    every = {target, *(following for pairs in onward.values() for _each, following in pairs)}
    users = _users_named(user.customer_id, every)
    pending: list[tuple[tuple[int, ...], bool]] = []
    if target in users:
        pending.append(((users[target],), condition == ALWAYS))
    while pending:
        path, for_certain = pending.pop()
        for each, following in onward.get(path[-1], []):
            there, certain = users.get(following), for_certain or each == ALWAYS
            if there == user.pk and certain:
                raise ValidationError(
                    _("Calls would go in a circle: %(names)s would send them back to this user."),
                    code="circle",
                    params={"names": ", ".join(names[one] for one in path)},
                )
            if there is not None and there != user.pk and there not in path:
                pending.append(((*path, there), certain))


def _users_named(customer_id: int, targets: set[str]) -> dict[str, int]:
    """Users of a customer whom these targets of forwardings lead to, by extension or by number."""
    extensions = {target.removeprefix("*") for target in targets}
    found = dict(
        TelephoneUser.objects.filter(customer_id=customer_id, extension__in=extensions).values_list(
            "extension", "pk"
        )
    )
    numbers = Number.objects.filter(customer_id=customer_id, e164__in=targets, user__isnull=False)
    found.update((e164, pk) for e164, pk in numbers.values_list("e164", "user_id") if pk is not None)
    by_target = ((target, found.get(target.removeprefix("*"))) for target in targets)
    return {target: pk for target, pk in by_target if pk is not None}
