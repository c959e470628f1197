"""/api/users and /api/devices"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict

from kiestoon.portal.calls.models import Refusal
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.description import scope
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.phones.devices import devices_of, refusals_of, switch_off
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import (
    change_user,
    create_user,
    new_password,
    remove_user,
    set_password,
    user_version,
)
from kiestoon.portal.phones.validation import extension_warnings
from kiestoon.portal.schemas import Address, Change
from kiestoon.portal.versions import give_etag, need_match
from kiestoon.store.location import Contact
from kiestoon.vocabulary.configuration import CallType, ForwardingCondition, SrtpPolicy

users = Router(tags=["users"])
devices = Router(tags=["devices"])

OPERATOR_ONLY = frozenset({"suspended"})
FORWARDING = frozenset({"forwarding", "ring_seconds", "reject_anonymous", "stop_forwarding", "clir"})
"""What the scope forwarding:write changes."""


class ForwardingRule(Schema):
    condition: ForwardingCondition
    target: str


class UserOut(Schema):
    username: str
    customer_id: int
    extension: str
    name: str
    number: str | None
    numbers: list[str]
    nomadic: bool
    suspended: bool
    clir: bool
    reject_anonymous: bool
    stop_forwarding: bool
    barred: list[str]
    ring_seconds: int
    srtp: str
    forwarding: list[ForwardingRule]
    address: Address | None
    warnings: list[str]

    @staticmethod
    def resolve_numbers(user: TelephoneUser) -> list[str]:
        return [number.e164 for number in sorted(user.numbers.all(), key=lambda number: number.pk)]

    @staticmethod
    def resolve_number(user: TelephoneUser) -> str | None:
        return next(iter(UserOut.resolve_numbers(user)), None)

    @staticmethod
    def resolve_forwarding(user: TelephoneUser) -> list[dict[str, str]]:
        return [{"condition": one.condition, "target": one.target} for one in user.forwardings.all()]

    @staticmethod
    def resolve_warnings(user: TelephoneUser) -> list[str]:
        return extension_warnings(user.extension, user.customer.outside_prefix)


class UserChange(Change):
    extension: str | None = None
    name: str | None = None
    suspended: bool | None = None
    clir: bool | None = None
    reject_anonymous: bool | None = None
    stop_forwarding: bool | None = None
    barred: list[CallType] | None = None
    ring_seconds: int | None = None
    srtp: SrtpPolicy | None = None
    forwarding: list[ForwardingRule] | None = None


class UserIn(Schema):
    """`customer_id` may be left out by a customer's token."""

    model_config = ConfigDict(extra="forbid")
    customer_id: int | None = None
    username: str
    extension: str
    name: str
    nomadic: bool = False


class NewUserOut(Schema):
    user: UserOut
    password: str


class PasswordOut(Schema):
    username: str
    password: str


NEW = {"customer_id": 1, "username": "greet", "extension": "104", "name": "Greet", "nomadic": False}


class DeviceOut(Schema):
    username: str
    uri: str
    received: str
    user_agent: str
    registered_at: datetime
    expires_at: datetime


class RefusalOut(Schema):
    username: str
    source: str
    result: str
    why: str
    user_agent: str
    first_at: datetime
    last_at: datetime
    count: int


def _visible(access: Access) -> QuerySet[TelephoneUser]:
    rows = TelephoneUser.objects.select_related("customer", "address")
    return access.visible(rows.prefetch_related("numbers", "forwardings"), user="pk")


@users.get("", response=list[UserOut], openapi_extra=scope("users:read"))
@in_pages(CountedKeyset, order=("customer__name", "customer_id", "extension"))
def list_users(request: HttpRequest, customer: int | None = None) -> QuerySet[TelephoneUser]:
    """Telephone users, by customer and extension."""
    rows = _visible(need(request, "users:read"))
    return rows if customer is None else rows.filter(customer_id=customer)


