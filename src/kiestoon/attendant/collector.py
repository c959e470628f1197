"""Waits for one of a few digits; the digit may come while the question is still asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol


class Timer(Protocol):
    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Timer]
"""A loop's call_later."""


class Collector:
    """Calls `done` once: with the digit, or with "" when none came in time. Other digits change nothing."""

    def __init__(self, wanted: Collection[str], later: Later, done: Callable[[str], None]) -> None:
        self._wanted = frozenset(wanted)
        self._later = later
        self._done: Callable[[str], None] | None = done
        self._timer: Timer | None = None

    def wait(self, seconds: float) -> None:
        """From now on (the question is asked) the time runs."""
        if self._done is not None and self._timer is None:
            self._timer = self._later(seconds, lambda: self._finish(""))

    def digit(self, digit: str) -> None:
        if digit in self._wanted:
            self._finish(digit)

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        self._done = None
        if self._timer is not None:
            self._timer.cancel()

    def _finish(self, digit: str) -> None:
        done = self._done
        if done is not None:
            self.cancel()
            done(digit)
