"""What a customer has, and what is broken: the answer support needs first."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kiestoon.belgium.numbering import strip_separators, to_e164
from kiestoon.portal.carriers.reachability import Reachability, reachability
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.notices.services import has_accepted
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.pages.paging import PER_PAGE
from kiestoon.portal.people.access import Access
from kiestoon.portal.phones.devices import contacts_by_user, refused_devices
from kiestoon.portal.phones.listing import UserRow, user_rows
from kiestoon.portal.phones.models import TelephoneUser

MOST_USERS = 500
"""Of a larger customer the devices are not counted on this page: the list of users has them."""


def visible_customers(access: Access) -> QuerySet[Customer]:
    rows = Customer.objects.select_related("address").order_by("name", "pk")
    return access.visible(rows, customer="pk")


def found_customers(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """By a part of the name, by the customer's own number here, by a telephone number, by a user's name."""
    if not text:
        return customers
    every = Customer.objects.order_by()
    digits = strip_separators(text)
    if digits.lstrip("+").isdecimal():
        numbers = Number.objects.filter(e164__startswith=to_e164(digits) or f"+{digits.lstrip('+')}")
        ways = [every.filter(pk__in=numbers.order_by().values("customer_id"))]
        if digits.isdecimal() and len(digits) < 10:
            ways.append(every.filter(pk=int(digits)))
    else:
        users = TelephoneUser.objects.filter(name__icontains=text)
        ways = [
            every.filter(name__icontains=text),
            every.filter(pk__in=users.order_by().values("customer_id")),
        ]
    # Each way has its index; joined by OR none would be used.
    first, *others = (way.values("pk") for way in ways)
    return customers.filter(pk__in=first.union(*others))


@dataclass(frozen=True)
class Fault:
    """Something broken: `state` is the key of a status, `words` what is wrong."""

    state: str
    words: str


@dataclass(frozen=True)
class Overview:
    customer: Customer
    users: list[UserRow]
    user_count: int
    faults: list[Fault]
    reach: dict[str, Reachability]


def overview(customer: Customer, *, passwords: bool) -> Overview:
    """`passwords`: with wrong passwords among the faults (refused_devices)."""
    rows = customer.users.select_related("customer").prefetch_related("numbers", "forwardings")
    users = user_rows(list(rows.order_by("extension")[:PER_PAGE]))
    count = customer.users.count()
    reach = reachability() if customer.trunks.exists() else {}
    faults = list(_faults(customer, count, reach, passwords=passwords))
    return Overview(customer, users, count, faults, reach)


def _faults(
    customer: Customer, count: int, reach: dict[str, Reachability], *, passwords: bool
) -> list[Fault]:
    found = []
    if customer.suspended:
        found.append(Fault("bad", _("The customer is suspended")))
    if customer.address is None:
        found.append(Fault("bad", _("No address for emergency calls")))
    if not has_accepted(customer):
        found.append(Fault("warn", _("The notice on emergency calls is not accepted")))
    if not customer.main_number:
        found.append(Fault("warn", _("No main number")))
    if 0 < count <= MOST_USERS:
        names = list(customer.users.values_list("username", flat=True))
        if missing := count - len(contacts_by_user(names)):
            found.append(
                Fault(
                    "warn",
                    ngettext("%(n)d user without a device", "%(n)d users without a device", missing)
                    % {"n": missing},
                )
            )
        if refused := {one.username for one in refused_devices(names, passwords=passwords)}:
            found.append(
                Fault(
                    "warn",
                    _("Devices refused in the last day: %(users)s") % {"users": ", ".join(sorted(refused))},
                )
            )
    if suspended := customer.users.filter(suspended=True).count():
        found.append(
            Fault(
                "warn",
                ngettext("%(n)d user suspended", "%(n)d users suspended", suspended) % {"n": suspended},
            )
        )
    for trunk in customer.trunks.all():
        if reach.get(trunk.trunk_id, Reachability()).state == "bad":
            found.append(Fault("bad", _("%(trunk)s: last call failed") % {"trunk": trunk.name}))
    return found
