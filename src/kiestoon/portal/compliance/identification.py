"""Who was the user of call X? From the records of calls and customers (RD Spoofing art. 4 §2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from kiestoon.duties.duty import BELGIUM
from kiestoon.portal.calls.listing import moment
from kiestoon.portal.calls.models import Call
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.compliance.models import IdentityRequest
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.people.models import Person, Role
from kiestoon.portal.phones.models import TelephoneUser

MOST = 20


@dataclass(frozen=True)
class Identification:
    """A call and who stands behind it, as our records have it now; None where they have nothing."""

    call: Call
    customer: Customer | None
    user: TelephoneUser | None
    contacts: tuple[Person, ...]
    trunk_in: Trunk | None

    @property
    def is_ours(self) -> bool:
        """Whether the user is our customer's; else the operator behind the trunk knows who it is."""
        return self.call.customer_id is not None and self.call.direction != "incoming"

    @property
    def agreement(self) -> str:
        """Of the special interface the call came in by."""
        special = getattr(self.trunk_in, "special", None)
        return special.agreement if special else ""

    @property
    def address(self) -> str:
        row = (self.user and self.user.address) or (self.customer and self.customer.address)
        return str(row) if row else ""

    @property
    def shown(self) -> str | None:
        """The calling number as the called side had it, or as it was before it was withheld."""
        return self.call.cli or self.call.from_number


def calls_meant(row: IdentityRequest) -> list[Call]:
    """The calls a request can mean, nearest first."""
    tolerance = timedelta(seconds=row.tolerance_seconds)
    return find(row.call_id, row.number, row.called, row.moment, tolerance)


def find(call_id: str, number: str, called: str, at: datetime | None, tolerance: timedelta) -> list[Call]:
    """The calls a request can mean, nearest first, at most MOST.

    By our call id; or by calling number (E.164) and a moment in or at the start of the call, with how far
    the clock of whoever asks may be off. A local hour that the change of clocks repeats counts twice.
    """
    if call_id:
        return list(Call.objects.filter(call_id=call_id))
    if at is None:
        return []
    calls = Call.objects.filter(from_number=number)
    if called:
        calls = calls.filter(to_number=called)
    window = Q()
    for one in moments(at):
        begun = Q(started_at__lte=one + tolerance)
        going_on = Q(started_at__gte=one - tolerance) | Q(ended_at__gte=one - tolerance) | Q(ended_at=None)
        window |= begun & going_on
    found = calls.filter(window).order_by("-started_at")[:MOST]
    return sorted(found, key=lambda call: min(abs(call.started_at - one) for one in moments(at)))


def moments(at: datetime) -> tuple[datetime, ...]:
    """The moment in UTC, and the other one of the same clock time when Belgium repeats that hour."""
    local = at.astimezone(BELGIUM).replace(tzinfo=BELGIUM)
    first, second = local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    return (first,) if first == second else (first, second)


def identify(call: Call) -> Identification:
    """What our records know of whoever made this call."""
    customer = None
    if call.customer_id is not None:
        customer = Customer.objects.filter(pk=call.customer_id).select_related("address").first()
    user = None
    if customer is not None and call.username:
        rows = TelephoneUser.objects.filter(username=call.username, customer=customer)
        user = rows.select_related("address").first()
    contacts = (
        Person.objects.filter(customer=customer, role=Role.CUSTOMER_ADMIN, is_active=True) if customer else ()
    )
    trunk = Trunk.objects.filter(pk=call.trunk_in_id).select_related("special").first()
    return Identification(call, customer, user, tuple(contacts), trunk)


def as_dict(found: Identification) -> dict[str, Any]:
    """What is told and kept. Names and addresses are None where the records have none."""
    call = found.call
    return {
        "call_id": call.call_id,
        "started_at": moment(call.started_at),
        "ended_at": moment(call.ended_at),
        "from": call.from_number,
        "shown": call.cli,
        "to": call.to_number,
        "direction": call.direction,
        "customer": {"id": call.customer_id, "name": found.customer.name if found.customer else None}
        if found.is_ours
        else None,
        "user": {"username": call.username, "name": found.user.name if found.user else None}
        if found.is_ours and call.username
        else None,
        "address": found.address or None if found.is_ours else None,
        "contacts": [
            {"name": person.get_full_name() or person.username, "email": person.email or None}
            for person in found.contacts
        ]
        if found.is_ours
        else [],
        "identification": None,
        "device": call.user_agent,
        "source": call.source,
        "came_in_by": {"id": call.trunk_in_id, "agreement": found.agreement} if call.trunk_in_id else None,
        "evidence": {"sip_call_ids": call.sip_call_ids, "reasons": call.reasons},
    }
