"""/api/locations: where each device is; /api/networks: the operator's table of networks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import ConfigDict

from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.description import scope
from kiestoon.portal.emergency.locations import DeviceRow, device_rows, visible_devices
from kiestoon.portal.emergency.models import Device, Network, NetworkTable, Place
from kiestoon.portal.emergency.networks import load_networks, verify_networks
from kiestoon.portal.emergency.sayers import name_of, sayer
from kiestoon.portal.emergency.services import known_place, say_place
from kiestoon.portal.paging import CountedKeyset, Keyset, in_pages
from kiestoon.portal.people.authentication import need, need_operator
from kiestoon.portal.schemas import Address, AddressIn

locations = Router(tags=["emergency locations"])
networks = Router(tags=["networks"])

State = Literal["unknown", "declared", "confirmed", "stale"]


class CivicOut(Schema):
    """What an emergency centre would get, fields as in RFC 5139."""

    country: str
    A1: str
    A3: str
    A4: str
    RD: str
    HNO: str
    HNS: str
    FLR: str
    ROOM: str
    UNIT: str
    PC: str


class NetworkOut(Schema):
    prefix: str
    asn: int
    country: str
    name: str


class DeviceOut(Schema):
    """`instance` is the device's +sip.instance (RFC 5626); "" stands for all devices that have none."""

    id: int
    username: str
    customer_id: int
    instance: str
    user_agent: str
    state: State
    why: str
    address: CivicOut | None
    network: NetworkOut | None
    first_seen: datetime
    last_seen: datetime


class PlaceOut(Schema):
    id: int
    address: Address
    confirmed: bool
    said_at: datetime
    said_by: str
    how: str
    contradicts: int | None
    prefix: str
    asn: int
    network_country: str

    @staticmethod
    def resolve_address(place: Place) -> Place:
        return place


class PlaceIn(Schema):
    """One of both: a new `address`, or an earlier place of the same user.

    `asked_by_telephone`: the operator's staff asked the user, whose own word it then is.
    """

    model_config = ConfigDict(extra="forbid")
    address: AddressIn | None = None
    place_id: int | None = None
    asked_by_telephone: bool = False


NEW_PLACE = {
    "address": {
        "street": "Bondgenotenlaan",
        "house_number": "20",
        "postcode": "3000",
        "municipality": "Leuven",
    }
}


def _shown(_request: HttpRequest, rows: list[Device]) -> list[dict[str, Any]]:
    return [_device(row) for row in device_rows(rows)]


def _device(row: DeviceRow) -> dict[str, Any]:
    return {
        "id": row.device.pk,
        "username": row.device.user.username,
        "customer_id": row.device.customer_id,
        "instance": row.device.instance,
        "user_agent": row.device.user_agent,
        "state": row.located.state,
        "why": row.located.why,
        "address": row.located.address,
        "network": row.network,
        "first_seen": row.device.first_seen,
        "last_seen": row.device.last_seen,
    }


@locations.get("", response=list[DeviceOut], openapi_extra=scope("locations:read"))
@in_pages(CountedKeyset, order=("user__name", "user_id", "instance", "pk"), shape=_shown)
def list_locations(request: HttpRequest, user: str | None = None) -> QuerySet[Device]:
    """Devices of users who also telephone elsewhere, each with where emergency services would go now."""
    rows = visible_devices(need(request, "locations:read"))
    return rows if user is None else rows.filter(user__username=user)


@locations.get("/{int:device_id}", response=DeviceOut, openapi_extra=scope("locations:read"))
def get_location(request: HttpRequest, device_id: int) -> dict[str, Any]:
    """One device."""
    device = get_object_or_404(visible_devices(need(request, "locations:read")), pk=device_id)
    return _device(device_rows([device])[0])


@locations.get("/{int:device_id}/places", response=list[PlaceOut], openapi_extra=scope("locations:read"))
@in_pages(Keyset, order=("-said_at", "-pk"))
def list_places(request: HttpRequest, device_id: int) -> QuerySet[Place]:
    """Everything that was said about where it is, newest first."""
    device = get_object_or_404(visible_devices(need(request, "locations:read")), pk=device_id)
    return Place.objects.filter(user_id=device.user_id, instance=device.instance)


@locations.post(
    "/{int:device_id}/places", response={201: PlaceOut}, openapi_extra=scope("locations:write", NEW_PLACE)
)
def post_place(request: HttpRequest, device_id: int, place: PlaceIn) -> Status[Place]:
    """The device is there, in the network it is in now; the next call to 112 carries it, within a second.

    Said by the device's own user the place is confirmed, by anybody else declared. A place abroad is taken:
    emergency services in Belgium are then told that address.
    """
    access = need(request, "locations:write")
    device = get_object_or_404(visible_devices(access), pk=device_id)
    if (place.address is None) == (place.place_id is None):
        raise ValidationError({"address": _("Send an address, or the place_id of an earlier place.")})
    if place.asked_by_telephone and not access.is_operator:
        raise ValidationError({"asked_by_telephone": _("Only the operator's staff ask by telephone.")})
    if place.address is not None:
        address = NewAddress(**place.address.model_dump())
    else:
        assert place.place_id is not None
        address = known_place(device, place.place_id)
    how = Place.How.CALL if place.asked_by_telephone else Place.How.API
    return Status(201, say_place(device, address, sayer(access, device, how)))


class TableOut(Schema):
    """`verified_at` null: the table is to verify."""

    id: int
    loaded_at: datetime
    loaded_by: str
    origin: str
    lines: int
    sha256: str
    verified_at: datetime | None
    verified_by: str


class TableIn(Schema):
    """`csv`: a heading `prefix,asn,country,name`, then a network a line, at most 20,000."""

    model_config = ConfigDict(extra="forbid")
    origin: str
    csv: str


TABLE = {
    "origin": "own list of 1 November 2026",
    "csv": "prefix,asn,country,name\n198.51.100.0/24,AS64500,BE,office\n",
}


@networks.get("", response=list[NetworkOut], openapi_extra=scope("networks:read"))
@in_pages(CountedKeyset, order=("prefix",))
def list_networks(request: HttpRequest) -> QuerySet[Network]:
    """The table in force, by prefix."""
    need(request, "networks:read")
    return Network.objects.all()


@networks.get("/tables", response=list[TableOut], openapi_extra=scope("networks:read"))
@in_pages(CountedKeyset, order=("-pk",))
def list_tables(request: HttpRequest) -> QuerySet[NetworkTable]:
    """Every table that was loaded, newest first; the newest is in force."""
    need_operator(request, "networks:read")
    return NetworkTable.objects.all()


@networks.post("/tables", response={201: TableOut}, openapi_extra=scope("networks:write", TABLE))
def post_table(request: HttpRequest, table: TableIn) -> Status[NetworkTable]:
    """Replace the whole table; a bad line refuses all of it, and the answer names the line."""
    access = need_operator(request, "networks:write")
    try:
        made = load_networks(table.csv, origin=table.origin, by=name_of(access))
    except ValidationError as error:
        raise ValidationError(
            {"csv" if name == "file" else name: told for name, told in error.message_dict.items()}
        ) from error
    return Status(201, made)


@networks.post("/tables/{int:table_id}/verified", response=TableOut, openapi_extra=scope("networks:write"))
def post_verified(request: HttpRequest, table_id: int) -> NetworkTable:
    """Somebody compared the table in force with its origin."""
    access = need_operator(request, "networks:write")
    if not NetworkTable.objects.filter(pk=table_id).exists():
        raise Http404
    return verify_networks(table_id, name_of(access))