@users.post("", response={201: NewUserOut}, openapi_extra=scope("users:write", NEW))
def post_user(request: HttpRequest, user: UserIn) -> dict[str, Any]:
    """A telephone user; `password` is what its phones register with, and is shown this once."""
    access = need(request, "users:write")
    customer_id = access.customer_id if user.customer_id is None else user.customer_id
    visible = access.visible(Customer.objects.all(), customer="pk")
    customer = visible.filter(pk=customer_id).first() if customer_id is not None else None
    if customer is None:
        raise ValidationError({"customer_id": _("There is no such customer.")})
    password = new_password()
    made = create_user(customer, password=password, **user.model_dump(exclude={"customer_id"}))
    return {"user": _visible(access).get(pk=made.pk), "password": password}


@users.get("/{username}", response=UserOut, openapi_extra=scope("users:read"))
def get_user(request: HttpRequest, response: HttpResponse, username: str) -> TelephoneUser:
    """One telephone user; the ETag goes back in If-Match."""
    user = get_object_or_404(_visible(need(request, "users:read")), username=username)
    give_etag(response, user_version(user))
    return user


@users.patch(
    "/{username}",
    response=UserOut,
    openapi_extra=scope(
        "forwarding:write",
        {"ring_seconds": 25, "forwarding": [{"condition": "no-answer", "target": "0470 12 34 56"}]},
    ),
)
def patch_user(
    request: HttpRequest, response: HttpResponse, username: str, change: UserChange
) -> TelephoneUser:
    """In effect on the next call, within a second. `forwarding` replaces all forwardings.

    What does not say what happens to calls (extension, name, barred, srtp, suspended) needs users:write.
    If-Match is honoured.
    """
    fields = change.given()
    access = need(request, "forwarding:write" if set(fields) <= FORWARDING else "users:write")
    if not access.is_operator and (reserved := OPERATOR_ONLY & set(fields)):
        raise HttpError(403, f"only the operator changes: {', '.join(sorted(reserved))}")
    if "forwarding" in fields:
        fields["forwarding"] = [(rule["condition"], rule["target"]) for rule in fields["forwarding"]]
    with transaction.atomic():
        rows = access.visible(TelephoneUser.objects.select_for_update(), user="pk")
        user = get_object_or_404(rows, username=username)
        need_match(request, user_version(user))
        change_user(user, **fields)
    changed = _visible(access).get(pk=user.pk)
    give_etag(response, user_version(changed))
    return changed


@users.post("/{username}/password", response=PasswordOut, openapi_extra=scope("users:write"))
def renew_password(request: HttpRequest, username: str) -> dict[str, str]:
    """A new password for the user's phones, shown this once; all of them are switched off."""
    access = need(request, "users:write")
    user = get_object_or_404(_visible(access), username=username)
    password = new_password()
    set_password(user, password)
    transaction.on_commit(lambda: switch_off(username))
    return {"username": user.username, "password": password}


@users.delete("/{username}", response={204: None}, openapi_extra=scope("users:write"))
def delete_user(request: HttpRequest, username: str) -> None:
    """Remove a user whom no number rings; its devices are switched off, its calls go on."""
    access = need(request, "users:write")
    remove_user(get_object_or_404(_visible(access), username=username))
    transaction.on_commit(lambda: switch_off(username))


@devices.get("", response=list[DeviceOut], openapi_extra=scope("devices:read"))
@in_pages(CountedKeyset, order=("username", "uri", "received", "registered_at"))
def list_devices(request: HttpRequest, user: str | None = None) -> list[Contact]:
    """Registered contacts, at most ten seconds old."""
    found = devices_of(_visible(need(request, "devices:read")))
    return found if user is None else [one for one in found if one.username == user]


@devices.get("/refused", response=list[RefusalOut], openapi_extra=scope("devices:read"))
@in_pages(CountedKeyset, order=("-last_at", "-pk"))
def list_refused(request: HttpRequest, user: str | None = None) -> list[Refusal]:
    """Registrations refused in the last day, newest first, counted by hour."""
    found = refusals_of(_visible(need(request, "devices:read")))
    return found if user is None else [one for one in found if one.username == user]
