"""Where a device is, for emergency calls, and where an emergency call goes: values the portal publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kiestoon.vocabulary.address import CivicAddress

LocationState = Literal["unknown", "declared", "confirmed", "stale"]
"""unknown: no address; declared: somebody entered it; confirmed: its user said so from there, or its
installation is evidenced; stale: the device has moved to another network since."""

EmergencyPolicy = Literal["route", "announce"]
"""What happens to an on-site call from a nomadic device whose location is stale or unknown."""


@dataclass(frozen=True, slots=True)
class Network:
    """A part of the address space, as the operator's table has it."""

    prefix: str
    """CIDR, IPv4 or IPv6; the longest that holds an address counts."""
    asn: int = 0
    """Autonomous system number; 0: not known."""
    country: str = ""
    """ISO 3166-1 alpha-2; "": not known."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class DeviceLocation:
    """Where a device was said to be, and the network it was in at that moment."""

    instance: str
    """Its +sip.instance (RFC 5626), for example "<urn:uuid:...>"; "" for any device of the user."""
    address: CivicAddress
    network: Network
    """Its prefix is /32 or /128 where the table knows none; "" when no network was known."""
    confirmed: bool
    said_at: str
    """ISO 8601 with offset."""


@dataclass(frozen=True, slots=True)
class Site:
    """An address behind a customer's PBX."""

    prefix: str
    """Beginning of the extensions or E.164 numbers that are there; the longest that fits counts."""
    name: str
    address: CivicAddress
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class EmergencyArea:
    """Municipalities (NIS codes) with one competent centre; key "" holds where no other area does."""

    key: str
    municipalities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmergencyRoute:
    """One way to the competent centre of an area; `rank` 1 is tried first."""

    service: str
    """100, 101 or 112."""
    area: str
    trunk_id: str
    request_user: str = ""
    """What is asked of the trunk; "": the service's number."""
    rank: int = 1
    valid_from: date = date.min
    valid_until: date = date.max
    """First day on which it no longer holds."""
    testing: bool = False
    """Drills may call the centre by it."""

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day < self.valid_until
