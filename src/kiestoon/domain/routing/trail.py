"""The reasons of a decision, collected in the order they were found."""

from __future__ import annotations

from kiestoon.domain.routing.call import Reason


class Trail:
    """Collects one reason per step taken."""

    __slots__ = ("_reasons",)

    def __init__(self) -> None:
        self._reasons: list[Reason] = []

    def add(self, step: str, result: str, why: str, duty: str | None = None) -> None:
        self._reasons.append(Reason(step, result, why, duty))

    def reasons(self) -> tuple[Reason, ...]:
        return tuple(self._reasons)
