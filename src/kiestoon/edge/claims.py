"""Whose call a call without valid credentials says it is; believed of emergency calls only."""

from __future__ import annotations

from kiestoon.domain.emergency.classify import is_on_site
from kiestoon.domain.routing.caller import line_of
from kiestoon.edge import ksr
from kiestoon.edge.device import registered_from_here
from kiestoon.edge.headers import claimed_identities
from kiestoon.edge.plane import CallPlane


def claimed_line(plane: CallPlane) -> tuple[str | None, bool]:
    """(user, verified) of the line an emergency call without valid credentials claims, in any header.

    A phone that withholds its number says who it is in Contact or its credentials only.
    """
    with plane.snapshot() as snapshot:
        users = [user for claim in claimed_identities() if (user := line_of(claim, snapshot))]
    for user in users:
        if registered_from_here(user) is not None:
            return user, True
    return (users[0] if users else None), False


def outside_prefix_makes(plane: CallPlane, dialled: str) -> bool:
    """Whether this is 100, 101 or 112 behind the outside-line prefix of whoever claims to call.

    Asked before the sender has proved anything: the call must not wait for that.
    """
    with plane.snapshot() as snapshot:
        trunk = snapshot.trunk_by_address(ksr.text("$si"), int(ksr.get("$sp") or 0))
        lines = [line_of(claim, snapshot) for claim in claimed_identities()] if trunk is None else []
        users = [snapshot.user(line) for line in lines if line is not None]
        ids = [trunk.customer_id] if trunk else [user.customer_id for user in users if user]
        customers = [snapshot.customer(number) for number in ids if number is not None]
    return any(customer and is_on_site(dialled, customer.outside_prefix) for customer in customers)
