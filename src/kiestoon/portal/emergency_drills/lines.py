"""The lines drills call from: a customer of the operator's own, with users and an extension in every area."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from kiestoon.belgium.municipalities import municipalities
from kiestoon.domain.emergency.drill import KINDS, Kind
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.carriers.services import change_trunk, create_trunk
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import add_address, change_customer, create_customer
from kiestoon.portal.emergency_drills.current import TRUNK_ID
from kiestoon.portal.emergency_drills.models import DrillLine, DrillSettings
from kiestoon.portal.emergency_routes.models import Area, Table
from kiestoon.portal.notices.services import accept_notice, has_accepted
from kiestoon.portal.notices.texts import notice_in_force
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.phones.services import create_user
from kiestoon.portal.publication.services import operator_changed

CUSTOMER: Final = "Emergency drills"
STREET, HOUSE_NUMBER = "Drill", "1"
"""No real place: a centre that sends help to it has not read that the call is a test."""
SOURCE: Final = "127.0.0.10"
"""Where the exchange's calls come from: this machine only."""
FIRST_EXTENSION: Final = 7000


@transaction.atomic
def prepare_lines(table: Table, settings: DrillSettings) -> int:
    """Make what is missing of the lines of a table's areas; returns how many were made.

    ValidationError when the number for drills is not one of the operator's.
    """
    areas = [area for area in table.areas.order_by("key") if area.municipalities]
    if not areas:
        return 0
    customer = Customer.objects.filter(name=CUSTOMER).first()
    if customer is None:
        customer = create_customer(CUSTOMER, "en", _address(areas[0]))
    if not has_accepted(customer):
        version = notice_in_force(datetime.now(UTC)).version
        accept_notice(customer, version=version, language="en", by="the operator itself, for its drills")
    _give_number(customer, settings.number)
    there = set(DrillLine.objects.values_list("area", "kind"))
    made = 0
    for area in areas:
        missing = [kind for kind in KINDS if (area.key, kind) not in there]
        if missing:
            _make(customer, area, missing)
            made += len(missing)
    if made:
        operator_changed()
    return made


def _make(customer: Customer, area: Area, kinds: Sequence[Kind]) -> None:
    address = add_address(customer, _address(area))
    for kind in kinds:
        number = FIRST_EXTENSION + DrillLine.objects.count() + 1
        user = None
        if kind != "trunk":
            user = create_user(
                customer,
                username=f"drill-{kind}-{area.key}"[:64],
                password=secrets.token_urlsafe(32),  # nobody needs it: a drill answers with the HA1
                extension=str(number),
                name=f"Drill {kind} {area.key}",
                address=address,
            )
        DrillLine.objects.create(
            area=area.key,
            kind=kind,
            customer=customer,
            address=address,
            user=user,
            extension="" if user else str(number),
        )


def _address(area: Area) -> NewAddress:
    """In the first municipality of the area."""
    wanted = set(area.municipalities)
    place = next(one for one in municipalities() if one.nis in wanted)
    return NewAddress(STREET, HOUSE_NUMBER, place.postcodes[0], place.nl)


def _give_number(customer: Customer, number: str) -> None:
    """The number a centre sees, held by the customer and shown by all its lines."""
    if number and not Number.objects.filter(e164=number).exists():
        give_number(customer, number)
    held = Number.objects.filter(e164=number, customer=customer).exists()
    if held and customer.main_number != number:
        change_customer(customer, main_number=number)
    trunk = Trunk.objects.filter(trunk_id=TRUNK_ID).first()
    trunk = trunk or create_trunk(
        TRUNK_ID,
        name="Emergency drills",
        kind=Trunk.Kind.CUSTOMER_PBX,
        uri=f"sip:{SOURCE}:5060",
        addresses=[SOURCE],
        customer=customer,
    )
    if held and trunk.main_number != number:
        change_trunk(trunk, main_number=number)
