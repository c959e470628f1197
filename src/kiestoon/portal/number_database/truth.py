"""What the database should hold: made from numbers, users, addresses and what customers chose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from kiestoon.domain.number_database.record import IncompleteRecord, Place, Subscriber, Wishes, record
from kiestoon.portal.customers.models import Address
from kiestoon.portal.number_database.models import Listing
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.phones.models import TelephoneUser


@dataclass
class Truth:
    """Records by number, the customer of each, and what is missing of those that cannot be sent."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    incomplete: dict[str, str] = field(default_factory=dict)


def truth() -> Truth:
    """Of every number there is."""
    found = Truth()
    for number in with_all(Number.objects.all()).iterator(chunk_size=2000):
        found.customers[number.e164] = number.customer_id
        try:
            found.records[number.e164] = record_of(number)
        except IncompleteRecord as missing:
            found.incomplete[number.e164] = str(missing)
    return found


def incomplete(most: int) -> list[tuple[str, str]]:
    """(number, missing field) of the first numbers that cannot be sent; asks for them alone, not for all."""
    parts = ("street", "house_number", "postcode", "municipality")

    def blank(address: str) -> Q:
        return Q.create([Q((f"{address}__{part}", "")) for part in parts], connector=Q.OR)

    own = Q(user__address__isnull=False)
    theirs = Q(customer__address__isnull=True) | blank("customer__address")
    rows = with_all(Number.objects.filter((own & blank("user__address")) | (~own & theirs)))
    return [(number.e164, missing_field(number)) for number in rows.order_by("e164")[:most]]


def with_all(numbers: QuerySet[Number]) -> QuerySet[Number]:
    """With what a record needs, in one query."""
    nomadic = TelephoneUser.objects.filter(customer_id=OuterRef("customer_id"), nomadic=True)
    rows = numbers.select_related("customer__address", "user__address", "listing")
    return rows.annotate(any_nomadic=Exists(nomadic))


def record_of(number: Number) -> dict[str, Any]:
    """Of a number read by `with_all`. IncompleteRecord."""
    listing: Listing | None = getattr(number, "listing", None)
    address = (number.user.address if number.user else None) or number.customer.address
    return record(
        number.e164,
        _subscriber(number, listing),
        _place(address),
        _wishes(listing),
        nomadic=_is_nomadic(number),
        operator=settings.OPERATOR_NAME,
    )


def missing_field(number: Number) -> str:
    """What stops a record; "" when nothing does."""
    try:
        record_of(number)
    except IncompleteRecord as missing:
        return str(missing)
    return ""


def records_of(numbers: Iterable[Number]) -> dict[str, dict[str, Any]]:
    """Of those that are complete."""
    return {number.e164: record_of(number) for number in numbers if not missing_field(number)}


def _subscriber(number: Number, listing: Listing | None) -> Subscriber:
    if listing is not None and listing.last_name:
        return Subscriber("", listing.last_name, listing.first_name, listing.initials)
    return Subscriber((listing.company if listing else "") or number.customer.name)


def _place(address: Address | None) -> Place | None:
    if address is None:
        return None
    number = f"{address.house_number}{address.house_number_suffix}"
    return Place(address.street, number, address.unit, address.postcode, address.municipality)


def _wishes(listing: Listing | None) -> Wishes:
    if listing is None:
        return Wishes()
    return Wishes(
        listing.directory, listing.professional_activity, listing.activity_consent, listing.do_not_call
    )


def _is_nomadic(number: Number) -> bool | None:
    """Of what it rings; None: a customer's own exchange, whose telephones we do not see."""
    if number.kind == Number.Kind.TRUNK:
        return None
    if number.user is not None:
        return number.user.nomadic
    return bool(getattr(number, "any_nomadic", False))
