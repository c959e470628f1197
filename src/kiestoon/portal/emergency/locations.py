"""Where the devices are now: the decision calls make, asked for pages, the phone and whoever is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from kiestoon.domain.emergency.locate import Located, Origin, of_user
from kiestoon.portal.emergency.models import Device
from kiestoon.portal.emergency.networks import networks_holding
from kiestoon.portal.people.access import Access
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.publication.compilation import compile_customers
from kiestoon.vocabulary.configuration import Customer
from kiestoon.vocabulary.emergency import Network

UNSURE = frozenset({"stale", "unknown"})
"""States in which the user is asked by every way."""


@dataclass(frozen=True)
class DeviceRow:
    """A device as a page shows it; `network` is what the table says of its address now."""

    device: Device
    located: Located
    network: Network | None


@dataclass(frozen=True)
class FixedRow:
    """A user whose phones stay where they are installed."""

    user: TelephoneUser
    located: Located


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


def fixed_rows(users: Sequence[TelephoneUser]) -> list[FixedRow]:
    """Users whose phones are where they are installed."""
    customers = {one.customer_id: one for one in compile_customers({u.customer_id for u in users})}
    values = {user.username: user for customer in customers.values() for user in customer.users}
    return [
        FixedRow(user, of_user(values[user.username], customers[user.customer_id], Origin()))
        for user in users
        if user.username in values
    ]


def _located(device: Device, customer: Customer | None, network: Network | None) -> Located:
    username = device.user.username
    user = next((one for one in customer.users if one.username == username), None) if customer else None
    if user is None:
        return Located("unknown", None, "no address is known")
    return of_user(user, customer, Origin(device.address, device.instance, network))
