"""The trail as a list, of whoever may read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from kiestoon.portal.audit.models import Entry
from kiestoon.portal.audit.words import word_of_factor, words_of
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import ApiToken, Person
from kiestoon.portal.people.scopes import word_of_role


@dataclass(frozen=True)
class Row:
    """An entry in words. `who` is empty of somebody the reader may not see, then `role` says enough; `what`
    of an action without words, then its name does."""

    entry: Entry
    who: str
    token: str
    role: str
    what: str
    on: str
    customer: str


def visible_entries(access: Access) -> QuerySet[Entry]:
    """Newest first; a customer's people see what concerns their customer."""
    return access.visible(Entry.objects.order_by("-at", "-pk"))


def rows_of(entries: Iterable[Entry]) -> Iterator[Row]:
    """With the names of people and tokens, which are looked up together."""
    found = list(entries)
    ids = {entry.person_id for entry in found} | {entry.ids.get("person_id") for entry in found}
    people = Person.objects.in_bulk([one for one in ids if isinstance(one, int)])
    tokens = ApiToken.objects.in_bulk([entry.token_id for entry in found if entry.token_id])
    customers = Customer.objects.in_bulk([entry.customer_id for entry in found if entry.customer_id])
    for entry in found:
        person = people.get(entry.person_id or 0)
        token = tokens.get(entry.token_id or 0)
        yield Row(
            entry,
            person.display_name if person else "",
            token.name if token else "",
            word_of_role(entry.role) if entry.role else "",
            words_of(entry.action),
            ", ".join(_on(name, key, people) for name, key in entry.ids.items()),
            customers[entry.customer_id].name if entry.customer_id in customers else "",
        )


def _on(name: str, key: object, people: dict[int, Person]) -> str:
    if name == "factor":
        return word_of_factor(str(key))
    person = people.get(key) if name == "person_id" and isinstance(key, int) else None
    return person.display_name if person else f"{name} {key}"
