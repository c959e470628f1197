"""A dict-backed `Snapshot` and a small world for unit tests."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import (
    Customer,
    Forwarding,
    Number,
    Operator,
    Trunk,
    User,
)
from kiestoon.vocabulary.emergency import EmergencyRoute, Network

MEIR = CivicAddress("BE", "Antwerpen", "Meir", "1", "2000")


class DictSnapshot:
    """Answers from plain dictionaries."""

    def __init__(
        self, customers: tuple[Customer, ...], operator: Operator, ported: dict[str, str] | None = None
    ) -> None:
        self._customers = {c.customer_id: c for c in customers}
        self._users = {u.username: u for c in customers for u in c.users}
        self._numbers = {n.e164: n for c in customers for n in c.numbers}
        self._operator = operator
        self._ported = ported or {}

    def all_customers(self) -> tuple[Customer, ...]:
        return tuple(self._customers.values())

    def operator(self) -> Operator:
        return self._operator

    def user(self, username: str) -> User | None:
        return self._users.get(username)

    def user_by_extension(self, customer_id: int, extension: str) -> User | None:
        users = self.users_of(customer_id)
        return next((u for u in users if u.extension == extension), None)

    def users_of(self, customer_id: int) -> tuple[User, ...]:
        return tuple(u for u in self._users.values() if u.customer_id == customer_id)

    def customer(self, customer_id: int) -> Customer | None:
        return self._customers.get(customer_id)

    def number(self, e164: str) -> Number | None:
        return self._numbers.get(e164)

    def trunk(self, trunk_id: str) -> Trunk | None:
        return next((t for t in self._operator.trunks if t.trunk_id == trunk_id), None)

    def trunk_by_address(self, address: str, port: int) -> Trunk | None:
        names = (f"{address}:{port}", address)
        return next((t for t in self._operator.trunks if set(names) & set(t.addresses)), None)

    def trunks(self, kind: str) -> tuple[Trunk, ...]:
        return tuple(sorted((t for t in self._operator.trunks if t.kind == kind), key=lambda t: t.priority))

    def network(self, address: str) -> Network | None:
        holding = [n for n in self._operator.networks if _holds(n.prefix, address)]
        return max(holding, key=lambda n: ip_network(n.prefix).prefixlen, default=None)

    def emergency_area(self, municipality: str) -> str | None:
        areas = self._operator.emergency_areas
        return next((area.key for area in areas if municipality in area.municipalities), None)

    def emergency_routes(self, service: str, area: str) -> tuple[EmergencyRoute, ...]:
        return tuple(r for r in self._operator.emergency_routes if (r.service, r.area) == (service, area))

    def ported(self, e164: str) -> str | None:
        return self._ported.get(e164)


TRUNKS = (
    Trunk("national", "national carrier", "carrier", "sip:127.0.1.1:5060", ("127.0.1.1",), priority=1),
    Trunk(
        "international",
        "international carrier",
        "carrier",
        "sip:127.0.1.2:5060",
        ("127.0.1.2",),
        "international",
        priority=2,
    ),
    Trunk(
        "emergency-own", "own interconnect", "emergency", "sip:127.0.1.112:5060", ("127.0.1.112",), priority=1
    ),
    Trunk(
        "emergency-partner",
        "partner operator",
        "emergency",
        "sip:127.0.1.113:5060",
        ("127.0.1.113",),
        priority=2,
    ),
    Trunk(
        "pbx-2",
        "Lambert PBX",
        "customer-pbx",
        "sip:127.0.1.3:5060",
        ("127.0.1.3",),
        customer_id=2,
        main_number="+3281880210",
    ),
)
OPERATOR = Operator("demo.kiestoon.test", ("demo.kiestoon.test",), ("+323808", "+328188", "+328788"), TRUNKS)


def user(username: str, customer_id: int, extension: str, number: str | None, **fields: object) -> User:
    return replace(
        User(username, "0" * 32, customer_id, extension, username.title(), number, address=MEIR),
        **fields,  # type: ignore[arg-type]
    )


def world(
    anna: dict[str, object] | None = None,
    bram: dict[str, object] | None = None,
    chloe: dict[str, object] | None = None,
    **customer: object,
) -> DictSnapshot:
    """Bakkerij De Zon (Anna, Bram, Chloé) and Cabinet Lambert (Denis and a PBX)."""
    zon = Customer(
        1,
        "Bakkerij De Zon",
        "nl",
        "+3238080100",
        address=MEIR,
        users=(
            user("anna", 1, "101", "+3238080101", **(anna or {})),
            user("bram", 1, "302", "+3238080102", **(bram or {})),
            user("chloe", 1, "303", "+3238080103", **(chloe or {})),
        ),
        numbers=(
            Number("+3238080100", 1, "everyone", ""),
            Number("+3238080101", 1, "user", "anna"),
            Number("+3238080102", 1, "user", "bram"),
            Number("+3238080103", 1, "user", "chloe"),
        ),
    )
    lambert = Customer(
        2,
        "Cabinet Lambert",
        "fr",
        "+3281880200",
        users=(user("denis", 2, "201", "+3281880201"),),
        numbers=(Number("+3281880201", 2, "user", "denis"), Number("+3281880210", 2, "trunk", "pbx-2")),
    )
    return DictSnapshot((replace(zon, **customer), lambert), OPERATOR, {"+32470123456": "C1234"})  # type: ignore[arg-type]


def forwarding(**targets: str) -> tuple[Forwarding, ...]:
    return tuple(Forwarding(c.replace("_", "-"), t) for c, t in targets.items())  # type: ignore[arg-type]


def _holds(prefix: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(prefix)
    except ValueError:
        return False
