"""Fields and states of records in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kiestoon.portal.number_database.models import Comparison, Difference, Entry


@dataclass(frozen=True)
class State:
    """Key of a status (ok, wait, warn, bad, off) and its words."""

    key: str
    words: str


def field_words() -> dict[str, str]:
    """By the fields of a record."""
    return {
        "number": _("Number"),
        "last_name": _("Last name"),
        "first_name": _("First name"),
        "initials": _("Initials"),
        "company": _("Company"),
        "street": _("Street"),
        "house_number": _("House number"),
        "box": _("Box"),
        "postcode": _("Postcode"),
        "municipality": _("Municipality"),
        "kind": _("Fixed or mobile"),
        "nomadic": _("Also used elsewhere"),
        "directory": _("In telephone directories"),
        "professional_activity": _("Professional activity"),
        "do_not_call": _("No calls for advertising"),
        "operator": _("Operator"),
        "name": _("Name"),
        "address": _("Address"),
    }


def in_words(name: str, value: Any) -> str:
    """A value of a record."""
    if name == "kind":
        return _("Mobile") if value == "mobile" else _("Fixed")
    if name == "nomadic" and value is None:
        return _("Not known")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value or "–")


def state_of(
    record: dict[str, Any] | None, missing: str, entry: Entry | None, different: Difference | None
) -> State:
    """Whether the database has what is true now."""
    if record is None:
        return State(
            "bad", _("Not sent: %(field)s is missing") % {"field": field_words().get(missing, missing)}
        )
    if entry is not None and entry.error:
        return State("bad", _("Refused there: %(why)s") % {"why": entry.error})
    if different is not None and (entry is None or entry.record != record):
        return State("warn", _("There is something else there; it is put right with the next feed"))
    if entry is None or entry.record is None:
        return State("wait", _("Will be sent tonight"))
    if entry.record != record:
        return State("wait", _("Changed; the change is sent tonight"))
    return State("ok", _("As it is there"))


def difference_words(kind: str) -> str:
    return {
        "missing": _("Not there"),
        "unexpected": _("There, but not a number of ours"),
        "different": _("Something else is there"),
    }.get(kind, kind)


def latest_differences(comparison: Comparison | None, numbers: list[str]) -> dict[str, Difference]:
    """Of the newest comparison, by number."""
    if comparison is None:
        return {}
    return {one.number: one for one in comparison.found.filter(number__in=numbers)}
