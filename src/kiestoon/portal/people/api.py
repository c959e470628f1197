"""/api/people and /api/tokens"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status

from kiestoon.portal.audit.middleware import concerns
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.description import scope
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people import services
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.people.listing import (
    person_to_change,
    version_of_person,
    visible_people,
    visible_tokens,
    with_state,
)
from kiestoon.portal.people.models import ApiToken, Person
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.schemas import Change, Moment
from kiestoon.portal.versions import give_etag, need_match

people = Router(tags=["people"])
tokens = Router(tags=["tokens"])


class PersonOut(Schema):
    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    role: str
    customer_id: int | None
    user: str | None
    active: bool
    second_factor: bool
    last_login: datetime | None

    @staticmethod
    def resolve_user(person: Person) -> str | None:
        return person.telephone_user.username if person.telephone_user else None

    @staticmethod
    def resolve_active(person: Person) -> bool:
        return person.is_active

    @staticmethod
    def resolve_second_factor(person: Person) -> bool:
        return bool(getattr(person, "has_factor", False))


class NewPerson(Schema):
    username: str
    role: str
    customer_id: int | None = None
    first_name: str = ""
    last_name: str = ""
    user: str | None = None


class PersonChange(Change):
    role: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    user: str | None = None
    active: bool | None = None


class OneTimeCodeOut(Schema):
    person_id: int
    one_time_code: str


class TokenOut(Schema):
    id: int
    name: str
    role: str
    customer_id: int | None
    person_id: int | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewToken(Schema):
    name: str
    scopes: list[str]
    expires_at: Moment


class NewTokenOut(Schema):
    id: int
    token: str


NEW_PERSON = {"username": "jan", "role": "customer-user", "customer_id": 1, "user": "anna"}
NEW_TOKEN = {"name": "CRM", "scopes": ["calls:read"], "expires_at": "2027-06-30T00:00:00Z"}


@people.get("", response=list[PersonOut], openapi_extra=scope("people:read"))
@in_pages(CountedKeyset, order=("username",))
def list_people(request: HttpRequest) -> QuerySet[Person]:
    """Who may sign in."""
    return with_state(visible_people(need(request, "people:read")))


@people.post("", response={201: OneTimeCodeOut}, openapi_extra=scope("people:write", NEW_PERSON))
def add_person(request: HttpRequest, new: NewPerson) -> Status[dict[str, Any]]:
    """The one-time code is shown this once: with it the person chooses a password, within a day."""
    access = need(request, "people:write")
    customer = None
    if new.customer_id is not None:
        customers = access.visible(Customer.objects.all(), customer="pk")
        customer = customers.filter(pk=new.customer_id).first()
        if customer is None:
            raise ValidationError({"customer_id": _("There is no such customer.")})
    person, code = services.add_person(
        access,
        username=new.username,
        role=new.role,
        customer=customer,
        first_name=new.first_name,
        last_name=new.last_name,
        telephone_user=_user(access, new.user),
    )
    concerns(request, customer_id=person.customer_id, person_id=person.pk)
    return Status(201, {"person_id": person.pk, "one_time_code": code})


@people.get("/{int:person_id}", response=PersonOut, openapi_extra=scope("people:read"))
def get_person(request: HttpRequest, response: HttpResponse, person_id: int) -> Person:
    """One person; the ETag goes back in If-Match."""
    person = get_object_or_404(with_state(visible_people(need(request, "people:read"))), pk=person_id)
    give_etag(response, version_of_person(person))
    return person


@people.patch(
    "/{int:person_id}", response=PersonOut, openapi_extra=scope("people:write", {"first_name": "Ada"})
)
def patch_person(
    request: HttpRequest, response: HttpResponse, person_id: int, change: PersonChange
) -> Person:
    """In effect at the person's next step; `active: false` signs out everywhere. If-Match is honoured."""
    access = need(request, "people:write")
    fields = change.given()
    active = fields.pop("active", None)
    if "user" in fields:
        fields["telephone_user"] = _user(access, fields.pop("user") or None)
    with transaction.atomic():
        person = person_to_change(access, person_id)
        need_match(request, version_of_person(person))
        if fields:
            services.change_person(access, person, **fields)
        if active is not None and active != person.is_active:
            (services.switch_on if active else services.switch_off)(access, person)
    changed = with_state(visible_people(access)).get(pk=person_id)
    give_etag(response, version_of_person(changed))
    return changed


@people.post(
    "/{int:person_id}/one-time-code",
    response={201: OneTimeCodeOut},
    openapi_extra=scope("people:write"),
)
def reset_password(request: HttpRequest, person_id: int) -> Status[dict[str, Any]]:
    """Ends the old password and all sessions; the code, shown this once, lets the person choose another."""
    access = need(request, "people:write")
    with transaction.atomic():
        code = services.reset_password(access, person_to_change(access, person_id))
    return Status(201, {"person_id": person_id, "one_time_code": code})


@people.delete("/{int:person_id}/second-factors", response={204: None}, openapi_extra=scope("people:write"))
def reset_second_factors(request: HttpRequest, person_id: int) -> Status[None]:
    """For who lost them: removes app, passkeys and recovery codes, and signs out everywhere."""
    access = need(request, "people:write")
    with transaction.atomic():
        services.reset_second_factors(access, person_to_change(access, person_id))
    return Status(204, None)


@people.delete("/{int:person_id}/sessions", response={204: None}, openapi_extra=scope("people:write"))
def sign_out_everywhere(request: HttpRequest, person_id: int) -> Status[None]:
    """Ends the person's sessions."""
    access = need(request, "people:write")
    with transaction.atomic():
        services.sign_out_everywhere(access, person_to_change(access, person_id))
    return Status(204, None)


@tokens.get("", response=list[TokenOut], openapi_extra=scope("tokens:read"))
@in_pages(CountedKeyset, order=("-created_at", "-pk"))
def list_tokens(request: HttpRequest) -> QuerySet[ApiToken]:
    """Without their secrets, which nobody has any more; revoked ones too."""
    return visible_tokens(need(request, "tokens:read"))


@tokens.post("", response={201: NewTokenOut}, openapi_extra=scope("tokens:write", NEW_TOKEN))
def issue_token(request: HttpRequest, new: NewToken) -> Status[dict[str, Any]]:
    """Some of the scopes of the token that asks, not for longer; shown this once."""
    access = need(request, "tokens:write")
    row, token = services.issue_token(access, name=new.name, scopes=new.scopes, expires_at=new.expires_at)
    concerns(request, token_id=row.pk)
    return Status(201, {"id": row.pk, "token": token})


@tokens.delete("/{int:token_id}", response={204: None}, openapi_extra=scope("tokens:write"))
def revoke_token(request: HttpRequest, token_id: int) -> Status[None]:
    """It works no more."""
    access = need(request, "tokens:write")
    services.revoke_token(get_object_or_404(visible_tokens(access), pk=token_id))
    return Status(204, None)


def _user(access: Access, username: str | None) -> TelephoneUser | None:
    if username is None:
        return None
    found = access.visible(TelephoneUser.objects.all(), user="pk").filter(username=username).first()
    if found is None:
        raise ValidationError({"user": _("There is no such telephone user.")})
    return found
