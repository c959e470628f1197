"""What the business plane publishes for the call plane: customers, users, numbers, trunks.

These are values. The portal compiles them from its database, `store.routing_store` keeps them in
SQLite, and `domain.routing` decides from them. A change here is a change of the publication format:
raise `FORMAT` with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.emergency import (
    DeviceLocation,
    EmergencyArea,
    EmergencyPolicy,
    EmergencyRoute,
    Network,
    Site,
)

FORMAT = 2
"""Version of the publication format; a store of another format refuses the publication."""

MAX_DEVICES = 3
"""Devices (contacts) one user may register at a time."""

ForwardingCondition = Literal["always", "busy", "no-answer", "unreachable"]
TrunkKind = Literal["carrier", "customer-pbx", "emergency"]
InterfaceClass = Literal["national", "international", "special"]
"""Class of an interconnection interface (RD Spoofing of 12 May 2024, arts. 2 and 4)."""
CallType = Literal[
    "internal", "geographic", "mobile", "free", "premium", "shared-cost", "short", "international"
]
NumberTarget = Literal["user", "everyone", "trunk"]
SrtpPolicy = Literal["auto", "required", "never"]


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Where calls to a user go instead: `target` is an extension or an E.164 number with +."""

    condition: ForwardingCondition
    target: str


@dataclass(frozen=True, slots=True)
class User:
    """One person (or line) of a customer, with the SIP credentials of its devices."""

    username: str
    """SIP user name: address-of-record and digest user; unique in the operator."""
    ha1: str
    """MD5(username:realm:password) in hexadecimal, RFC 2617."""
    customer_id: int
    extension: str
    name: str
    number: str | None
    """E.164 with +; None when the user has no number of its own."""
    nomadic: bool = False
    suspended: bool = False
    clir: bool = False
    """Permanently withholds the calling line identity (WEC art. 130)."""
    reject_anonymous: bool = False
    """Refuses calls without calling line identity (WEC art. 130)."""
    stop_forwarding: bool = False
    """Refuses calls that a third party forwards to this user (WEC art. 131)."""
    barred: tuple[CallType, ...] = ()
    """Call types barred free of charge on request (WEC art. 120)."""
    ring_seconds: int = 20
    forwarding: tuple[Forwarding, ...] = ()
    srtp: SrtpPolicy = "auto"
    """auto: SDES towards devices registered over TLS, DTLS towards browsers, plain otherwise."""
    address: CivicAddress | None = None
    """Registered installation address; what an emergency centre receives unless the device is elsewhere."""
    address_confirmed: bool = False
    """The installation there is evidenced."""
    locations: tuple[DeviceLocation, ...] = ()
    """Of nomadic devices, the latest said first."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number the operator's customer holds and what it rings.

    `target` is a user name for kind `user`, "" for `everyone` (all users of the customer) and a
    trunk id for `trunk`.
    """

    e164: str
    customer_id: int
    kind: NumberTarget
    target: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer and everything its calls depend on; the unit of publication."""

    customer_id: int
    name: str
    language: str
    main_number: str
    suspended: bool = False
    outside_prefix: str = ""
    """Digits users may dial first for an outside line, for example "0" behind an old PBX."""
    blocked: tuple[str, ...] = ()
    """Calling numbers (E.164) this customer refuses."""
    address: CivicAddress | None = None
    address_confirmed: bool = False
    users: tuple[User, ...] = ()
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class SpecialInterface:
    """The agreement behind a special interface (RD Spoofing art. 4), as recorded with its document."""

    agreement: str
    """Reference of the written agreement with the originating operator (art. 4 §3)."""
    nomadic: bool = False
    cloud_numbers: tuple[str, ...] = ()
    """Exhaustive list of E.164 numbers of conference, support and direct-marketing services (art. 4 §3)."""
    blocked: tuple[str, ...] = ()
    """Numbers whose user was not identified to BIPT in time (art. 4 §2)."""
    suspended: bool = False
    """BIPT has suspended the right (art. 5)."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A SIP link to a carrier, an emergency centre or a customer's own PBX.

    `addresses` are source addresses it is recognised by, each "IP" or "IP:port" ("[IPv6]:port").
    """

    trunk_id: str
    name: str
    kind: TrunkKind
    uri: str
    """Next hop, for example sip:127.0.1.1:5060 or sip:127.0.1.112:5060;transport=tcp."""
    addresses: tuple[str, ...] = ()
    interface: InterfaceClass = "national"
    customer_id: int | None = None
    priority: int = 100
    """Lower is tried first among trunks of one kind."""
    special: SpecialInterface | None = None
    """Only of a special interface; without it nothing passes as an exception."""
    main_number: str = ""
    """customer-pbx: the number shown when the PBX sends one its customer does not hold."""
    max_calls: int = 0
    """Calls at a time, both ways; 0: as many as come."""
    reserved_calls: int = 0
    """How many of `max_calls` only emergency calls may take."""
    call_back_numbers: tuple[str, ...] = ()
    """emergency: E.164 numbers the centre also calls back from through other networks."""
    sites: tuple[Site, ...] = ()
    """customer-pbx: addresses of parts of its extensions."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator itself: its SIP domains and the number blocks it holds."""

    realm: str
    domains: tuple[str, ...]
    blocks: tuple[str, ...] = ()
    """E.164 prefixes of the blocks held, for example "+323808"."""
    trunks: tuple[Trunk, ...] = field(default=())
    roaming_check: str = ""
    """Reference of the document that proves why mobile roaming cannot be checked (RD Spoofing art. 1);
    "" when there is none: Belgian mobile numbers from abroad are then blocked."""
    emergency_policy: EmergencyPolicy = "route"
    emergency_policy_document: str = ""
    """The recorded decision for "announce" (RD Numbering art. 43); without it calls are routed."""
    networks: tuple[Network, ...] = ()
    emergency_areas: tuple[EmergencyArea, ...] = ()
    emergency_routes: tuple[EmergencyRoute, ...] = ()
