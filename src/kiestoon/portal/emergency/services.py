"""Saying where a device is; the only place that writes what was said and closes what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.customers.civic import NewAddress, check_civic, check_whole
from kiestoon.portal.emergency.locations import judge
from kiestoon.portal.emergency.models import Device, LocationQuestion, Place
from kiestoon.portal.publication.services import customers_changed

CIVIC = (
    *("country", "province", "municipality", "part", "street", "house_number", "house_number_suffix"),
    *("floor", "room", "unit", "postcode"),
)


@dataclass(frozen=True)
class Sayer:
    """Who says it, how, and whether it is the user of the device: only then is the place confirmed."""

    name: str
    how: str
    is_user: bool
    person_id: int | None = None


def address_of(place: Place) -> NewAddress:
    """To say the same again."""
    return NewAddress(**{name: getattr(place, name) for name in CIVIC})


@transaction.atomic
def say_place(
    device: Device, address: NewAddress, by: Sayer, *, asked: LocationQuestion | None = None
) -> Place:
    """The device is there, in the network it is in now (or, `asked`, in the one the question was about).

    Whatever was said before for the same network stands aside: the latest wins, and the row says what it
    contradicts. An address abroad is taken, unchecked. ValidationError with one message a field.
    """
    now = datetime.now(UTC)
    device = Device.objects.select_for_update().get(pk=device.pk)
    seen = asked or device
    place = Place(
        customer_id=device.customer_id,
        user_id=device.user_id,
        instance=device.instance,
        prefix=seen.prefix,
        asn=seen.asn,
        network_country=seen.network_country,
        confirmed=by.is_user,
        said_at=now,
        said_by=by.name,
        person_id=by.person_id,
        how=by.how,
        **vars(address),
    )
    check_whole(place, check_civic(place, abroad=True))
    before = Place.objects.filter(
        user_id=device.user_id, instance=device.instance, prefix=seen.prefix
    ).first()
    if before is not None and address_of(before) != address_of(place):
        place.contradicts = before.pk
    place.save(force_insert=True)
    _close(device, seen.prefix, place, asked)
    customers_changed([device.customer_id])
    judge([device], now)
    return place


@transaction.atomic
def close_questions(device: Device, now: datetime) -> int:
    """Of a device whose place is known after all, or that is in another network now."""
    return LocationQuestion.objects.filter(device=device, closed_at=None).update(
        closed_at=now, next_attempt_at=None
    )


def known_place(device: Device, place_id: int) -> NewAddress:
    """The address of an earlier place of the same user. ValidationError when there is none."""
    found = Place.objects.filter(user_id=device.user_id, pk=place_id).first()
    if found is None:
        raise ValidationError({"place_id": _("There is no such place of this user.")})
    return address_of(found)


def _close(device: Device, prefix: str, place: Place, asked: LocationQuestion | None) -> None:
    open_ones = LocationQuestion.objects.filter(device=device, prefix=prefix, closed_at=None)
    open_ones.update(closed_at=place.said_at, next_attempt_at=None)
    answered = (
        asked
        or open_ones.model.objects.filter(
            device=device, closed_at=place.said_at, channel=_CHANNELS.get(place.how, "")
        ).first()
    )
    if answered is not None:
        LocationQuestion.objects.filter(pk=answered.pk).update(answer=place)


_CHANNELS: dict[str, str] = {
    Place.How.SOFTPHONE: LocationQuestion.Channel.BROWSER,
    Place.How.MAIL_LINK: LocationQuestion.Channel.MAIL,
    Place.How.CALL: LocationQuestion.Channel.CALL,
}
