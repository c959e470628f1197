"""What the edge asks of the attendant, as the value of one private header (vocabulary.attendant.HEADER)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from kiestoon.domain.routing.call import Announcement
from kiestoon.vocabulary.attendant import LANGUAGES


@dataclass(frozen=True, slots=True)
class Instruction:
    """An announcement, with the call it belongs to and the refusal that follows an early one."""

    announcement: Announcement
    call_id: str
    """Ours."""
    user: str = ""
    """User name of the caller, "" when it is none of ours."""
    sip_code: int = 480
    sip_reason: str = "Temporarily Unavailable"


class NotAnInstruction(ValueError):
    """The header says nothing the attendant could do; the text says what is wrong, without quoting it."""


def to_header(one: Instruction) -> str:
    said = one.announcement
    return urlencode(
        {
            "name": said.name,
            "language": said.language,
            "early": int(said.early),
            "file": said.text_file,
            "call": one.call_id,
            "user": one.user,
            "code": one.sip_code,
            "reason": one.sip_reason,
        }
    )


def from_header(value: str) -> Instruction:
    """Raises NotAnInstruction."""
    row = dict(parse_qsl(value, keep_blank_values=True))
    try:
        code = int(row["code"])
        announcement = Announcement(row["name"], row["language"], row["early"] == "1", row["file"])
        found = Instruction(announcement, row["call"], row["user"], code, row["reason"])
    except KeyError as error:
        raise NotAnInstruction(f"{error.args[0]} is missing") from None
    except ValueError:
        raise NotAnInstruction("the code is no number") from None
    if announcement.language not in LANGUAGES:
        raise NotAnInstruction("there are no prompts in this language")
    if not 400 <= code <= 699:
        raise NotAnInstruction("the code refuses nothing")
    return found
