"""/api/users and /api/devices"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from kiestoon.portal.calls.models import Refusal
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.phones.devices import devices_of, refusals_of
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import change_user, user_version
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


@users.get("", response=list[UserOut])
@paginate
def list_users(request: HttpRequest, customer: int | None = None) -> QuerySet[TelephoneUser]:
    """Telephone users, by customer and extension."""
    rows = _visible(need(request, "users:read"))
    return rows if customer is None else rows.filter(customer_id=customer)


@users.get("/{username}", response=UserOut)
def get_user(request: HttpRequest, response: HttpResponse, username: str) -> TelephoneUser:
    user = get_object_or_404(_visible(need(request, "users:read")), username=username)
    give_etag(response, user_version(user))
    return user


@users.patch("/{username}", response=UserOut)
def patch_user(
    request: HttpRequest, response: HttpResponse, username: str, change: UserChange
) -> TelephoneUser:
    """In effect on the next call, within a second. `forwarding` replaces all forwardings.

    With the scope forwarding:write alone only what happens to calls can be changed. If-Match is honoured.
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


@devices.get("", response=list[DeviceOut])
def list_devices(request: HttpRequest, user: str | None = None) -> list[Contact]:
    """Registered contacts, at most ten seconds old."""
    found = devices_of(_visible(need(request, "devices:read")))
    return found if user is None else [one for one in found if one.username == user]


@devices.get("/refused", response=list[RefusalOut])
def list_refused(request: HttpRequest, user: str | None = None) -> list[Refusal]:
    """Registrations refused in the last day, newest first, counted by hour."""
    found = refusals_of(_visible(need(request, "devices:read")))
    return found if user is None else [one for one in found if one.username == user]
