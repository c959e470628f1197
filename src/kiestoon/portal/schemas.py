"""What request and response bodies of the API have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, model_validator


def _moment(at: datetime) -> datetime:
    try:
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo("Europe/Brussels"))).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such moment: its offset leads out of the calendar") from error


Moment = Annotated[datetime, AfterValidator(_moment)]
"""ISO 8601; Europe/Brussels without an offset. In UTC afterwards."""

Language = Literal["nl", "fr", "de", "en"]


class Change(Schema):
    """Body of a PATCH: every field may be left out, none may be null or unknown."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, data: Any) -> Any:
        given = getattr(data, "_obj", data)
        if isinstance(given, dict) and (empty := [name for name, value in given.items() if value is None]):
            raise ValueError(f"leave out what stays as it is instead of null: {', '.join(empty)}")
        return data

    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class Address(Schema):
    """`nis` is the municipality's code, empty abroad; streets are never checked: no list of them is kept."""

    street: str
    house_number: str
    house_number_suffix: str
    floor: str
    room: str
    unit: str
    postcode: str
    municipality: str
    part: str
    province: str
    country: str
    nis: str


class AddressIn(Schema):
    """A civic address: street and house number are obligatory (emergency calls)."""

    model_config = ConfigDict(extra="forbid")
    street: str
    house_number: str
    house_number_suffix: str = ""
    floor: str = ""
    room: str = ""
    unit: str = ""
    postcode: str
    municipality: str
    part: str = ""
    province: str = ""
    country: str = "BE"
