"""Who may do and see what: one table of roles, and the filter every query goes through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from kiestoon.portal.people.models import CUSTOMER_ROLES, ApiToken, Person, Role
from kiestoon.portal.tenancy.roles import CUSTOMER
from kiestoon.portal.tenancy.walls import OPERATOR, Wall

_STAFF = (Role.SUPPORT, Role.NETWORK, Role.COMPLIANCE, Role.ADMIN)
_CUSTOMERS = (Role.CUSTOMER_ADMIN, Role.CUSTOMER_USER)

_HOLDERS: dict[str, tuple[str, ...]] = {
    "customers:read": (*_STAFF, Role.FINANCE, Role.CUSTOMER_ADMIN),
    "customers:write": (Role.SUPPORT, Role.ADMIN, Role.CUSTOMER_ADMIN),
    "users:read": (*_STAFF, Role.FINANCE, *_CUSTOMERS),
    "users:write": (Role.SUPPORT, Role.ADMIN, Role.CUSTOMER_ADMIN),
    # What happens to calls: forwarding, and callers who are refused.
    "forwarding:write": (Role.SUPPORT, Role.ADMIN, *_CUSTOMERS),
    "numbers:read": (*_STAFF, Role.FINANCE, Role.CUSTOMER_ADMIN),
    "numbers:write": (Role.SUPPORT, Role.ADMIN, Role.CUSTOMER_ADMIN),
    "devices:read": (*_STAFF, *_CUSTOMERS),
    # Where each device of a nomadic user is, and saying so.
    "locations:read": (*_STAFF, *_CUSTOMERS),
    "locations:write": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN, *_CUSTOMERS),
    "networks:read": _STAFF,
    "networks:write": (Role.NETWORK, Role.COMPLIANCE, Role.ADMIN),
    # Addresses behind a customer's own PBX.
    "sites:write": (Role.SUPPORT, Role.NETWORK, Role.ADMIN, Role.CUSTOMER_ADMIN),
    "calls:read": (*_STAFF, *_CUSTOMERS),
    # Whole telephone numbers in calls; without it they are masked until "Show", which is recorded.
    "callers:read": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN, *_CUSTOMERS),
    "trunks:read": (*_STAFF, Role.CUSTOMER_ADMIN),
    "trunks:write": (Role.NETWORK, Role.ADMIN),
    "operator:read": _STAFF,
    # The emergency routing table, its policy and drills; who proposes never approves the same.
    "emergency-routes:read": _STAFF,
    "emergency-routes:write": (Role.NETWORK, Role.ADMIN),
    "emergency-routes:approve": (Role.COMPLIANCE, Role.ADMIN),
    "health:read": _STAFF,
    # Takes an alert upon oneself.
    "health:write": (Role.SUPPORT, Role.NETWORK, Role.ADMIN),
    "duties:read": (Role.COMPLIANCE, Role.ADMIN),
    # Records what was sent to an authority, and what it said.
    "duties:write": (Role.COMPLIANCE, Role.ADMIN),
    # What customers are told about emergency calls.
    "notices:read": (*_STAFF, Role.FINANCE, *_CUSTOMERS),
    "notices:accept": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN, Role.CUSTOMER_ADMIN),
    "notices:write": (Role.COMPLIANCE, Role.ADMIN),
    # What the central number database and directories have of a number.
    "directory:read": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN, *_CUSTOMERS),
    "directory:write": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN, *_CUSTOMERS),
    # Calls to 112: no other role sees them, and each look is recorded.
    "emergency-log:read": (Role.COMPLIANCE,),
    # Whom of ours to tell of them.
    "emergency-log:write": (Role.COMPLIANCE, Role.ADMIN),
    # Calls that were marked as malicious; who made them is for those who write only.
    "malicious:read": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN, *_CUSTOMERS),
    "malicious:mark": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN, *_CUSTOMERS),
    "malicious:write": (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN),
    "requests:read": (Role.COMPLIANCE, Role.ADMIN),
    "requests:write": (Role.COMPLIANCE, Role.ADMIN),
    "security:read": _STAFF,
    "security:write": (Role.NETWORK, Role.ADMIN),
    "people:read": (Role.COMPLIANCE, Role.ADMIN, Role.CUSTOMER_ADMIN),
    "people:write": (Role.ADMIN, Role.CUSTOMER_ADMIN),
    "tokens:read": (Role.COMPLIANCE, Role.ADMIN, Role.CUSTOMER_ADMIN),
    "tokens:write": (Role.ADMIN, Role.CUSTOMER_ADMIN),
    "webhooks:read": (Role.SUPPORT, Role.ADMIN, Role.CUSTOMER_ADMIN),
    "webhooks:write": (Role.ADMIN, Role.CUSTOMER_ADMIN),
    "audit:read": (Role.COMPLIANCE, Role.ADMIN, Role.CUSTOMER_ADMIN),
}
"""Which roles hold a scope."""

CALLERS = "callers:read"
EMERGENCY_LOG = "emergency-log:read"

GRANTS: dict[str, frozenset[str]] = {
    role: frozenset(scope for scope, holders in _HOLDERS.items() if role in holders) for role in Role.values
}
"""Scopes of each role; what a customer's people see is always their own customer's."""

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Access:
    """What one request may do. `customer_id` None: every customer; `user_id`: this telephone user only.

    `person_id` and `token_id` say who asks: a person, or a program with a token (of a person, usually);
    `expires_at` is when the token ends.
    """

    role: str
    scopes: frozenset[str]
    customer_id: int | None = None
    user_id: int | None = None
    person_id: int | None = None
    token_id: int | None = None
    expires_at: datetime | None = None

    @property
    def is_operator(self) -> bool:
        return self.role not in CUSTOMER_ROLES

    @property
    def wall(self) -> Wall:
        """What PostgreSQL lets it touch, whatever the filters here say."""
        return OPERATOR if self.is_operator else Wall(CUSTOMER, self.customer_id)

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def may_give(self, role: str) -> bool:
        """May it hand out this role: never to another customer, never more than a narrowed token has."""
        if not self.may("people:write") or (role not in CUSTOMER_ROLES and not self.is_operator):
            return False
        return self.scopes == GRANTS[self.role] or GRANTS[role] <= self.scopes

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
    return Access(
        person.role, GRANTS[person.role], person.customer_id, person.telephone_user_id, person_id=person.pk
    )


def access_of_token(token: ApiToken) -> Access:
    """What the token's role and its person's role both have, narrowed to the token's own scopes if any."""
    scopes = GRANTS[token.role]
    if token.scopes:
        scopes &= frozenset(token.scopes)
    if token.person:
        scopes &= GRANTS[token.person.role]
    return Access(
        token.role,
        scopes,
        token.customer_id,
        token.person.telephone_user_id if token.person else None,
        person_id=token.person_id,
        token_id=token.pk,
        expires_at=token.expires_at,
    )
