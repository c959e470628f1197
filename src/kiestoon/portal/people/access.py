"""Who may do and see what: one table of roles, and the filter every query goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from kiestoon.portal.people.models import CUSTOMER_ROLES, ApiToken, Person, Role
from kiestoon.portal.tenancy.roles import CUSTOMER
from kiestoon.portal.tenancy.walls import OPERATOR, Wall

READ = frozenset({"customers:read", "users:read", "numbers:read", "devices:read", "calls:read"})
SECURITY = frozenset({"security:read", "security:write"})

GRANTS: dict[str, frozenset[str]] = {
    Role.SUPPORT: READ | {"trunks:read", "users:write", "customers:write", "security:read"},
    Role.NETWORK: READ | SECURITY | {"trunks:read", "trunks:write"},
    Role.COMPLIANCE: READ | {"trunks:read", "security:read"},
    Role.FINANCE: frozenset({"customers:read", "users:read", "numbers:read"}),
    Role.ADMIN: READ | SECURITY | {"trunks:read", "trunks:write", "users:write", "customers:write"},
    Role.CUSTOMER_ADMIN: READ | {"users:write", "customers:write"},
    Role.CUSTOMER_USER: READ - {"customers:read", "numbers:read"},
}
"""Scopes of each role; what a customer's people see is always their own customer's."""

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Access:
    """What one request may do. `customer_id` None: every customer; `user_id`: this telephone user only."""

    role: str
    scopes: frozenset[str]
    customer_id: int | None = None
    user_id: int | None = None

    @property
    def is_operator(self) -> bool:
        return self.role not in CUSTOMER_ROLES

    @property
    def wall(self) -> Wall:
        """What PostgreSQL lets it touch, whatever the filters here say."""
        return OPERATOR if self.is_operator else Wall(CUSTOMER, self.customer_id)

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def visible(self, rows: QuerySet[Row], customer: str = "customer_id", user: str = "") -> QuerySet[Row]:
        """Those of the rows this access may see; `customer` and `user` name their fields."""
        if self.is_operator:
            return rows
        wanted: dict[str, Any] = {customer: self.customer_id}
        if self.role == Role.CUSTOMER_USER:
            if not user or self.user_id is None:
                return rows.none()
            wanted[user] = self.user_id
        return rows.filter(**wanted)


def access_of_person(person: Person) -> Access:
    return Access(person.role, GRANTS[person.role], person.customer_id, person.telephone_user_id)


def access_of_token(token: ApiToken) -> Access:
    """The role's scopes, narrowed to the token's own when it has any."""
    scopes = GRANTS[token.role]
    if token.scopes:
        scopes &= frozenset(token.scopes)
    user_id = token.person.telephone_user_id if token.person else None
    return Access(token.role, scopes, token.customer_id, user_id)
