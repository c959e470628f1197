"""All duties, and the evidence and activation checks that other chapters register for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kiestoon.duties import (
    call_barring,
    calling_line_identity,
    emergency_calls,
    emergency_notice,
    malicious_calls,
    nomadic_emergency_calls,
    number_database,
    redundant_access,
    spoofed_numbers,
)
from kiestoon.duties.duty import Duty, Evidence

DUTIES: tuple[Duty, ...] = (
    emergency_calls.DUTY,
    nomadic_emergency_calls.DUTY,
    calling_line_identity.DUTY,
    call_barring.DUTY,
    spoofed_numbers.DUTY,
    emergency_notice.DUTY,
    number_database.DUTY,
    redundant_access.DUTY,
    malicious_calls.DUTY,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something regulated may not be activated, and what would help; both are shown to the person."""

    duty: str
    why: str
    what_helps: str


Check = Callable[[Any], Refusal | None]
"""Looks at what is to be activated (a user, a number, an order); None when this duty is satisfied."""


class UnknownDuty(KeyError):
    """Evidence or a check was registered under a key no duty has."""


@dataclass(slots=True)
class Register:
    """What fills the duties at run time; the portal holds one."""

    _evidence: dict[str, Evidence] = field(default_factory=dict)
    _checks: dict[str, list[tuple[str, Check]]] = field(default_factory=dict)

    def provide(self, key: str, evidence: Evidence) -> None:
        """Say what proves a duty."""
        self._evidence[_known(key)] = evidence

    def evidence(self, key: str) -> Evidence:
        return self._evidence[_known(key)]

    def missing(self) -> list[str]:
        """Keys of duties nothing proves."""
        return [duty.key for duty in DUTIES if duty.key not in self._evidence]

    def check_activation(self, of: str, key: str, check: Check) -> None:
        """Add a duty check to the activation of a kind of thing ("number", "user", "trunk")."""
        self._checks.setdefault(of, []).append((_known(key), check))

    def kinds(self) -> list[str]:
        """Kinds of things whose activation is checked."""
        return sorted(self._checks)

    def refusals(self, of: str, subject: Any) -> Iterator[Refusal]:
        """Every duty that stands in the way of activating this."""
        for _, check in self._checks.get(of, []):
            refusal = check(subject)
            if refusal is not None:
                yield refusal


def duty(key: str) -> Duty:
    """The duty of this key; UnknownDuty when there is none."""
    for one in DUTIES:
        if one.key == key:
            return one
    raise UnknownDuty(key)


def _known(key: str) -> str:
    return duty(key).key
