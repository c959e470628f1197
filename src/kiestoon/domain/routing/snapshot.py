"""What a routing decision may ask: a read-only query interface over one frozen transaction."""

from __future__ import annotations

from typing import Protocol

from kiestoon.vocabulary.configuration import Customer, Number, Operator, Trunk, User
from kiestoon.vocabulary.emergency import EmergencyRoute, Network


class Snapshot(Protocol):
    """Same question, same answer, for as long as the decision lasts. `store.snapshot` implements it."""

    def operator(self) -> Operator: ...

    def user(self, username: str) -> User | None: ...

    def user_by_extension(self, customer_id: int, extension: str) -> User | None: ...

    def users_of(self, customer_id: int) -> tuple[User, ...]: ...

    def customer(self, customer_id: int) -> Customer | None:
        """The customer without its users and numbers, which have queries of their own."""
        ...

    def number(self, e164: str) -> Number | None: ...

    def trunk(self, trunk_id: str) -> Trunk | None: ...

    def trunk_by_address(self, address: str, port: int) -> Trunk | None:
        """The trunk recognised by this source address: "IP:port" before "IP"."""
        ...

    def trunks(self, kind: str) -> tuple[Trunk, ...]:
        """Trunks of one kind, the one to try first first."""
        ...

    def network(self, address: str) -> Network | None:
        """The longest part of the operator's table of networks that holds this IP address."""
        ...

    def emergency_area(self, municipality: str) -> str | None:
        """Key of the area this municipality (NIS code) is in."""
        ...

    def emergency_routes(self, service: str, area: str) -> tuple[EmergencyRoute, ...]:
        """Every route from this area, those of other dates too; in no order."""
        ...

    def ported(self, e164: str) -> str | None:
        """Opaque routing number of a ported number, or None."""
        ...
