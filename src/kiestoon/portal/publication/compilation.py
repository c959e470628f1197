"""From database rows to the values the call plane reads (`vocabulary.configuration`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from kiestoon.duties.duty import belgian_day
from kiestoon.portal.carriers import models as carriers
from kiestoon.portal.customers import models as customers
from kiestoon.portal.customers.civic import vocabulary_address
from kiestoon.portal.emergency.compiling import compile_networks, locations_of, sites_of
from kiestoon.portal.emergency_drills.current import TRUNK_ID as DRILLS
from kiestoon.portal.emergency_drills.current import drill_sites
from kiestoon.portal.emergency_routes.current import compile_policy, compile_table
from kiestoon.portal.numbers.models import Number as NumberRow
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import (
    CallType,
    Customer,
    Forwarding,
    ForwardingCondition,
    InterfaceClass,
    Number,
    NumberTarget,
    Operator,
    SpecialInterface,
    SrtpPolicy,
    Trunk,
    TrunkKind,
    User,
)
from kiestoon.vocabulary.emergency import DeviceLocation


def compile_customers(ids: Iterable[int]) -> list[Customer]:
    """Those of the customers that still exist, with everything their calls depend on; five queries."""
    wanted = list(ids)
    rows = (
        customers.Customer.objects.filter(pk__in=wanted)
        .select_related("address")
        .prefetch_related("users__forwardings", "users__address", "numbers__user")
        .order_by("pk")
    )
    locations = locations_of(wanted)
    return [_customer(row, locations) for row in rows]


def compile_operator() -> Operator | None:
    """The operator and all trunks; None before anybody has set it up."""
    row = carriers.Operator.objects.first()
    if row is None:
        return None
    rows = carriers.Trunk.objects.select_related("special").prefetch_related("sites")
    trunks = tuple(
        replace(trunk, sites=drill_sites()) if trunk.trunk_id == DRILLS else trunk
        for trunk in map(_trunk, rows)
    )
    policy, document = compile_policy()
    areas, routes = compile_table(belgian_day(datetime.now(UTC)))
    return Operator(
        row.realm,
        tuple(row.domains),
        tuple(row.blocks),
        trunks,
        row.roaming_check,
        networks=compile_networks(),
        emergency_policy=policy,
        emergency_policy_document=document,
        emergency_areas=areas,
        emergency_routes=routes,
    )


def _customer(row: customers.Customer, locations: Mapping[int, tuple[DeviceLocation, ...]]) -> Customer:
    numbers = sorted(row.numbers.all(), key=lambda number: number.e164)
    shown: dict[int, str] = {}
    for number in sorted(numbers, key=lambda number: number.pk):
        if number.user_id is not None:
            shown.setdefault(number.user_id, number.e164)
    users = sorted(row.users.all(), key=lambda user: user.extension)
    return Customer(
        customer_id=row.pk,
        name=row.name,
        language=row.language,
        main_number=row.main_number,
        suspended=row.suspended,
        outside_prefix=row.outside_prefix,
        blocked=tuple(row.blocked),
        address=_address(row.address),
        address_confirmed=_is_evidenced(row.address),
        users=tuple(_user(user, shown.get(user.pk), locations.get(user.pk, ())) for user in users),
        numbers=tuple(_number(number) for number in numbers),
    )


def _user(row: TelephoneUser, number: str | None, locations: tuple[DeviceLocation, ...]) -> User:
    forwardings = sorted(row.forwardings.all(), key=lambda one: one.condition)
    return User(
        username=row.username,
        ha1=row.ha1,
        customer_id=row.customer_id,
        extension=row.extension,
        name=row.name,
        number=number,
        nomadic=row.nomadic,
        suspended=row.suspended,
        clir=row.clir,
        reject_anonymous=row.reject_anonymous,
        stop_forwarding=row.stop_forwarding,
        barred=cast("tuple[CallType, ...]", tuple(row.barred)),
        ring_seconds=row.ring_seconds,
        forwarding=tuple(
            Forwarding(cast(ForwardingCondition, one.condition), one.target) for one in forwardings
        ),
        srtp=cast(SrtpPolicy, row.srtp),
        address=_address(row.address),
        address_confirmed=_is_evidenced(row.address),
        locations=locations,
    )


def _number(row: NumberRow) -> Number:
    return Number(row.e164, row.customer_id, cast(NumberTarget, row.kind), row.target)


def _address(row: customers.Address | None) -> CivicAddress | None:
    return vocabulary_address(row) if row is not None else None


def _is_evidenced(row: customers.Address | None) -> bool:
    return row is not None and bool(row.evidence)


def _trunk(row: carriers.Trunk) -> Trunk:
    return Trunk(
        trunk_id=row.trunk_id,
        name=row.name,
        kind=cast(TrunkKind, row.kind),
        uri=row.uri,
        addresses=tuple(row.addresses),
        interface=cast(InterfaceClass, row.interface),
        customer_id=row.customer_id,
        priority=row.priority,
        special=_special(row),
        main_number=row.main_number,
        max_calls=row.max_calls,
        reserved_calls=row.reserved_calls,
        call_back_numbers=tuple(row.call_back_numbers),
        sites=sites_of(row),
    )


def _special(row: carriers.Trunk) -> SpecialInterface | None:
    found: carriers.SpecialInterface | None = getattr(row, "special", None)
    if found is None:
        return None
    return SpecialInterface(
        agreement=found.agreement,
        nomadic=found.nomadic,
        cloud_numbers=tuple(found.cloud_numbers),
        blocked=tuple(found.blocked),
        suspended=found.suspended,
    )
