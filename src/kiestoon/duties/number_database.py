"""The central number database: what is told of every number, each day (WEC art. 106/2; RD of 10 Feb 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from kiestoon.duties.duty import Duty, Source, belgian_day
from kiestoon.duties.emergency_calls import WEC, WEC_READ

CENTRAL_DATABASE: Final = "https://www.ejustice.just.fgov.be/eli/arrete/2022/02/10/2022040312/justel"

FIELDS: Final = (
    *("number", "last_name", "first_name", "initials", "company"),
    *("street", "house_number", "box", "postcode", "municipality"),
    *("kind", "nomadic", "directory", "professional_activity", "do_not_call", "operator"),
)
"""Exactly these (WEC art. 106/2): who, where installed, fixed or mobile, nomadic, consents, operator."""
LATE_AFTER: Final = timedelta(hours=48)
"""Updated daily (art. 3): a feed that was not answered for two days is late. The margin is ours."""

DUTY: Final = Duty(
    key="number-database",
    title="The central number database knows every number, each day",
    summary="Number, name, place of installation, fixed or mobile, nomadic, consents and operator are fed "
    "daily; the customer sees and corrects them free of charge; a number that ends is deleted there.",
    sources=(
        Source("WEC art. 106/2", WEC, "P", WEC_READ, "copy read"),
        Source("RD Central Database arts. 3, 6, 9, 12-14, 16", CENTRAL_DATABASE, "P", date(2022, 2, 10)),
    ),
    module="kiestoon.duties.number_database",
    test="tests/unit/duties/test_number_database.py::test_a_number_that_ends_is_deleted_there",
    evidence="every batch with its answer, records refused, and each comparison with what is really there",
    applied_at="kiestoon.duties.number_database:changes",
)

Record = Mapping[str, Any]
"""One number's record: the keys are FIELDS."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a feed: `record` for "put" (new or changed), None for "delete"."""

    op: Literal["put", "delete"]
    number: str
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A number about which we and the database do not agree; `fields` when both have it."""

    number: str
    kind: Literal["missing", "unexpected", "different"]
    """missing: it is not there although it was accepted; unexpected: it is there and should not be."""
    fields: tuple[str, ...] = ()


def changes(held: Mapping[str, Record], truth: Mapping[str, Record]) -> list[Change]:
    """What to tell the database, which holds `held`, so that it holds `truth`; deletions first."""
    gone = [Change("delete", number) for number in sorted(held.keys() - truth.keys())]
    new = [
        Change("put", number, truth[number])
        for number in sorted(truth)
        if number not in held or dict(held[number]) != dict(truth[number])
    ]
    return gone + new


def differences(accepted: Mapping[str, Record], there: Mapping[str, Record]) -> list[Difference]:
    """Where what it accepted from us is not what it has."""
    found = []
    for number in sorted(accepted.keys() | there.keys()):
        if number not in there:
            found.append(Difference(number, "missing"))
        elif number not in accepted:
            found.append(Difference(number, "unexpected"))
        else:
            ours, theirs = accepted[number], there[number]
            fields = tuple(name for name in FIELDS if ours.get(name) != theirs.get(name))
            if fields:
                found.append(Difference(number, "different", fields))
    return found


def is_feed_due(last: datetime | None, now: datetime) -> bool:
    """Whether today's feed (Belgian day) was not made yet."""
    return last is None or belgian_day(last) < belgian_day(now)


def is_late(last_answered: datetime | None, begun: datetime, now: datetime) -> bool:
    """Whether the database has not heard from us in time; `begun`: since when there is something to tell."""
    return now - (last_answered or begun) > LATE_AFTER
