"""Values to canonical JSON and back; what checksums are taken over."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import (
    Customer,
    Forwarding,
    Number,
    Operator,
    SpecialInterface,
    Trunk,
    User,
)
from kiestoon.vocabulary.emergency import DeviceLocation, EmergencyArea, EmergencyRoute, Network, Site


def dumps(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, dataclasses as objects, dates as ISO 8601."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else asdict(value)


def address(row: dict[str, Any] | None) -> CivicAddress | None:
    return None if row is None else CivicAddress(**row)


def user(row: dict[str, Any]) -> User:
    row["barred"] = tuple(row["barred"])
    if row["forwarding"]:
        row["forwarding"] = tuple(Forwarding(**f) for f in row["forwarding"])
    else:
        row["forwarding"] = ()
    if row["address"] is not None:
        row["address"] = CivicAddress(**row["address"])
    if row.get("locations"):
        row["locations"] = tuple(_location(one) for one in row["locations"])
    else:
        row["locations"] = ()
    return User(**row)


def _location(row: dict[str, Any]) -> DeviceLocation:
    row["address"] = CivicAddress(**row["address"])
    row["network"] = Network(**row["network"])
    return DeviceLocation(**row)


def customer(row: dict[str, Any]) -> Customer:
    """A customer as the snapshot gives it: its users and numbers have queries of their own."""
    row["blocked"] = tuple(row["blocked"])
    row["address"] = address(row["address"])
    row["users"] = tuple(user(u) for u in row.get("users", ()))
    row["numbers"] = tuple(Number(**n) for n in row.get("numbers", ()))
    return Customer(**row)


def trunk(row: dict[str, Any]) -> Trunk:
    row["addresses"] = tuple(row["addresses"])
    row["call_back_numbers"] = tuple(row.get("call_back_numbers", ()))  # a store of before
    if row.get("special"):
        special = row["special"]
        special["cloud_numbers"] = tuple(special["cloud_numbers"])
        special["blocked"] = tuple(special["blocked"])
        row["special"] = SpecialInterface(**special)
    row["sites"] = tuple(
        Site(**{**site, "address": CivicAddress(**site["address"])}) for site in row.get("sites", ())
    )
    return Trunk(**row)


def operator(row: dict[str, Any]) -> Operator:
    row["domains"] = tuple(row["domains"])
    row["blocks"] = tuple(row["blocks"])
    row["trunks"] = tuple(trunk(t) for t in row["trunks"])
    row["networks"] = tuple(Network(**n) for n in row.get("networks", ()))
    row["emergency_areas"] = tuple(
        EmergencyArea(a["key"], tuple(a["municipalities"])) for a in row.get("emergency_areas", ())
    )
    row["emergency_routes"] = tuple(emergency_route(r) for r in row.get("emergency_routes", ()))
    return Operator(**row)


def emergency_route(row: dict[str, Any]) -> EmergencyRoute:
    row["valid_from"] = date.fromisoformat(row["valid_from"])
    row["valid_until"] = date.fromisoformat(row["valid_until"])
    return EmergencyRoute(**row)
