"""One RTP stream each way: 20 ms frames out on a shared clock, what comes in kept for a second."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import deque
from collections.abc import Sequence

from tests.sim.media import g711
from tests.sim.media.rtp import (
    Reception,
    RtpPacket,
    event_digit,
    event_payload,
    parse_report,
    parse_rtp,
    sender_report,
)
from tests.sim.media.srtp import Srtp
from tests.sim.media.tone import FRAME, SILENT_FRAMES, pitch, power, share

FRAME_SECONDS = 0.02
FRESH = 0.12
"""Audio older than this is not what is heard now."""
REPORT_FRAMES = 50
SPEECH_POWER = 100_000.0
"""Mean power of quiet speech (-40 dB of full scale)."""
Frames = Sequence[bytes]


class Clock:
    """Ticks every 20 ms while somebody sends; one per event loop, so a hundred calls cost one timer."""

    _clocks: dict[int, Clock] = {}

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._senders: set[RtpEndpoint] = set()
        self._next = 0.0
        self._running = False

    @classmethod
    def current(cls) -> Clock:
        key = id(asyncio.get_running_loop())
        clock = cls._clocks.get(key)
        if clock is None or clock._loop is not asyncio.get_running_loop():
            clock = cls._clocks[key] = cls()
        return clock

    def add(self, endpoint: RtpEndpoint) -> None:
        self._senders.add(endpoint)
        if not self._running:
            self._running = True
            self._next = self._loop.time()
            self._loop.call_soon(self._tick)

    def remove(self, endpoint: RtpEndpoint) -> None:
        self._senders.discard(endpoint)

    def _tick(self) -> None:
        if not self._senders:
            self._running = False
            return
        for sender in tuple(self._senders):
            sender.tick()
        # After a pause the frames that were missed stay unsent: a burst would overrun jitter buffers.
        self._next = max(self._next + FRAME_SECONDS, self._loop.time() - 3 * FRAME_SECONDS)
        self._loop.call_at(self._next, self._tick)


class _Socket(asyncio.DatagramProtocol):
    """A UDP socket that hands datagrams to one method."""

    def __init__(self, endpoint: RtpEndpoint, rtcp: bool) -> None:
        self._endpoint, self._rtcp = endpoint, rtcp

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if self._rtcp:
            self._endpoint.receive_rtcp(data)
        else:
            self._endpoint.receive_rtp(data)

    def error_received(self, error: Exception) -> None:
        """ICMP port unreachable: the other side has gone or not come yet."""


class RtpEndpoint:
    """Sends tones, speech or silence; hears tones, counts packets and losses, reads digits."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self.frames: Frames = SILENT_FRAMES
        self.drop = 0.0
        """Share of our packets that are lost on purpose."""
        self.reorder = 0.0
        """Share of our packets that are sent after their successor."""
        self.payload_type = 8
        self.event_payload_type: int | None = 101
        self.sent = 0
        self.digits = ""
        self.reported_loss = 0.0
        """Share the other side last reported losing of what we send."""
        self.rtcp_received = 0
        self.rejected = 0
        """SRTP packets that could not be opened."""
        self.tones: dict[int, int] = {}
        """Frequency heard to how many checks, once a second: what a whole call sounded like."""
        self._remote: tuple[str, int] | None = None
        self._remote_rtcp: tuple[str, int] | None = None
        self._rtp: asyncio.DatagramTransport | None = None
        self._rtcp: asyncio.DatagramTransport | None = None
        self._outbound: Srtp | None = None
        self._inbound: Srtp | None = None
        self._heard: deque[tuple[float, bytes]] = deque(maxlen=50)
        self._sources: dict[int, Reception] = {}
        self._events: deque[bytes] = deque()
        self._event_at = 0
        self._event_stamp = -1
        self._held: bytes | None = None
        self._octets = 0
        self._sequence = secrets.randbelow(30000)
        self._timestamp = secrets.randbits(31)
        self._ssrc = secrets.randbits(32)
        self._frame = 0
        self._loop = asyncio.get_running_loop()

    async def open(self) -> None:
        """Bind an even port for RTP and the next for RTCP."""
        for _ in range(100):
            port = random.randrange(40000, 60000, 2)
            try:
                self._rtp = await self._bind(port, rtcp=False)
            except OSError:
                continue
            try:
                self._rtcp = await self._bind(port + 1, rtcp=True)
            except OSError:
                self._rtp.close()
                continue
            self.port = port
            return
        raise OSError(f"no free pair of ports on {self.host}")

    async def _bind(self, port: int, *, rtcp: bool) -> asyncio.DatagramTransport:
        transport, _ = await self._loop.create_datagram_endpoint(
            lambda: _Socket(self, rtcp), local_addr=(self.host, port)
        )
        return transport

    def connect(self, remote: tuple[str, int], rtcp_port: int = 0) -> None:
        """Where our packets go from now on."""
        self._remote = remote
        self._remote_rtcp = (remote[0], rtcp_port or remote[1] + 1)

    def secure(self, outbound: bytes, inbound: bytes) -> None:
        """Use SRTP with these master keys; the same keys again keep their state."""
        if (outbound, inbound) != getattr(self, "_keys", None):
            self._keys = (outbound, inbound)
            self._outbound, self._inbound = Srtp(outbound), Srtp(inbound)

    def start(self) -> None:
        if self._remote is not None:
            Clock.current().add(self)

    def stop(self) -> None:
        Clock.current().remove(self)

    def close(self) -> None:
        self.stop()
        for transport in (self._rtp, self._rtcp):
            if transport is not None:
                transport.close()

    # ---------------------------------------------------------------- sending

    def tick(self) -> None:
        """One frame; an event of a digit takes the place of audio."""
        self._frame += 1
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
        if self._events:
            self._send_event()
        else:
            frame = self.frames[self._frame % len(self.frames)]
            payload = frame.translate(g711.TO_ULAW) if self.payload_type == 0 else frame
            self._send(self.payload_type, self._timestamp, payload, marker=self.sent == 0)
        if self._frame % REPORT_FRAMES == REPORT_FRAMES // 2:
            self._report()

    def _send(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        data = RtpPacket(payload_type, self._sequence, timestamp, self._ssrc, payload, marker).encode()
        self.sent += 1
        self._octets += len(payload)
        if self._outbound is not None:
            data = self._outbound.protect(data)
        if self._rtp is None or self._rtp.is_closing() or (self.drop and random.random() < self.drop):
            return
        if self.reorder and self._held is None and random.random() < self.reorder:
            self._held = data
            return
        self._rtp.sendto(data, self._remote)
        if self._held is not None:
            self._rtp.sendto(self._held, self._remote)
            self._held = None

    def send_digits(self, digits: str) -> None:
        """Queue telephone events of 100 ms with pauses of 60 ms (RFC 4733)."""
        for digit in digits:
            steps = [event_payload(digit, FRAME * (n + 1), False) for n in range(5)]
            last = event_payload(digit, FRAME * 5, True)
            self._events.extend((b"start", *steps, last, last, last, b"pause", b"pause", b"pause"))

    def _send_event(self) -> None:
        payload = self._events.popleft()
        if payload == b"pause":
            self._send(self.payload_type, self._timestamp, g711.SILENCE * FRAME)
            return
        marker = payload == b"start"
        if marker:
            self._event_at = self._timestamp
            payload = self._events.popleft()
        if self.event_payload_type is not None:
            self._send(self.event_payload_type, self._event_at, payload, marker=marker)

    def _report(self) -> None:
        """RTCP once a second, half a second after the first packet: calls in tests are short."""
        now = self._loop.time()
        blocks = [reception.block(now) for reception in self._sources.values()][-1:]
        report = sender_report(self._ssrc, self._timestamp, self.sent, self._octets, blocks)
        if self._outbound is not None:
            report = self._outbound.protect_rtcp(report)
        if self._rtcp is not None and not self._rtcp.is_closing():
            self._rtcp.sendto(report, self._remote_rtcp)

    # --------------------------------------------------------------- receiving

    def receive_rtp(self, data: bytes) -> None:
        if self._inbound is not None:
            opened = self._inbound.unprotect(data)
            if opened is None:
                self.rejected += 1
                return
            data = opened
        packet = parse_rtp(data)
        if packet is None:
            return
        now = self._loop.time()
        reception = self._sources.get(packet.ssrc)
        if reception is None:
            reception = Reception(packet.ssrc, packet.sequence, packet.sequence)
            self._sources[packet.ssrc] = reception
        reception.add(packet, now)
        if packet.payload_type == self.event_payload_type:
            self._receive_event(packet)
        elif packet.payload_type in (0, 8):
            audio = packet.payload
            self._heard.append((now, audio.translate(g711.TO_ALAW) if packet.payload_type == 0 else audio))
            if reception.received % 50 == 25 and (heard := self.hears_now()) is not None:
                self.tones[heard] = self.tones.get(heard, 0) + 1

    def _receive_event(self, packet: RtpPacket) -> None:
        """A digit counts at its first packet; the others carry the same timestamp."""
        digit = event_digit(packet.payload)
        if digit is not None and packet.timestamp != self._event_stamp:
            self._event_stamp = packet.timestamp
            self.digits += digit

    def receive_rtcp(self, data: bytes) -> None:
        if self._inbound is not None:
            data = self._inbound.unprotect_rtcp(data) or b""
        for sender, middle, blocks in parse_report(data):
            self.rtcp_received += 1
            if sender in self._sources and middle:
                self._sources[sender].last_report = middle
                self._sources[sender].last_report_at = self._loop.time()
            for source, fraction, _ in blocks:
                if source == self._ssrc:
                    self.reported_loss = fraction

    def recent(self, seconds: float = FRESH) -> list[int]:
        """Linear samples that arrived within the last moments."""
        since = self._loop.time() - seconds
        return g711.decode(b"".join(audio for at, audio in self._heard if at >= since))

    def hears(self, frequency: float) -> bool:
        """Is this tone most of what comes in now?"""
        samples = self.recent()
        return len(samples) >= 4 * FRAME and share(samples, frequency) > 0.6

    def hears_now(self) -> int | None:
        """The frequency of the tone that comes in now, if it is one."""
        samples = self.recent()
        return pitch(samples) if len(samples) >= 4 * FRAME else None

    def heard_audio(self, seconds: float = 1.0) -> bytes:
        """A-law audio that arrived within the last moments, at most a second of it."""
        since = self._loop.time() - seconds
        return b"".join(audio for at, audio in self._heard if at >= since)

    @property
    def speaks(self) -> bool:
        """Does something come in that is loud enough to be heard and no single tone?"""
        samples = self.recent(0.4)
        return len(samples) >= 10 * FRAME and power(samples) > SPEECH_POWER and pitch(samples) is None

    @property
    def silence_seconds(self) -> float:
        """How long nothing has come in at all."""
        return self._loop.time() - self._heard[-1][0] if self._heard else float("inf")

    @property
    def received(self) -> int:
        return sum(reception.received for reception in self._sources.values())

    @property
    def lost(self) -> int:
        return sum(reception.lost for reception in self._sources.values())

    @property
    def jitter_ms(self) -> float:
        return max((reception.jitter / 8 for reception in self._sources.values()), default=0.0)
