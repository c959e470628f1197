"""Who called for help and where from, in words, as our records have it now."""

from __future__ import annotations

from dataclasses import dataclass

from kiestoon.portal.calls.models import Call
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.models import CivicFields, Customer
from kiestoon.portal.emergency.models import Place
from kiestoon.portal.phones.models import TelephoneUser


@dataclass(frozen=True)
class Caller:
    """What is known; None and "" where nothing is."""

    customer: Customer | None
    user: TelephoneUser | None
    exchange: Trunk | None
    """The customer's own, where the call came from one."""
    said: Place | None = None
    """Where a nomadic user last said to be."""

    @property
    def address(self) -> CivicFields | None:
        """What a nomadic user said last, else where the line is installed."""
        own = self.said or (self.user.address if self.user is not None else None)
        return own or (self.customer.address if self.customer is not None else None)

    @property
    def who(self) -> str:
        if self.user is not None:
            return self.user.name
        return self.exchange.name if self.exchange is not None else ""

    @property
    def extension(self) -> str:
        return self.user.extension if self.user is not None else ""

    @property
    def place(self) -> str:
        """Floor, room, door or box: what finds somebody inside a building."""
        return self.address.inside if self.address is not None else ""


def caller_of(call: Call) -> Caller:
    """Of an emergency call."""
    customer = (
        Customer.objects.filter(pk=call.customer_id).select_related("address").first()
        if call.customer_id is not None
        else None
    )
    user = None
    if customer is not None and call.username:
        users = TelephoneUser.objects.filter(username=call.username, customer=customer)
        user = users.select_related("address").first()
    said = None
    if user is not None and user.nomadic:
        said = Place.objects.filter(user=user).order_by("-said_at", "-pk").first()
    exchange = None
    if user is None and customer is not None and call.trunk_in_id:
        exchange = Trunk.objects.filter(pk=call.trunk_in_id, customer=customer).first()
    return Caller(customer, user, exchange, said)
