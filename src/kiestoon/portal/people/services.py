"""People who sign in, and tokens for programs.

There always is an administrator left; and a token never gives more than its maker has, nor for longer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.identity.services import (
    end_all_sessions,
    give_one_time_code,
    remove_second_factors,
)
from kiestoon.portal.people.access import GRANTS, Access
from kiestoon.portal.people.models import CUSTOMER_ROLES, ApiToken, Person, Role
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.tenancy.walls import across_customers

CHANGEABLE = frozenset({"first_name", "last_name", "email", "role", "telephone_user"})
PEOPLE_LOCK = 0x70656F70
"""Key of PostgreSQL's advisory lock."""
LONGEST = timedelta(days=366)
"""A token made by a person or a program ends within this."""
USED_EVERY = timedelta(minutes=1)
"""How exactly the last use is known: not every request writes."""


@transaction.atomic
def create_person(
    username: str, password: str, role: str, customer: Customer | None = None, **fields: Any
) -> Person:
    """Someone with a given password, as in the demo world; others get a one-time code (add_person)."""
    check_role_fits(role, customer)
    return Person.objects.create_user(username, password=password, role=role, customer=customer, **fields)


@transaction.atomic
def add_person(
    by: Access,
    *,
    username: str,
    role: str,
    customer: Customer | None = None,
    first_name: str = "",
    last_name: str = "",
    telephone_user: TelephoneUser | None = None,
) -> tuple[Person, str]:
    """A new person, and the one-time code to hand over. ValidationError with one message a field."""
    check_role_fits(role, customer)
    if not by.is_operator and (customer is None or customer.pk != by.customer_id):
        raise ValidationError({"customer": _("Choose your own company.")})
    _may_give(by, role)
    person = Person(
        username=username.strip(),
        role=role,
        customer=customer,
        first_name=first_name,
        last_name=last_name,
        telephone_user=telephone_user,
    )
    person.set_unusable_password()
    _check(person)
    person.save()
    return person, give_one_time_code(person)


@transaction.atomic
def change_person(by: Access, person: Person, **fields: Any) -> Person:
    """Change some of CHANGEABLE. ValidationError with one message a field."""
    if unknown := set(fields) - CHANGEABLE:
        raise ValidationError({name: _("This cannot be changed.") for name in unknown})
    _may_manage(by, person)
    role = fields.get("role", person.role)
    if role != person.role:
        check_role_fits(role, person.customer)
        _may_give(by, role)
        if person.is_active:
            _keep_an_administrator(by, person)
        if role != Role.CUSTOMER_USER:
            fields.setdefault("telephone_user", None)
    for name, value in fields.items():
        setattr(person, name, value)
    _check(person)
    person.save()
    return person


