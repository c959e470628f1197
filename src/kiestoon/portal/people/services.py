"""People who sign in, and tokens for programs."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.people.access import GRANTS
from kiestoon.portal.people.models import CUSTOMER_ROLES, ApiToken, Person


@transaction.atomic
def create_person(
    username: str, password: str, role: str, customer: Customer | None = None, **fields: Any
) -> Person:
    """Someone who can sign in. ValidationError when role and customer don't fit."""
    _fits(role, customer)
    return Person.objects.create_user(username, password=password, role=role, customer=customer, **fields)


@transaction.atomic
def create_token(
    name: str,
    role: str,
    customer: Customer | None = None,
    *,
    token: str | None = None,
    scopes: tuple[str, ...] = (),
    **fields: Any,
) -> str:
    """A token, shown this once. ValidationError when role, customer or scopes don't fit."""
    _fits(role, customer)
    if unknown := set(scopes) - GRANTS[role]:
        raise ValidationError(
            {
                "scopes": _("The role %(role)s cannot give: %(scopes)s.")
                % {"role": role, "scopes": ", ".join(unknown)}
            }
        )
    token = token or secrets.token_urlsafe(32)
    ApiToken.objects.create(
        name=name, token_hash=token_hash(token), role=role, customer=customer, scopes=list(scopes), **fields
    )
    return token


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_token(token: str) -> ApiToken | None:
    """The token when it is known, not expired, and its person may still sign in."""
    found = ApiToken.objects.select_related("person").filter(token_hash=token_hash(token)).first()
    if found is None or (found.expires_at is not None and found.expires_at <= datetime.now(UTC)):
        return None
    return found if found.person is None or found.person.is_active else None


def _fits(role: str, customer: Customer | None) -> None:
    if role not in GRANTS:
        raise ValidationError({"role": _("There is no such role.")})
    if (role in CUSTOMER_ROLES) != (customer is not None):
        raise ValidationError(
            {"customer": _("Customers' people belong to a customer, operator staff to none.")}
        )
