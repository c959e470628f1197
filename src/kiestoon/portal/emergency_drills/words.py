"""Drills in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kiestoon.domain.emergency.drill import Standing
from kiestoon.portal.emergency_drills.models import AddressCheck

STATES: dict[Standing, str] = {"passed": "ok", "failed": "bad", "overdue": "bad", "never": "bad"}
"""Of <c-status>: what nobody has tried lately is as red as what failed."""
CHECK_STATES: dict[str, str] = {"right": "ok", "wrong": "bad", "none": "off"}


def kind_words() -> dict[str, str]:
    return {"desk": _("Desk phone"), "browser": _("Browser phone"), "trunk": _("Customer’s exchange")}


def standing_words(standing: Standing) -> str:
    return {
        "passed": _("In order"),
        "failed": _("Failed"),
        "overdue": _("Too long ago"),
        "never": _("Never tried"),
    }[standing]


def difference_words(row: dict[str, Any]) -> str:
    """A kept difference: what was sent and what arrived."""
    field, sent, arrived = str(row.get("field")), row.get("sent") or "–", row.get("arrived") or "–"
    if field == "call":
        return _("No call arrived at the centre.")
    if field == "is_test":
        return _("The centre did not see that it was a test.")
    name = {
        "number": _("Number"),
        "name": _("Name"),
        "place": _("Place"),
        "path": _("Path"),
    }.get(field, field)
    return _("%(name)s: sent “%(sent)s”, arrived “%(arrived)s”.") % {
        "name": name,
        "sent": sent,
        "arrived": arrived,
    }


def check_words(result: str) -> str:
    return {
        AddressCheck.Result.RIGHT: _("Called right"),
        AddressCheck.Result.WRONG: _("Called wrong"),
        AddressCheck.Result.NONE: _("No answer"),
    }[AddressCheck.Result(result)]
