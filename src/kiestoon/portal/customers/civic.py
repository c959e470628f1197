"""Is an address one? Checked against the municipalities and postcodes of Belgium.

No list of streets is kept: a street that does not exist is taken, and pages say that it was not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kiestoon.belgium.municipalities import (
    PROVINCES,
    Municipality,
    at_postcode,
    find,
    named,
)
from kiestoon.portal.customers.models import CivicFields, inside_words
from kiestoon.vocabulary.address import CivicAddress

HOME = "BE"
_POSTCODE = re.compile(r"[1-9]\d{3}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


@dataclass(frozen=True)
class NewAddress:
    """An address as entered."""

    street: str
    house_number: str
    postcode: str
    municipality: str
    province: str = ""
    house_number_suffix: str = ""
    unit: str = ""
    country: str = HOME
    part: str = ""
    floor: str = ""
    room: str = ""


def check_civic(row: CivicFields, *, abroad: bool = False) -> dict[str, Any]:
    """What is wrong with the address, by field; nothing when it will do.

    Writes the municipality's name as the municipality does, moves the name of a part of it to `part`, and
    fills in an empty province. `abroad`: another country is taken, with nothing to check it against.
    """
    errors: dict[str, Any] = {}
    row.country = row.country.upper()
    if row.country != HOME:
        if not abroad:
            errors["country"] = _(
                "Lines are installed in Belgium: enter BE. Where a phone is while its user travels is said "
                "on the page of emergency locations."
            )
        elif not _COUNTRY.match(row.country):
            errors["country"] = _("Enter a country as two letters, for example FR.")
    elif not _POSTCODE.match(row.postcode):
        errors["postcode"] = _("Enter a Belgian postcode of 4 digits. You entered “%(entered)s”.") % {
            "entered": row.postcode
        }
    elif row.municipality:
        errors = _belonging(row)
    return errors


def vocabulary_address(row: CivicFields) -> CivicAddress:
    """As the call plane has it."""
    return CivicAddress(
        country=row.country,
        A1=row.province,
        A3=row.municipality,
        A4=row.part,
        RD=row.street,
        HNO=row.house_number,
        HNS=row.house_number_suffix,
        FLR=row.floor,
        ROOM=row.room,
        UNIT=row.unit,
        PC=row.postcode,
    )


def civic_words(address: CivicAddress | None) -> str:
    """As people write it; "" for none."""
    if address is None:
        return ""
    part = f" ({address.A4})" if address.A4 else ""
    abroad = "" if address.country == HOME else f", {address.country}"
    line = f"{address.RD} {address.HNO}{address.HNS}, {address.PC} {address.A3}{part}{abroad}"
    inside = inside_words(address.FLR, address.ROOM, address.UNIT)
    return f"{line}, {inside}" if inside else line


def check_whole(row: CivicFields, errors: dict[str, Any]) -> None:
    """ValidationError with these errors and those of the row itself; nothing when there are none."""
    try:
        row.full_clean()
    except ValidationError as error:
        errors = {**error.message_dict, **errors}
    if errors:
        raise ValidationError(errors)


def _belonging(row: CivicFields) -> dict[str, Any]:
    """Errors when postcode and municipality do not belong together; completes the row when they do."""
    found = find(row.postcode, row.municipality)
    if found is not None:
        row.municipality = found.spelled(row.municipality)
        row.province = row.province or PROVINCES[found.province]
        return {}
    there, elsewhere = at_postcode(row.postcode), named(row.municipality)
    if elsewhere:
        return _elsewhere(row, there, elsewhere)
    if not there:
        return {
            "postcode": _("No municipality of Belgium has postcode %(postcode)s.")
            % {"postcode": row.postcode}
        }
    if len(there) == 1 and row.part in ("", row.municipality):
        row.part, row.municipality = row.municipality, there[0].official
        row.province = row.province or PROVINCES[there[0].province]
        return {}
    return {
        "municipality": _(
            "Postcode %(postcode)s is of %(names)s: enter that. The name of a part of it has its own field."
        )
        % {"postcode": row.postcode, "names": _names(there)}
    }


def _elsewhere(
    row: CivicFields, there: tuple[Municipality, ...], elsewhere: tuple[Municipality, ...]
) -> dict[str, Any]:
    values = {
        "postcode": row.postcode,
        "names": _names(there),
        "name": _names(elsewhere),
        "postcodes": ", ".join(postcode for one in elsewhere for postcode in one.postcodes),
    }
    if there:
        return {
            "municipality": _(
                "Postcode %(postcode)s is of %(names)s, and %(name)s has %(postcodes)s: correct one of them."
            )
            % values
        }
    return {
        "postcode": _("No municipality of Belgium has postcode %(postcode)s. %(name)s has %(postcodes)s.")
        % values
    }


def _names(found: tuple[Municipality, ...]) -> str:
    return ", ".join(one.both for one in found)
