"""The bench's users (bench/README.md), and as many synthetic numbers as one likes; written in bulk."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.carriers.services import create_trunk, operator, set_operator
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import change_customer, create_customer, remove_customer
from kiestoon.portal.demo.world import sign_notice
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import ha1
from kiestoon.portal.publication.services import customers_changed

NAME = "Bench"
MAIN_NUMBER = "+3238089000"
TRUNK = "bench-peer"
TRUNK_ADDRESS = "127.0.0.4"
USERS = 2000
SRTP_USERS = 200
SRTP_EXTENSION = "9{:04d}"

BLOCK = "+32949"
"""Synthetic numbers: valid geographic ones of zone 09, 100,000 of them; never dialled outside."""
PER_CUSTOMER = 100
MOST_NUMBERS = 100_000
BATCH = 2000

_ADDRESS = NewAddress("Meir", "1", "2000", "Antwerpen", "Antwerpen")


@transaction.atomic
def make_bench_users() -> bool:
    """One customer with u0001… and s0001…, and the trunk peer. False when they were there."""
    if Customer.objects.filter(name=NAME).exists():
        return False
    customer = create_customer(NAME, "en", _ADDRESS)
    sign_notice(customer, by="bench")
    rows = [(f"u{n:04d}", f"{n:04d}") for n in range(1, USERS + 1)]
    rows += [(f"s{n:04d}", SRTP_EXTENSION.format(n)) for n in range(1, SRTP_USERS + 1)]
    realm = operator().realm
    TelephoneUser.objects.bulk_create(
        (
            TelephoneUser(
                customer=customer,
                username=username,
                ha1=ha1(username, realm, f"pw-{username}"),
                extension=extension,
                name=username,
                address=customer.address,
            )
            for username, extension in rows
        ),
        batch_size=BATCH,
    )
    give_number(customer, MAIN_NUMBER)
    change_customer(customer, main_number=MAIN_NUMBER)
    create_trunk(
        TRUNK,
        name="bench trunk",
        kind=Trunk.Kind.CUSTOMER_PBX,
        uri=f"sip:{TRUNK_ADDRESS}:5073",
        addresses=[TRUNK_ADDRESS],
        customer=customer,
        main_number=MAIN_NUMBER,
    )
    customers_changed([customer.pk])
    return True


@transaction.atomic
def make_numbers(count: int) -> int:
    """Customers with a user for each of `count` numbers; returns how many customers were added."""
    if not 0 < count <= MOST_NUMBERS:
        raise ValueError(f"between 1 and {MOST_NUMBERS} numbers")
    _set_blocks(present=True)
    existing = set(_synthetic().values_list("name", flat=True))
    realm = operator().realm
    wanted = [
        (f"{NAME} {first // PER_CUSTOMER:04d}", range(first, min(first + PER_CUSTOMER, count)))
        for first in range(0, count, PER_CUSTOMER)
    ]
    missing = [(name, serials) for name, serials in wanted if name not in existing]
    added = 0
    for batch in _batches(missing):
        customers = Customer.objects.bulk_create(
            Customer(name=name, language="en", main_number=_number(serials[0])) for name, serials in batch
        )
        users = TelephoneUser.objects.bulk_create(
            (
                _user(customer, serial, realm)
                for customer, (_, serials) in zip(customers, batch, strict=True)
                for serial in serials
            ),
            batch_size=BATCH,
        )
        Number.objects.bulk_create(
            (
                Number(
                    e164="+32" + user.username[1:],
                    customer_id=user.customer_id,
                    kind=Number.Kind.USER,
                    user=user,
                )
                for user in users
            ),
            batch_size=BATCH,
        )
        customers_changed(customer.pk for customer in customers)
        added += len(customers)
    return added


@transaction.atomic
def remove_bench() -> int:
    """All of it; returns how many customers were removed."""
    removed = 0
    for customer in (*Customer.objects.filter(name=NAME), *_synthetic()):
        remove_customer(customer)
        removed += 1
    _set_blocks(present=False)
    return removed


def _synthetic() -> QuerySet[Customer]:
    return Customer.objects.filter(name__regex=rf"^{NAME} \d{{4}}$")


def _user(customer: Customer, serial: int, realm: str) -> TelephoneUser:
    username = "n" + _number(serial)[3:]
    return TelephoneUser(
        customer=customer,
        username=username,
        ha1=ha1(username, realm, f"pw-{username}"),
        extension=f"{1000 + serial % PER_CUSTOMER}",
        name=username,
    )


def _number(serial: int) -> str:
    return f"{BLOCK}{serial:05d}"


def _batches(rows: list[tuple[str, range]]) -> Iterator[list[tuple[str, range]]]:
    size = BATCH // PER_CUSTOMER
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def _set_blocks(*, present: bool) -> None:
    now = operator()
    blocks = [block for block in now.blocks if block != BLOCK] + [BLOCK] * present
    set_operator(realm=now.realm, domains=now.domains, blocks=blocks)
