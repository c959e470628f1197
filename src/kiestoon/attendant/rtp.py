"""RTP packets (RFC 3550) and telephone events (RFC 4733)."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

HEADER: Final = struct.Struct("!BBHII")
VERSION: Final = 0x80
MARKER: Final = 0x80
DIGITS: Final = "0123456789*#ABCD"


class Event(NamedTuple):
    """A telephone event; all packets of one event carry the timestamp of its begin."""

    timestamp: int
    digit: str


def event_of(packet: bytes | bytearray | memoryview, size: int, payload_type: int) -> Event | None:
    """The digit a packet of `size` bytes tells; None when it is none.

    From any packet of the event: the first may be lost, and waiting for its end costs as long as the key is
    pressed.
    """
    if size < 16:
        return None
    first, second, _, timestamp, _ = HEADER.unpack_from(packet)
    if first & 0xC0 != VERSION or second & 0x7F != payload_type:
        return None
    at = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if at + 4 > size:
            return None
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    if at + 4 > size or packet[at] >= len(DIGITS):
        return None
    return Event(timestamp, DIGITS[packet[at]])