@transaction.atomic
def switch_off(by: Access, person: Person) -> None:
    """The person cannot sign in and is signed out everywhere; the person's tokens stop too."""
    _may_manage(by, person)
    if person.is_active:
        _keep_an_administrator(by, person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_all_sessions(person)


@transaction.atomic
def switch_on(by: Access, person: Person) -> None:
    """The person may sign in again, with the password and factors of before."""
    _may_manage(by, person)
    person.is_active = True
    person.save(update_fields=["is_active"])


@transaction.atomic
def reset_password(by: Access, person: Person) -> str:
    """A one-time code to hand over; the old password and all sessions end now."""
    _may_manage(by, person)
    end_all_sessions(person)
    return give_one_time_code(person)


@transaction.atomic
def reset_second_factors(by: Access, person: Person) -> None:
    """For who lost app, passkeys and recovery codes; signed out everywhere."""
    _may_manage(by, person)
    remove_second_factors(person)
    end_all_sessions(person)


@transaction.atomic
def sign_out_everywhere(by: Access, person: Person) -> None:
    """In every browser, now."""
    _may_manage(by, person)
    end_all_sessions(person)


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
    check_role_fits(role, customer)
    if unknown := set(scopes) - GRANTS[role]:
        raise ValidationError(
            {
                "scopes": _("The role %(role)s cannot give: %(scopes)s.")
                % {"role": role, "scopes": ", ".join(sorted(unknown))}
            }
        )
    token = token or secrets.token_urlsafe(32)
    ApiToken.objects.create(
        name=name, token_hash=token_hash(token), role=role, customer=customer, scopes=list(scopes), **fields
    )
    return token


@transaction.atomic
def issue_token(
    by: Access, *, name: str, scopes: Iterable[str], expires_at: datetime
) -> tuple[ApiToken, str]:
    """A token of whoever asks, with some of their scopes; the token itself is shown this once."""
    errors: dict[str, str] = {}
    wanted, now = frozenset(scopes), datetime.now(UTC)
    if not name.strip():
        errors["name"] = _("Enter a name that tells which program uses the token.")
    if not wanted:
        errors["scopes"] = _("Choose at least one thing the token may do.")
    elif more := wanted - by.scopes:
        errors["scopes"] = _("You cannot give what you may not do yourself: %(scopes)s.") % {
            "scopes": ", ".join(sorted(more))
        }
    latest = min(by.expires_at or now + LONGEST, now + LONGEST)
    if not now < expires_at <= latest:
        errors["expires_at"] = _("Choose a time after now, and not after %(latest)s.") % {
            "latest": f"{latest:%d/%m/%Y %H:%M} UTC"
        }
    if errors:
        raise ValidationError(errors)
    token = secrets.token_urlsafe(32)
    row = ApiToken(
        name=name.strip(),
        token_hash=token_hash(token),
        role=by.role,
        person_id=by.person_id,
        customer_id=by.customer_id,
        scopes=sorted(wanted),
        expires_at=expires_at,
    )
    row.full_clean()
    row.save()
    return row, token


def revoke_token(token: ApiToken) -> None:
    """It works no more, now; it stays in the list, so that the audit log can name it."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=datetime.now(UTC))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_token(token: str) -> ApiToken | None:
    """The token when it is known, neither expired nor revoked, and its person may still sign in."""
    now = datetime.now(UTC)
    found = (
        ApiToken.objects.select_related("person")
        .filter(token_hash=token_hash(token), revoked_at=None)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .first()
    )
    if found is None or (found.person is not None and not found.person.is_active):
        return None
    if found.last_used_at is None or found.last_used_at < now - USED_EVERY:
        with transaction.atomic():
            # Whoever holds the row writes the same: a second request must not wait for the first one's end.
            free = ApiToken.objects.select_for_update(skip_locked=True).filter(pk=found.pk)
            ApiToken.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)
    return found


def lock_people() -> None:
    """One change of people at a time: of two administrators who remove each other, the second is refused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PEOPLE_LOCK])


def check_role_fits(role: str, customer: Customer | None) -> None:
    """ValidationError when there is no such role, or not with (or without) a customer."""
    if role not in GRANTS:
        raise ValidationError({"role": _("There is no such role.")})
    if (role in CUSTOMER_ROLES) != (customer is not None):
        raise ValidationError(
            {"customer": _("Customers' people belong to a customer, operator staff to none.")}
        )


def _may_give(by: Access, role: str) -> None:
    if not by.may_give(role):
        raise ValidationError({"role": _("You cannot give this role: it may do more than you may hand out.")})


def _may_manage(by: Access, person: Person) -> None:
    """Whoever resets a person's password could become that person, so the same holds as for giving a role."""
    if not by.may_give(person.role):
        raise ValidationError(
            _("You cannot manage this person: their role may do more than you may hand out.")
        )


def _keep_an_administrator(by: Access, person: Person) -> None:
    """ValidationError when `person` is the last administrator; the operator may leave a customer without."""
    if person.role not in (Role.ADMIN, Role.CUSTOMER_ADMIN):
        return
    if person.role == Role.CUSTOMER_ADMIN and by.is_operator:
        return
    lock_people()
    same = Person.objects.filter(role=person.role, customer=person.customer, is_active=True)
    if not same.exclude(pk=person.pk).exists():
        raise ValidationError(_("This is the last administrator. Make somebody else administrator first."))


def _check(person: Person) -> None:
    errors: dict[str, Any] = {}
    user = person.telephone_user
    if user is not None and person.role != Role.CUSTOMER_USER:
        errors["telephone_user"] = _("Only a person of the role customer-user is one telephone user.")
    elif user is not None and user.customer_id != person.customer_id:
        errors["telephone_user"] = _("Choose a telephone user of the same customer.")
    try:
        with across_customers():  # a user name is unique among all
            person.full_clean(exclude={"password", *errors})
    except ValidationError as error:
        errors.update(error.message_dict)
    if errors:
        raise ValidationError(errors)
