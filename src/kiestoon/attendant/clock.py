"""One clock of 20 ms for all sessions that say something, cut into phases so that no burst grows long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

TICK: Final = 0.020
PHASES: Final = 4
_COMFORTABLE: Final = 32
"""Sessions one phase takes before the next is opened: few callers then cost few wake-ups."""
_ORDER: Final = (0, 2, 1, 3)
SKIP_AFTER: Final = 0.060
"""A pause longer than this is skipped: the packets of it, sent at once, would overrun everybody's buffers."""


class Timer(Protocol):
    def cancel(self) -> None: ...


class Loop(Protocol):
    """What the clock asks of an event loop."""

    def time(self) -> float: ...

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer: ...


class Talker(Protocol):
    """Something that sends a frame a tick."""

    def tick(self, number: int) -> None:
        """Send the frame of tick `number`, which grows by one every 20 ms."""
        ...


class Clock:
    """Sleeps while nobody talks."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        # Dictionaries keep their order: a talker keeps its place in the burst.
        self._phases: tuple[dict[Talker, None], ...] = tuple({} for _ in range(PHASES))
        self._start = loop.time()
        self._step = 0
        """Phases passed since the start; the one due next."""
        self._timer: Timer | None = None
        self._ticking = False
        self.latest = 0.0
        """The longest a tick came late, in seconds; whoever reads it may set it to 0."""
        self.skipped = 0
        """Ticks left out after pauses."""

    def __len__(self) -> int:
        return sum(map(len, self._phases))

    def join(self, talker: Talker) -> int:
        """Returns the phase, which `leave` wants."""
        phase = next((p for p in _ORDER if len(self._phases[p]) < _COMFORTABLE), None)
        if phase is None:
            phase = min(_ORDER, key=lambda p: len(self._phases[p]))
        self._phases[phase][talker] = None
        if self._timer is None and not self._ticking:
            # A whole number of ticks on: timestamps of all sessions go on growing as time does.
            self._step = (int((self._loop.time() - self._start) / TICK) + 1) * PHASES
            self._arm()
        return phase

    def leave(self, talker: Talker, phase: int) -> None:
        self._phases[phase].pop(talker, None)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self, step: int) -> float:
        return self._start + step * TICK / PHASES

    def _arm(self) -> None:
        for _ in range(PHASES):
            if self._phases[self._step % PHASES]:
                break
            self._step += 1
        self._timer = self._loop.call_at(self._due(self._step), self._tick)

    def _tick(self) -> None:
        self._timer = None
        late = self._loop.time() - self._due(self._step)
        self.latest = max(self.latest, late)
        if late > SKIP_AFTER:
            whole = int(late / TICK)
            self._step += whole * PHASES
            self.skipped += whole
        self._ticking = True
        try:
            while self._due(self._step) <= self._loop.time():
                number, phase = divmod(self._step, PHASES)
                for talker in tuple(self._phases[phase]):
                    talker.tick(number)
                self._step += 1
        finally:
            self._ticking = False
        if len(self):
            self._arm()
