"""Telephone users: made, changed, removed; each change is published."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.carriers import services as carriers
from kiestoon.portal.compliance.register import check_activation
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.phones.models import Forwarding, ProvisioningLink, TelephoneUser
from kiestoon.portal.phones.validation import (
    RING_SECONDS,
    check_extension,
    check_no_circle,
    check_username,
    read_forwarding_target,
)
from kiestoon.portal.publication.services import customers_changed
from kiestoon.portal.tenancy.walls import across_customers
from kiestoon.portal.versions import Version, version_of

CHANGEABLE = frozenset(
    {
        *("extension", "name", "nomadic", "suspended", "clir", "reject_anonymous", "stop_forwarding"),
        *("barred", "ring_seconds", "srtp", "address"),
    }
)


LINK_LIFETIME = timedelta(minutes=15)
_PASSWORD_LENGTH = 16
_LONGEST_PROPOSAL = 48


def new_password() -> str:
    """Letters and digits, which every phone and every digest takes as they are; 95 bits."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_PASSWORD_LENGTH))


def propose_username(name: str, customer: Customer) -> str:
    """A free SIP user name, made of the user's and the customer's name."""
    wanted = f"{_plain(name) or 'user'}.{_plain(customer.name) or customer.pk}"[:_LONGEST_PROPOSAL]
    users = TelephoneUser.objects.filter(username__startswith=wanted)
    with across_customers():
        taken = set(users.values_list("username", flat=True))
    serial = 2
    proposal = wanted
    while proposal in taken:
        proposal, serial = f"{wanted}{serial}", serial + 1
    return proposal


def _plain(text: str) -> str:
    """Small letters and digits of the text without their accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"[^a-z0-9]", "", decomposed)


def ha1(username: str, realm: str, password: str) -> str:
    """MD5(username:realm:password) in hexadecimal: RFC 2617, and what every desk phone can do."""
    return hashlib.md5(f"{username}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()


def user_version(user: TelephoneUser) -> Version:
    """What a form or a program saw of a user and its forwardings."""
    return version_of(user, *user.forwardings.order_by("condition"), username=user.username)


@transaction.atomic
def create_user(
    customer: Customer, *, username: str, password: str, extension: str, name: str, **fields: Any
) -> TelephoneUser:
    """A telephone user of a customer. ValidationError with one message a field."""
    user = TelephoneUser(customer=customer, username=username, extension=extension, name=name)
    user.ha1 = ha1(username, carriers.operator().realm, password)
    _set(user, fields)
    check_activation("user", user)
    user.save(force_insert=True)
    customers_changed([customer.pk])
    return user


@transaction.atomic
def change_user(
    user: TelephoneUser, *, forwarding: Iterable[tuple[str, str]] | None = None, **fields: Any
) -> TelephoneUser:
    """Change some of CHANGEABLE; `forwarding`, when given, replaces all (condition, target) pairs."""
    if forwarding is not None:
        # Two colleagues who forward to each other at the same moment must not both find no circle.
        Customer.objects.select_for_update().get(pk=user.customer_id)
    was_nomadic = user.nomadic
    _set(user, fields)
    if user.nomadic and not was_nomadic:
        check_activation("user", user)
    user.save()
    if forwarding is not None:
        _replace_forwardings(user, forwarding)
    customers_changed([user.customer_id])
    return user


@transaction.atomic
def set_password(user: TelephoneUser, password: str) -> None:
    """A new password for the user's devices; they are asked for it at their next registration."""
    user.ha1 = ha1(user.username, carriers.operator().realm, password)
    user.save()
    customers_changed([user.customer_id])


@transaction.atomic
def remove_user(user: TelephoneUser) -> None:
    """ValidationError while numbers still ring the user."""
    if user.numbers.exists():
        raise ValidationError(_("Numbers still ring this user: point them elsewhere first."))
    user.delete()
    customers_changed([user.customer_id])


@transaction.atomic
def make_provisioning_link(user: TelephoneUser) -> str:
    """The secret of a new link, shown this once; links of the user that nobody used end.

    ValidationError when a duty stands in the way of another phone.
    """
    check_activation("device", user)
    ProvisioningLink.objects.filter(user=user).delete()
    token = secrets.token_urlsafe(24)
    ProvisioningLink.objects.create(
        customer_id=user.customer_id,
        user=user,
        token_hash=link_digest(token),
        expires_at=datetime.now(UTC) + LINK_LIFETIME,
    )
    return token


@transaction.atomic
def use_provisioning_link(token: str) -> ProvisioningLink | None:
    """The link with this secret, the first time within its lifetime; None otherwise."""
    now = datetime.now(UTC)
    links = ProvisioningLink.objects.filter(token_hash=link_digest(token))
    if not links.filter(used_at__isnull=True, expires_at__gt=now).update(used_at=now):
        return None
    return links.get()


def link_digest(token: str) -> str:
    """What is kept of a link's secret: 192 random bits need no slower hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _set(user: TelephoneUser, fields: dict[str, Any]) -> None:
    errors: dict[str, Any] = {name: _("This cannot be changed.") for name in set(fields) - CHANGEABLE}
    for name in set(fields) & CHANGEABLE:
        setattr(user, name, fields[name])
    try:
        check_username(user.username)
    except ValidationError as error:
        errors["username"] = error
    try:
        check_extension(user)
    except ValidationError as error:
        errors["extension"] = error
    if user.ring_seconds not in RING_SECONDS:
        errors["ring_seconds"] = _("Enter a number of seconds from %(least)d to %(most)d.") % {
            "least": RING_SECONDS[0],
            "most": RING_SECONDS[-1],
        }
    if user.address is not None and user.address.customer_id != user.customer_id:
        errors["address"] = _("Choose an address of the same customer.")
    try:
        with across_customers():  # a user name is unique among all
            user.full_clean(exclude={*errors, "customer"})
    except ValidationError as error:
        errors.update(error.message_dict)
    if errors:
        raise ValidationError(errors)


def _replace_forwardings(user: TelephoneUser, pairs: Iterable[tuple[str, str]]) -> None:
    rows: dict[str, Forwarding] = {}
    for condition, entered in pairs:
        if condition not in Forwarding.Condition.values or condition in rows:
            raise ValidationError(
                {"forwarding": _("Give each condition once: always, busy, no-answer, unreachable.")}
            )
        try:
            target = read_forwarding_target(user, entered)
            check_no_circle(user, condition, target)
        except ValidationError as error:
            raise ValidationError({"forwarding": error}) from error
        rows[condition] = Forwarding(user=user, condition=condition, target=target)
    user.forwardings.all().delete()
    Forwarding.objects.bulk_create(rows.values())
