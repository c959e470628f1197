"""A socket filter in the kernel that passes telephone events only: the caller's audio costs nothing.

Without it each listener wakes the process fifty times a second for sound nobody hears.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from functools import cache
from typing import Final

_ATTACH: Final = 26
"""SO_ATTACH_FILTER of Linux (socket(7))."""
_LOAD_BYTE, _AND, _JUMP_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_PAYLOAD_TYPE_AT = 9
"""The filter sees the 8 bytes of the UDP header before the RTP header."""


@cache
def _program(payload_type: int) -> tuple[bytes, ctypes.Array[ctypes.c_char]]:
    """(struct sock_fprog, the code it points to, which must stay alive)."""
    steps = (
        (_LOAD_BYTE, 0, 0, _PAYLOAD_TYPE_AT),
        (_AND, 0, 0, 0x7F),
        (_JUMP_EQUAL, 0, 1, payload_type),
        (_RETURN, 0, 0, 0xFFFF),
        (_RETURN, 0, 0, 0),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    return struct.pack("HP", len(steps), ctypes.addressof(code)), code


def only_events(sock: socket.socket, payload_type: int) -> None:
    """Drop everything but RTP of this payload type, in the kernel; replaces an earlier filter."""
    sock.setsockopt(socket.SOL_SOCKET, _ATTACH, _program(payload_type)[0])
