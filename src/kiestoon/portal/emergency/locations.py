"""Where the devices are now: the decision calls make, asked for pages, the phone and whoever is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from kiestoon.domain.emergency.locate import Located, Origin, of_user
from kiestoon.portal.emergency.models import Device, Place
from kiestoon.portal.emergency.networks import networks_holding
from kiestoon.portal.people.access import Access
from kiestoon.portal.publication.compilation import compile_customers
from kiestoon.vocabulary.configuration import Customer
from kiestoon.vocabulary.emergency import Network

UNSURE = frozenset({"stale", "unknown"})
"""States in which the user is asked by every way."""
KNOWN_PLACES = 8
"""Offered as answers."""


@dataclass(frozen=True)
class DeviceRow:
    """A device as a page shows it; `network` is what the table says of its address now."""

    device: Device
    located: Located
    network: Network | None


def visible_devices(access: Access) -> QuerySet[Device]:
    """Of nomadic users: the others' are where they are installed."""
    rows = Device.objects.filter(user__nomadic=True).select_related("user", "customer")
    return access.visible(rows, user="user_id").order_by("user__name", "user_id", "instance")


def device_rows(devices: Sequence[Device]) -> list[DeviceRow]:
    """With the decision a call from each would get, by what is in the database now."""
    customers = {one.customer_id: one for one in compile_customers({d.customer_id for d in devices})}
    networks = networks_holding(device.address for device in devices)
    rows = []
    for device in devices:
        network = networks.get(device.address)
        rows.append(DeviceRow(device, _located(device, customers.get(device.customer_id), network), network))
    return rows


def judge(devices: Sequence[Device], now: datetime) -> None:
    """Keep the present state with each of the devices."""
    for row in device_rows(devices):
        row.device.state, row.device.judged_at = row.located.state, now
    Device.objects.bulk_update(devices, ["state", "judged_at"], batch_size=500)


def known_places(device: Device) -> list[Place]:
    """Different addresses the user was said to be at, the latest first: one tap each."""
    found: dict[str, Place] = {}
    for place in Place.objects.filter(user_id=device.user_id)[:200]:
        found.setdefault(f"{place} {place.inside}", place)
    return list(found.values())[:KNOWN_PLACES]


def of_users(user_ids: Iterable[int]) -> QuerySet[Device]:
    return Device.objects.filter(user_id__in=list(user_ids))


def _located(device: Device, customer: Customer | None, network: Network | None) -> Located:
    username = device.user.username
    user = next((one for one in customer.users if one.username == username), None) if customer else None
    if user is None:
        return Located("unknown", None, "no address is known")
    return of_user(user, customer, Origin(device.address, device.instance, network))
