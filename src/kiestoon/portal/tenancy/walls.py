"""What the database lets one request touch: a role of PostgreSQL, and one customer's rows.

A wall belongs to the connection of a thread. It stands from the moment the middleware knows who asks until
the response has been sent, streamed ones included; a connection made anew in between gets it again. Before
and after, the web process is `kiestoon_portal`, which may read no tenant's table at all.

Put a wall up outside a transaction: one that is rolled back takes with it what was set inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from kiestoon.portal.tenancy import roles

NO_CUSTOMER = 0
_SET = (
    "SELECT set_config('role', %s, false), set_config('kiestoon.customer', %s, false), "
    "set_config('kiestoon.presented', %s, false)"
)


@dataclass(frozen=True)
class Wall:
    """`customer_id`: whose rows, for the role CUSTOMER; `presented`: the hash of a token being looked up."""

    role: str
    customer_id: int | None = None
    presented: str = ""


NOBODY = Wall(roles.PORTAL)
SIGNING_IN = Wall(roles.SIGN_IN)
OPERATOR = Wall(roles.OPERATOR)

_standing: WeakKeyDictionary[BaseDatabaseWrapper, Wall] = WeakKeyDictionary()


def put_up(wall: Wall) -> None:
    """This wall from now on. Opens no connection: one made later gets it then."""
    connection = connections["default"]
    _standing[connection] = wall
    if connection.connection is not None:
        _set(connection, wall.role, wall)


@contextmanager
def behind(wall: Wall) -> Iterator[None]:
    """This wall for as long as the block lasts, then the one before it."""
    before = _standing.get(connections["default"])
    put_up(wall)
    try:
        yield
    finally:
        if before is None:
            take_down()
        else:
            put_up(before)


def take_down() -> None:
    """Be again whoever signed in to PostgreSQL: kiestoon_portal in the web process, the owner elsewhere."""
    connection = connections["default"]
    if _standing.pop(connection, None) is not None and connection.connection is not None:
        _set(connection, "none", NOBODY)


def apply_to(connection: BaseDatabaseWrapper) -> None:
    """Put the standing wall, if any, up on a connection that was just made."""
    if (wall := _standing.get(connection)) is not None:
        _set(connection, wall.role, wall)


def _set(connection: BaseDatabaseWrapper, role: str, wall: Wall) -> None:
    customer = str(wall.customer_id or NO_CUSTOMER)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SET, (role, customer, wall.presented))
    except DatabaseError:
        # Of a connection that did not obey nobody knows what it may touch: the next use makes another.
        if connection.in_atomic_block:
            raise
        connection.close()
