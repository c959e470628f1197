"""Roles and scopes in words, from the one table of access.GRANTS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kiestoon.portal.people.access import GRANTS, Access
from kiestoon.portal.people.models import CUSTOMER_ROLES, Role


def role_words() -> dict[str, str]:
    return {
        Role.SUPPORT: _("Support"),
        Role.NETWORK: _("Network"),
        Role.COMPLIANCE: _("Compliance"),
        Role.FINANCE: _("Finance"),
        Role.ADMIN: _("Administrator"),
        Role.CUSTOMER_ADMIN: _("Customer’s administrator"),
        Role.CUSTOMER_USER: _("Customer’s user"),
    }


def scope_words() -> dict[str, str]:
    return {
        "customers:read": _("See customers"),
        "customers:write": _("Change customers"),
        "users:read": _("See telephone users"),
        "users:write": _("Change telephone users"),
        "forwarding:write": _("Change forwarding and blocking"),
        "numbers:read": _("See numbers"),
        "numbers:write": _("Change where numbers ring"),
        "devices:read": _("See devices"),
        "locations:read": _("See where devices are"),
        "locations:write": _("Say where devices are"),
        "networks:read": _("See the table of networks"),
        "networks:write": _("Load the table of networks"),
        "sites:write": _("Change the sites behind an exchange"),
        "calls:read": _("See calls"),
        "callers:read": _("See whole telephone numbers in calls"),
        "webhooks:read": _("See webhooks"),
        "webhooks:write": _("Change webhooks"),
        "trunks:read": _("See trunks"),
        "trunks:write": _("Change trunks"),
        "emergency-routes:read": _("See where emergency calls go, and the drills"),
        "emergency-routes:write": _("Propose where emergency calls go, and start drills"),
        "emergency-routes:approve": _("Approve where emergency calls go"),
        "health:read": _("See the network’s health"),
        "health:write": _("Take alerts on"),
        "duties:read": _("See the duties"),
        "notices:read": _("Read what is told about emergency calls"),
        "notices:accept": _("Accept what is told about emergency calls"),
        "notices:write": _("Record what became of notices"),
        "directory:read": _("See what directories and emergency centres have of numbers"),
        "directory:write": _("Correct what directories and emergency centres have of numbers"),
        "emergency-log:read": _("Open the log of emergency calls"),
        "emergency-log:write": _("Say whom we tell of emergency calls"),
        "duties:write": _("Record reports, totals and agreements"),
        "malicious:read": _("See calls marked as malicious"),
        "malicious:mark": _("Mark calls as malicious"),
        "malicious:write": _("Handle malicious calls with authorities"),
        "requests:read": _("See authorities’ requests"),
        "requests:write": _("Answer authorities’ requests"),
        "operator:read": _("See the operator’s settings"),
        "security:read": _("See who is kept out"),
        "security:write": _("Keep addresses out, and let them in again"),
        "people:read": _("See who may sign in"),
        "people:write": _("Manage who may sign in"),
        "tokens:read": _("See API tokens"),
        "tokens:write": _("Make and revoke API tokens"),
        "audit:read": _("Read the audit log"),
    }


def word_of_role(role: str) -> str:
    return role_words().get(role, role)


def word_of_scope(scope: str) -> str:
    """The scope's own name where nobody gave it words yet."""
    return scope_words().get(scope, scope)


@dataclass(frozen=True)
class ScopeRow:
    """One line of the table of roles: who may do this."""

    scope: str
    words: str
    roles: list[bool]


def table_of_roles(access: Access) -> tuple[list[str], list[ScopeRow]]:
    """Roles as columns, scopes as rows; a customer's people see their customers' roles only."""
    roles = [role for role in Role.values if access.is_operator or role in CUSTOMER_ROLES]
    scopes = sorted(set().union(*(GRANTS[role] for role in roles)), key=_order)
    rows = [
        ScopeRow(scope, word_of_scope(scope), [scope in GRANTS[role] for role in roles]) for scope in scopes
    ]
    return [word_of_role(role) for role in roles], rows


def choices(scopes: Iterable[str]) -> list[tuple[str, str]]:
    """For a form: each scope with its words."""
    return [(scope, word_of_scope(scope)) for scope in sorted(scopes, key=_order)]


def _order(scope: str) -> tuple[int, str]:
    names = list(scope_words())
    return (names.index(scope), "") if scope in names else (len(names), scope)
