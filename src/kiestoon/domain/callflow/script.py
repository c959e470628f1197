"""What each announcement says, what it asks, and what it says to the answer; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

FILE: Final = "(file)"
"""Stands for the spoken file that comes with the call."""

AnswerKey = str


@dataclass(frozen=True, slots=True)
class Script:
    """`opening` is said; then, when `answers` has any, one of its digits is waited for.

    Items are prompt keys (attendant.texts) or FILE. `answers` gives for each digit the result and what is
    said then; `silence` is said when none of them came in time (result "none").
    """

    opening: tuple[str, ...]
    answers: Mapping[AnswerKey, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    silence: tuple[str, ...] = ()
    wait_seconds: float = 0.0
    """For a digit, after all is said."""
    records: str = ""
    """Kind of the journal event that tells the result; "" when nothing is asked."""


_SCRIPTS: Final[Mapping[str, Script]] = {
    "number-unreachable": Script(("number-unreachable",)),
    "location-unknown": Script(("location-unknown",)),
    "address-read-back": Script(
        ("address-read-back", FILE, "address-right-or-wrong"),
        answers={
            "1": ("right", ("thanks", "goodbye")),
            "2": ("wrong", ("address-wrong", "goodbye")),
        },
        silence=("goodbye",),
        wait_seconds=10.0,
        records="address-check",
    ),
}
_WITHOUT_FILE: Final[Mapping[str, Script]] = {
    "address-read-back": Script(("address-unknown", "goodbye"), records="address-check"),
}


def script_of(name: str, *, has_file: bool) -> Script | None:
    """The script of an announcement; None when there is none of this name.

    `has_file`: the file it reads out exists.
    """
    if not has_file and name in _WITHOUT_FILE:
        return _WITHOUT_FILE[name]
    return _SCRIPTS.get(name)


def prompts_used() -> frozenset[str]:
    """Every prompt key a script may say."""
    found: set[str] = set()
    for script in (*_SCRIPTS.values(), *_WITHOUT_FILE.values()):
        found.update(script.opening, script.silence)
        for _, said in script.answers.values():
            found.update(said)
    return frozenset(found - {FILE})
