"""Entries are added, never anything else; and the last change of a thing is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kiestoon.portal.audit.models import Entry
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import ApiToken, Person
from kiestoon.portal.people.scopes import word_of_role


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed a thing last, by name, and when."""

    name: str
    at: datetime


def record(
    action: str,
    access: Access | None = None,
    *,
    customer_id: int | None = None,
    ids: Mapping[str, Any] | None = None,
    status: int | None = None,
) -> None:
    """Add an entry. What a customer's people do concerns their customer; else `customer_id` says whom."""
    Entry.objects.create(
        at=datetime.now(UTC),
        action=action[:120],
        person_id=access.person_id if access else None,
        token_id=access.token_id if access else None,
        role=access.role if access else "",
        customer_id=(access.customer_id if access else None) or customer_id,
        ids=dict(ids or {}),
        status=status,
    )


def last_change(ids: Mapping[str, int | str]) -> LastChange | None:
    """The last successful change of the thing these ids name; None when none is recorded."""
    if not ids:
        return None
    found = Entry.objects.filter(ids__contains=dict(ids), status__lt=400).order_by("-at", "-pk").first()
    if found is None:
        return None
    return LastChange(name_of(found), found.at)


def name_of(entry: Entry) -> str:
    """The person, the token when it is nobody's, or the role where neither may be seen."""
    person = Person.objects.filter(pk=entry.person_id).first() if entry.person_id else None
    if person is not None:
        return person.display_name
    token = ApiToken.objects.filter(pk=entry.token_id).first() if entry.token_id else None
    return token.name if token else word_of_role(entry.role)
