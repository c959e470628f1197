"""The operator's settings and trunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.carriers.models import Operator, SpecialInterface, Trunk
from kiestoon.portal.carriers.validation import check_block, check_domain, check_uri, read_source
from kiestoon.portal.compliance.register import check_activation
from kiestoon.portal.numbers.validation import read_e164
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.publication.services import operator_changed
from kiestoon.portal.tenancy.walls import across_customers
from kiestoon.portal.versions import Version, version_of

CHANGEABLE = frozenset(
    {
        *("name", "uri", "addresses", "interface", "priority", "main_number"),
        *("max_calls", "reserved_calls", "call_back_numbers"),
    }
)


def operator() -> Operator:
    """The operator's settings. ValidationError when nobody has made them yet."""
    found = Operator.objects.first()
    if found is None:
        raise ValidationError(_("The operator is not set up yet."))
    return found


def blocks() -> list[str]:
    """E.164 prefixes the operator holds."""
    found = Operator.objects.first()
    return list(found.blocks) if found else []


@transaction.atomic
def set_operator(
    *, realm: str, domains: Iterable[str], blocks: Iterable[str], roaming_check: str | None = None
) -> Operator:
    """Set realm, domains and blocks. The realm stays as long as users have passwords made with it.

    ValidationError with one message a field.
    """
    prefixes = list(blocks)
    wanted: dict[str, Any] = {"realm": realm, "domains": list(domains), "blocks": prefixes}
    if roaming_check is not None:
        wanted["roaming_check"] = roaming_check
    _check_each({"realm": [realm], "domains": wanted["domains"]}, check_domain)
    _check_each({"blocks": prefixes}, check_block)
    row, created = Operator.objects.select_for_update().get_or_create(one=1, defaults=wanted)
    if not created:
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return row
        if row.realm != realm and TelephoneUser.objects.exists():
            raise ValidationError(
                {
                    "realm": _(
                        "The realm cannot change while there are users: their passwords are bound to it."
                    )
                }
            )
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
    operator_changed()
    return row


def trunk_version(trunk: Trunk) -> Version:
    """What a form or a program saw of it."""
    return version_of(trunk, trunk_id=trunk.trunk_id)


@transaction.atomic
def create_trunk(trunk_id: str, *, special: Any = None, **fields: Any) -> Trunk:
    """A trunk with the fields of the model; `special` has those of a special interface's agreement.

    ValidationError with one message a field, and for each duty that stands in the way.
    """
    trunk = Trunk(trunk_id=trunk_id, **fields)
    return _keep(trunk, special, new=True)


@transaction.atomic
def change_trunk(trunk: Trunk, *, special: Any = None, **fields: Any) -> Trunk:
    """Change some of CHANGEABLE, and of the agreement; checked as `create_trunk` checks."""
    if unknown := set(fields) - CHANGEABLE:
        raise ValidationError({name: _("This cannot be changed.") for name in unknown})
    for name, value in fields.items():
        setattr(trunk, name, value)
    return _keep(trunk, special, new=False)


@transaction.atomic
def set_special_interface(trunk: Trunk, **fields: Any) -> SpecialInterface:
    """Record the agreement behind a special interface (RD Spoofing art. 4). ValidationError by field."""
    if trunk.interface != Trunk.Interface.SPECIAL:
        raise ValidationError(_("Only a trunk of the special interface has such an agreement."))
    row = SpecialInterface.objects.filter(trunk=trunk).first() or SpecialInterface(trunk=trunk)
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    for name in ("cloud_numbers", "blocked"):
        try:
            setattr(row, name, list(dict.fromkeys(read_e164(number) for number in getattr(row, name))))
        except ValidationError as error:
            raise ValidationError({name: error}) from error
    if row._state.adding or before != {name: getattr(row, name) for name in fields}:
        row.full_clean(validate_unique=False)
        row.save()
        operator_changed()
    return row


@transaction.atomic
def remove_trunk(trunk: Trunk) -> None:
    """ValidationError while numbers still ring it."""
    if trunk.numbers.exists():
        raise ValidationError(_("Numbers still ring this trunk: point them elsewhere first."))
    trunk.delete()
    operator_changed()


def _check_each(fields: dict[str, list[str]], check: Callable[[str], None]) -> None:
    for name, values in fields.items():
        try:
            for value in values:
                check(value)
        except ValidationError as error:
            raise ValidationError({name: error}) from error


def _keep(trunk: Trunk, special: Any, *, new: bool) -> Trunk:
    Operator.objects.select_for_update().first()  # two trunks with one address must not slip in together
    errors: dict[str, Any] = {}
    try:
        check_uri(trunk.uri)
    except ValidationError as error:
        errors["uri"] = error
    try:
        trunk.addresses = [read_source(one) for one in trunk.addresses]
        _check_addresses_free(trunk)
    except ValidationError as error:
        errors["addresses"] = error
    if trunk.main_number and not (
        trunk.customer and trunk.customer.numbers.filter(e164=trunk.main_number).exists()
    ):
        errors["main_number"] = _("Choose one of the customer's numbers.")
    if trunk.reserved_calls and trunk.reserved_calls >= trunk.max_calls:
        errors["reserved_calls"] = _("Reserve fewer calls than the trunk takes in all.")
    try:
        numbers = [read_e164(number) for number in trunk.call_back_numbers]
        trunk.call_back_numbers = list(dict.fromkeys(numbers))
        if numbers and trunk.kind != Trunk.Kind.EMERGENCY:
            raise ValidationError(_("Only an emergency centre calls back."))
    except ValidationError as error:
        errors["call_back_numbers"] = error
    try:
        trunk.full_clean(exclude=errors, validate_unique=new)
    except ValidationError as error:
        errors.update(error.message_dict)
    if errors:
        raise ValidationError(errors)
    trunk.save(force_insert=new)
    if special is not None:
        set_special_interface(trunk, **special)
    check_activation("trunk", trunk, "interface")
    operator_changed()
    return trunk


def _check_addresses_free(trunk: Trunk) -> None:
    others = Trunk.objects.filter(addresses__overlap=trunk.addresses).exclude(pk=trunk.pk)
    with across_customers():
        taken = others.exists()
    if taken or len(set(trunk.addresses)) != len(trunk.addresses):
        raise ValidationError(_("Each source address can belong to one trunk only."))
