"""How long the request at hand has waited: what overload is measured by.

A datagram's age is true: the kernel stamps it when it arrives, and tells the stamp of the one read last. A
stream has no stamp. There a worker counts how long it has been busy without a pause: what has just come to
its turn cannot have waited longer.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import time

SIOCGSTAMPNS = 0x8907
"""Linux, 64 bit: struct timespec of the datagram read last. The first call turns stamping on."""
PAUSE_SECONDS = 0.0002
"""Less than this between two requests is reading and parsing, not rest."""
_STAMP = struct.Struct("qq")
_EMPTY = bytes(_STAMP.size)


class Load:
    """One per edge process; `begin` and `end` stand around each request."""

    def __init__(self) -> None:
        self._began = self._ended = self._busy_since = 0.0
        self._fd: int | None = None

    def begin(self) -> None:
        self._began = now = time.monotonic()
        if now - self._ended > PAUSE_SECONDS:
            self._busy_since = now

    def end(self) -> None:
        self._ended = time.monotonic()

    def waited_ms(self, udp: bool, address: str, port: int) -> float:
        """Of the request at hand, received at this local address and port."""
        if not udp:
            return (self._began - self._busy_since) * 1000
        if self._fd is None:
            self._fd = _udp_socket(address, port)
        try:
            seconds, nanoseconds = _STAMP.unpack(fcntl.ioctl(self._fd, SIOCGSTAMPNS, _EMPTY))
        except OSError:
            return 0.0
        waited = (time.time() - (seconds + nanoseconds / 1e9)) * 1000
        return waited if 0.0 < waited < 60_000.0 else 0.0  # the clock was set


def _udp_socket(address: str, port: int) -> int:
    """This process's descriptor of the socket Kamailio reads; -1 when there is none."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # no socket, a Unix one, or closed meanwhile
            copy = os.dup(int(name))
            try:
                found = socket.socket(fileno=copy)
            except OSError:
                os.close(copy)
                raise
            with found:
                if found.type == socket.SOCK_DGRAM and found.getsockname()[:2] == (address, port):
                    return int(name)
    return -1
