"""RTP packets (RFC 3550), telephone events (RFC 4733) and the RTCP reports an endpoint makes."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass

DIGITS = "0123456789*#ABCD"
NTP_EPOCH = 2208988800


@dataclass(frozen=True)
class RtpPacket:
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def encode(self) -> bytes:
        second = self.payload_type | (0x80 if self.marker else 0)
        return struct.pack("!BBHII", 0x80, second, self.sequence, self.timestamp, self.ssrc) + self.payload


def parse_rtp(data: bytes) -> RtpPacket | None:
    """None when this is not RTP version 2."""
    if len(data) < 12 or data[0] >> 6 != 2 or 72 <= data[1] & 0x7F <= 79:
        return None
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    at = 12 + 4 * (first & 0x0F)
    if first & 0x10 and len(data) >= at + 4:
        at += 4 + 4 * struct.unpack_from("!H", data, at + 2)[0]
    end = len(data) - (data[-1] if first & 0x20 else 0)
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, data[at:end], bool(second & 0x80))


def event_payload(digit: str, duration: int, end: bool, volume: int = 10) -> bytes:
    """A telephone-event payload; `duration` in timestamp units."""
    return struct.pack("!BBH", DIGITS.index(digit), volume | (0x80 if end else 0), duration)


def event_digit(payload: bytes) -> str | None:
    return DIGITS[payload[0]] if len(payload) >= 4 and payload[0] < len(DIGITS) else None


@dataclass
class Reception:
    """What was received from one source (RFC 3550 appendix A.3 and A.8)."""

    ssrc: int
    base: int
    highest: int
    received: int = 0
    jitter: float = 0.0
    _transit: float | None = None
    _expected_before: int = 0
    _received_before: int = 0
    last_report: int = 0
    last_report_at: float = 0.0

    def add(self, packet: RtpPacket, now: float) -> None:
        """Count one packet; sequence numbers are extended over their wrap."""
        delta = (packet.sequence - self.highest) & 0xFFFF
        if 0 < delta < 0x8000:
            self.highest += delta
        self.received += 1
        transit = now * 8000 - packet.timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < 8000:
                self.jitter += (difference - self.jitter) / 16
        self._transit = transit

    @property
    def expected(self) -> int:
        return self.highest - self.base + 1

    @property
    def lost(self) -> int:
        return max(0, self.expected - self.received)

    def block(self, now: float) -> bytes:
        """A report block for this source."""
        expected = self.expected - self._expected_before
        lost = expected - (self.received - self._received_before)
        self._expected_before, self._received_before = self.expected, self.received
        fraction = max(0, min(255, lost * 256 // expected)) if expected > 0 else 0
        delay = int((now - self.last_report_at) * 65536) if self.last_report else 0
        return struct.pack(
            "!IIIIII",
            self.ssrc,
            fraction << 24 | min(self.lost, 0x7FFFFF),
            self.highest & 0xFFFFFFFF,
            int(self.jitter),
            self.last_report,
            delay & 0xFFFFFFFF,
        )


def sender_report(ssrc: int, timestamp: int, packets: int, octets: int, blocks: list[bytes]) -> bytes:
    """SR and SDES (CNAME) as one compound packet."""
    moment = time.time() + NTP_EPOCH
    seconds, fraction = int(moment), int(moment % 1 * 2**32)
    length = 6 + 6 * len(blocks)
    head = struct.pack("!BBH", 0x80 | len(blocks), 200, length)
    body = struct.pack("!IIIIII", ssrc, seconds, fraction, timestamp, packets, octets)
    return head + body + b"".join(blocks) + _description(ssrc)


def _description(ssrc: int) -> bytes:
    name = f"sim-{ssrc:08x}@invalid".encode()
    chunk = struct.pack("!IBB", ssrc, 1, len(name)) + name + b"\0"
    chunk += b"\0" * (-len(chunk) % 4)
    return struct.pack("!BBH", 0x81, 202, len(chunk) // 4) + chunk


def parse_report(data: bytes) -> list[tuple[int, int, list[tuple[int, float, int]]]]:
    """(sender, middle of its NTP time or 0, [(source, fraction lost, lost)]) of each SR and RR."""
    reports = []
    while len(data) >= 8:
        first, kind, length = struct.unpack_from("!BBH", data)
        size = 4 * (length + 1)
        if kind in (200, 201) and len(data) >= size:
            at = 28 if kind == 200 else 8
            ssrc = struct.unpack_from("!I", data, 4)[0]
            middle = (struct.unpack_from("!Q", data, 8)[0] >> 16) & 0xFFFFFFFF if kind == 200 else 0
            blocks = []
            for n in range(first & 0x1F):
                source, loss = struct.unpack_from("!II", data, at + 24 * n)
                blocks.append((source, (loss >> 24) / 256, loss & 0xFFFFFF))
            reports.append((ssrc, middle, blocks))
        data = data[size:]
    return reports
