"""The demo world as data: who there is, what they hold, which trunks lead where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.people.models import Role

DOMAIN = "demo.kiestoon.test"
EMERGENCY_CONTACT = f"nacht@{DOMAIN}"
"""Who of the demo's operator is told of emergency calls; the simulated mail server keeps it."""
BLOCKS = ("+323808", "+328188", "+328788")


@dataclass(frozen=True)
class PlannedUser:
    """A telephone user; `number` is its own."""

    username: str
    name: str
    extension: str
    number: str
    nomadic: bool = False


@dataclass(frozen=True)
class PlannedCustomer:
    """`key` also names the sign-ins of its people; the first nomadic user (or the first) is a person too."""

    key: str
    name: str
    language: str
    address: NewAddress
    main_number: str
    users: tuple[PlannedUser, ...]
    spare_numbers: tuple[str, ...] = ()
    """Held, and ringing everyone."""
    trunk_numbers: tuple[str, ...] = ()

    @property
    def portal_user(self) -> PlannedUser:
        return next((user for user in self.users if user.nomadic), self.users[0])


CUSTOMERS = (
    PlannedCustomer(
        "dezon",
        "Bakkerij De Zon",
        "nl",
        NewAddress("Meir", "1", "2000", "Antwerpen", "Antwerpen"),
        "+3238080100",
        (
            PlannedUser("anna.dezon", "Anna", "101", "+3238080101"),
            PlannedUser("bram.dezon", "Bram", "102", "+3238080102", nomadic=True),
            PlannedUser("chloe.dezon", "Chloé", "103", "+3238080103", nomadic=True),
        ),
        spare_numbers=tuple(f"+323808010{n}" for n in range(4, 10)),
    ),
    PlannedCustomer(
        "lambert",
        "Cabinet Lambert",
        "fr",
        NewAddress("Rue de Fer", "10", "5000", "Namur", "Namur"),
        "+3281880200",
        (
            PlannedUser("denis.lambert", "Denis", "201", "+3281880201"),
            PlannedUser("elise.lambert", "Elise", "202", "+3281880202", nomadic=True),
        ),
        trunk_numbers=tuple(f"+328188021{n}" for n in range(10)),
    ),
    PlannedCustomer(
        "meyer",
        "Kontor Meyer",
        "de",
        NewAddress("Klosterstraße", "8", "4700", "Eupen", "Liège"),
        "+3287880300",
        (PlannedUser("franz.meyer", "Franz", "301", "+3287880301"),),
    ),
)

EVIDENCE = "demo: work order of the installation"
"""The demo's stand-in for the document that shows that a customer's lines are where they say."""
NETWORKS = """\
prefix,asn,country,name
127.0.0.0/8,64500,BE,demo: this machine
127.0.0.0/24,64500,BE,demo: office
127.0.1.0/24,64500,BE,demo: carriers and emergency centres
127.0.2.0/24,64501,BE,demo: fibre at home
127.0.3.0/24,64502,BE,demo: train and mobile
127.0.4.0/24,64503,FR,demo: hotel abroad
::1/128,64500,BE,demo: this machine
"""
NETWORKS_ORIGIN = "demo: loopback addresses cut in pieces"
SITES = (("20", "Cabinet Lambert, 2nd floor", NewAddress("Rue de Fer", "10", "5000", "Namur", floor="2")),)
"""Behind the PBX: first digits of the extensions, name, address."""

PBX_TRUNK = "lambert-pbx"
ROAMING_CHECK = "demo: no access to a home location register"
"""The demo's stand-in for the document that proves why roaming cannot be checked (RD Spoofing art. 1)."""
SPECIAL: dict[str, Any] = {
    "agreement": "demo agreement with the special nomadic interface",
    "nomadic": True,
    "cloud_numbers": ["+3225550001"],
}

TRUNKS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "national",
        {
            "name": "national carrier",
            "kind": "carrier",
            "uri": "sip:127.0.1.1:5060",
            "addresses": ["127.0.1.1"],
            "interface": "national",
            "priority": 10,
        },
    ),
    (
        "international",
        {
            "name": "international carrier",
            "kind": "carrier",
            "uri": "sip:127.0.1.2:5060",
            "addresses": ["127.0.1.2"],
            "interface": "international",
            "priority": 20,
        },
    ),
    (
        "special",
        {
            "name": "special nomadic interface",
            "kind": "carrier",
            "uri": "sip:127.0.1.4:5060",
            "addresses": ["127.0.1.4"],
            "interface": "special",
            "priority": 90,
        },
    ),
    (
        "emergency",
        {
            "name": "emergency centre",
            "kind": "emergency",
            "uri": "sip:127.0.1.112:5060;transport=tcp",
            "addresses": ["127.0.1.112"],
            "priority": 10,
        },
    ),
    (
        "emergency-partner",
        {
            "name": "emergency centre via partner",
            "kind": "emergency",
            "uri": "sip:127.0.1.113:5060;transport=tcp",
            "addresses": ["127.0.1.113"],
            "priority": 20,
        },
    ),
)
"""Without the customer's PBX, which needs its customer."""
PBX = {
    "name": "Cabinet Lambert's PBX",
    "kind": "customer-pbx",
    "uri": "sip:127.0.1.3:5060",
    "addresses": ["127.0.1.3"],
}

OPERATOR_ROLES = (Role.SUPPORT, Role.NETWORK, Role.COMPLIANCE, Role.FINANCE, Role.ADMIN)


@dataclass(frozen=True)
class PlannedPerson:
    """A sign-in; `customer` is the key of a PlannedCustomer."""

    username: str
    role: str
    customer: PlannedCustomer | None = None


def people() -> tuple[PlannedPerson, ...]:
    """One person for every role, and two for every customer."""
    staff = tuple(PlannedPerson(role.value, role.value) for role in OPERATOR_ROLES)
    theirs = tuple(
        PlannedPerson(f"{customer.key}-{short}", role.value, customer)
        for customer in CUSTOMERS
        for short, role in (("admin", Role.CUSTOMER_ADMIN), ("user", Role.CUSTOMER_USER))
    )
    return staff + theirs
