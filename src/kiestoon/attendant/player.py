"""The media of one call: a connected socket of its own, prompts out, digits in."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import deque
from collections.abc import Callable, Iterable

from kiestoon.attendant.clock import Clock
from kiestoon.attendant.packet_filter import only_events
from kiestoon.attendant.rtp import HEADER, MARKER, VERSION, Event, event_of
from kiestoon.vocabulary.g711 import FRAME, TO_ULAW

PCMA, PCMU = 8, 0
_pack = HEADER.pack
_MOST = 2048


class NoPort(Exception):
    """Every RTP port is taken."""


class Ports:
    """UDP ports for RTP; the one longest unused is given first, so that late packets of a call hit nobody."""

    def __init__(self, host: str, numbers: Iterable[int]) -> None:
        self._host = host
        self._free = deque(numbers)

    def open(self) -> socket.socket:
        """A bound socket; raises NoPort."""
        for _ in range(len(self._free)):
            port = self._free.popleft()
            sock = socket.socket(
                socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
            )
            try:
                sock.bind((self._host, port))
            except OSError:
                sock.close()
                self._free.append(port)
                continue
            return sock
        raise NoPort

    def close(self, sock: socket.socket) -> None:
        port = sock.getsockname()[1]
        sock.close()
        self._free.append(port)


class Player:
    """Sends frames on the common clock; tells of digits at their first packet.

    `on_end` is called when what was played has ended by itself, `on_digit` for each key pressed.
    """

    def __init__(self, clock: Clock, ports: Ports, loop: asyncio.AbstractEventLoop) -> None:
        self._clock, self._ports, self._loop = clock, ports, loop
        self._sock = ports.open()
        self.port: int = self._sock.getsockname()[1]
        self.on_end: Callable[[], None] = _nothing
        self.on_digit: Callable[[str], None] = _ignore
        self.muted = False
        """On hold: what is played goes on unheard."""
        self.lost = 0
        self._payload_type, self._event_type = PCMA, -1
        self._ssrc, self._sequence = random.getrandbits(32), random.getrandbits(15)
        self._base = random.getrandbits(32)
        self._frames: tuple[bytes, ...] = ()
        self._at = 0
        self._mark = MARKER
        self._phase = -1
        self._last: Event | None = None
        self._listening = False
        self._buffer = bytearray(_MOST)

    def connect(self, address: tuple[str, int], payload_type: int, event_type: int | None) -> None:
        """Where the other side is, and what it wants; may be called again (re-INVITE).

        Only packets from there are received. `event_type` None: it sends no telephone events.
        """
        self._payload_type = payload_type
        self._event_type = -1 if event_type is None else event_type
        self._sock.connect(address)
        if event_type is not None:
            only_events(self._sock, event_type)
            if not self._listening:
                self._loop.add_reader(self._sock, self._receive)
                self._listening = True
        elif self._listening:
            self._loop.remove_reader(self._sock)
            self._listening = False

    def play(self, frames: tuple[bytes, ...]) -> None:
        """Begins within 20 ms; takes the place of what is playing."""
        self._frames, self._at, self._mark = frames, 0, MARKER
        if not frames:
            self.stop()
            self._loop.call_soon(self._ended)
        elif self._phase < 0:
            self._phase = self._clock.join(self)

    def stop(self) -> None:
        """Be silent; `on_end` is not called."""
        self._frames = ()
        if self._phase >= 0:
            self._clock.leave(self, self._phase)
            self._phase = -1

    def close(self) -> None:
        self.stop()
        self.on_end, self.on_digit = _nothing, _ignore
        if self._listening:
            self._loop.remove_reader(self._sock)
        self._ports.close(self._sock)

    def tick(self, number: int) -> None:
        """One frame (clock.Talker)."""
        frame = self._frames[self._at]
        self._at += 1
        if not self.muted:
            kind = self._payload_type
            if kind == PCMU:
                frame = frame.translate(TO_ULAW)
            stamp = (self._base + number * FRAME) & 0xFFFFFFFF
            self._sequence = (self._sequence + 1) & 0xFFFF
            try:
                self._sock.send(_pack(VERSION, self._mark | kind, self._sequence, stamp, self._ssrc) + frame)
            except OSError:  # nobody listens there (yet), or the queue is full: it is RTP
                self.lost += 1
            self._mark = 0
        if self._at == len(self._frames):
            self.stop()
            self._ended()

    def _ended(self) -> None:
        self.on_end()

    def _receive(self) -> None:
        try:
            size = self._sock.recv_into(self._buffer)
        except OSError:
            return
        event = event_of(self._buffer, size, self._event_type)
        if event is not None and event != self._last:
            self._last = event
            self.on_digit(event.digit)


def _nothing() -> None:
    """Until somebody wants to know."""


def _ignore(digit: str) -> None:
    """Until somebody wants to know."""
