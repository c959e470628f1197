"""One number's record for the central number database, from what we know of it (WEC art. 106/2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from kiestoon.belgium.numbering import call_type


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who the number is of: a natural person by name, else a company."""

    company: str = ""
    last_name: str = ""
    first_name: str = ""
    initials: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service is installed; of a mobile number where the subscriber is established."""

    street: str
    house_number: str
    box: str
    postcode: str
    municipality: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the customer chose; nothing is in a directory without consent (art. 133)."""

    directory: bool = False
    professional_activity: str = ""
    activity_consent: bool = False
    do_not_call: bool = False


class IncompleteRecord(ValueError):
    """A record that may not be sent; the message names what is missing."""


def record(
    number: str,
    subscriber: Subscriber,
    place: Place | None,
    wishes: Wishes,
    *,
    nomadic: bool | None,
    operator: str,
) -> dict[str, Any]:
    """The record as its fields are sent. IncompleteRecord without a name or a complete place.

    `number` is E.164; `nomadic` None: not known. A professional activity needs its own consent.
    """
    if place is None:
        raise IncompleteRecord("address")
    for name in ("street", "house_number", "postcode", "municipality"):
        if not getattr(place, name).strip():
            raise IncompleteRecord(name)
    person = bool(subscriber.last_name)
    if not (person or subscriber.company):
        raise IncompleteRecord("name")
    activity = wishes.professional_activity if wishes.activity_consent else ""
    return {
        "number": number,
        "last_name": subscriber.last_name or None,
        "first_name": (subscriber.first_name or None) if person else None,
        "initials": (subscriber.initials or None) if person else None,
        "company": None if person else subscriber.company,
        **{**asdict(place), "box": place.box or None},
        "kind": "mobile" if call_type(number) == "mobile" else "fixed",
        "nomadic": nomadic,
        "directory": wishes.directory,
        "professional_activity": activity or None,
        "do_not_call": wishes.do_not_call,
        "operator": operator,
    }
