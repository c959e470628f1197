"""An event loop whose time the test moves: what is due runs in order, nothing waits."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class Timer:
    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Clockwork:
    """Has of an event loop what clock, player and call ask for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = itertools.count()
        self.readers: dict[int, Callable[[], object]] = {}

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[..., object], *args: object) -> Timer:
        timer = Timer(lambda: callback(*args))
        heapq.heappush(self._timers, (when, next(self._count), timer))
        return timer

    def call_later(self, delay: float, callback: Callable[..., object], *args: object) -> Timer:
        return self.call_at(self.now + delay, callback, *args)

    def call_soon(self, callback: Callable[..., object], *args: object) -> Timer:
        return self.call_at(self.now, callback, *args)

    def add_reader(self, file: object, callback: Callable[[], object]) -> None:
        self.readers[file.fileno()] = callback  # type: ignore[attr-defined]

    def remove_reader(self, file: object) -> None:
        self.readers.pop(file.fileno(), None)  # type: ignore[attr-defined]

    def run(self, seconds: float) -> None:
        """Let this much time pass."""
        until = self.now + seconds
        while self._timers and self._timers[0][0] <= until:
            when, _, timer = heapq.heappop(self._timers)
            self.now = max(self.now, when)
            if timer.callback is not None:
                timer.callback()
        self.now = until
