"""Asking where a device is: in the browser's phone, by mail, and by hand when neither was answered.

Each way once for one stay of a device in one network. Nobody is asked where the place is confirmed, or was
declared for this network; only the phone in the browser asks there too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from kiestoon.portal.emergency.locations import UNSURE, judge
from kiestoon.portal.emergency.models import Device, LocationQuestion
from kiestoon.portal.notices.listing import recipients
from kiestoon.portal.notices.models import Delivery

MAIL_AFTER = timedelta(minutes=5)
"""Time for the phone in the browser to be answered."""
CALL_AFTER = timedelta(hours=4)
"""After the mail; at once when nobody has a mail address."""
STILL_THERE = timedelta(hours=2)
"""A device that has not registered for longer is not asked about: it may be off."""
JUDGED_FOR = timedelta(hours=1)
AT_ONCE = 1000
LOCK = 0x4B54_4C4F
"""Advisory lock: two rounds at once would ask twice."""

Channel = LocationQuestion.Channel
Sending = LocationQuestion.Sending


@transaction.atomic
def ask_round(now: datetime) -> int:
    """Judge what may have changed, close what needs no answer, ask what is open; how often it asked."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    due = Device.objects.filter(Q(judged_at=None) | Q(judged_at__lt=now - JUDGED_FOR))
    judge(list(due.select_related("user").order_by(F("judged_at").asc(nulls_first=True))[:AT_ONCE]), now)
    _close(now)
    unsure = Device.objects.filter(
        state__in=UNSURE, user__nomadic=True, last_seen__gte=now - STILL_THERE, moved_at__lte=now - MAIL_AFTER
    ).select_related("user__customer")
    unmailed = list(unsure.exclude(Exists(_this_stay(Channel.MAIL)))[:AT_ONCE])
    asked = sum(_ask_by_mail(device, now) for device in unmailed)
    late = Q(channel=Channel.MAIL) & (
        Q(asked_at__lte=now - CALL_AFTER) | Q(sending__in=(Sending.NO_ADDRESS, Sending.REFUSED))
    )
    uncalled = unsure.filter(Exists(_this_stay().filter(late))).exclude(Exists(_this_stay(Channel.CALL)))
    for device in uncalled[:AT_ONCE]:
        _ask(device, Channel.CALL, now)
        asked += 1
    return asked


@transaction.atomic
def ask_in_browser(device: Device, now: datetime) -> None:
    """The phone in the browser shows the question now; noted once a stay."""
    asked = LocationQuestion.objects.filter(
        device=device, channel=Channel.BROWSER, prefix=device.prefix, asked_at__gte=device.moved_at
    )
    if not asked.exists():
        LocationQuestion.objects.filter(device=device, channel=Channel.BROWSER, closed_at=None).update(
            closed_at=now
        )
        _ask(device, Channel.BROWSER, now)


def _ask_by_mail(device: Device, now: datetime) -> int:
    asked = 0
    for to, person in recipients(device.user):
        fields: dict[str, object] = {"sending": Sending.NO_ADDRESS}
        if person is not None:
            fields = {
                "address": person.email,
                "language": person.language or device.user.customer.language,
                "to_user": to == Delivery.To.USER,
                "sending": Sending.WAITING,
                "next_attempt_at": now,
            }
        _ask(device, Channel.MAIL, now, **fields)
        asked += 1
    return asked


def _ask(device: Device, channel: str, now: datetime, **fields: object) -> None:
    LocationQuestion.objects.get_or_create(
        device=device,
        channel=channel,
        address=fields.pop("address", ""),
        closed_at=None,
        defaults={
            "customer_id": device.customer_id,
            "why": device.state,
            "asked_at": now,
            "prefix": device.prefix,
            "asn": device.asn,
            "network_country": device.network_country,
            **fields,
        },
    )


def _close(now: datetime) -> None:
    """What became sure otherwise, and what was asked about a network the device has left."""
    moved = ~Q(prefix=F("device__prefix"))
    sure = ~Q(device__state__in=UNSURE) & ~Q(channel=Channel.BROWSER)
    open_ones = LocationQuestion.objects.filter(closed_at=None).filter(
        moved | sure | Q(device__state="confirmed") | Q(device__user__nomadic=False)
    )
    pks = list(open_ones.values_list("pk", flat=True)[:AT_ONCE])
    LocationQuestion.objects.filter(pk__in=pks).update(closed_at=now, next_attempt_at=None)


def _this_stay(channel: str = "") -> QuerySet[LocationQuestion]:
    """Questions about the outer device since it is in its network."""
    rows = LocationQuestion.objects.filter(
        device=OuterRef("pk"), prefix=OuterRef("prefix"), asked_at__gte=OuterRef("moved_at")
    )
    return rows.filter(channel=channel) if channel else rows
