"""Raw bytes to a SIP server over UDP, TCP, TLS, WS and WSS, as somebody sends them who obeys no standard."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import struct
from collections.abc import Iterator

from tests.sim.sip.transport import trust
from tests.sim.sip.websocket import BINARY, TEXT, encode_frame

SERVERS = {
    "udp": ("127.0.0.1", 5060),
    "tcp": ("127.0.0.1", 5060),
    "tls": ("127.0.0.1", 5061),
    "ws": ("127.0.0.1", 8080),
    "wss": ("127.0.0.1", 8443),
}
TRANSPORTS = tuple(SERVERS)
UDP_MOST = 65_507


class Wire:
    """One socket to the server; `send` takes any bytes, `receive` gives what is there or b""."""

    def __init__(self, transport: str, source: str, *, timeout: float = 2.0) -> None:
        self.transport = transport
        self.source = source
        self._framed = transport in ("ws", "wss")
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        plain = socket.socket(socket.AF_INET, kind)
        try:
            plain.settimeout(timeout)
            plain.bind((source, 0))
            plain.connect(SERVERS[transport])
            self.socket: socket.socket = (
                trust(None).wrap_socket(plain) if transport in ("tls", "wss") else plain
            )
        except OSError:
            plain.close()
            raise
        if self._framed:
            try:
                self._upgrade()
            except OSError:
                self.close()
                raise

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def _upgrade(self) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n"
            "Origin: http://localhost\r\n\r\n".encode()
        )
        answer = self.socket.recv(4096)
        if b" 101 " not in answer.split(b"\r\n", 1)[0] + b" ":
            raise ConnectionError("no upgrade")

    def send(self, data: bytes, *, binary: bool = False) -> bool:
        """One message, in a frame of its own over WebSocket; False when the connection is gone."""
        if self.transport == "udp":
            data = data[:UDP_MOST]
        elif self._framed:
            data = encode_frame(BINARY if binary else TEXT, data, os.urandom(4))
        return self.send_raw(data)

    def send_raw(self, data: bytes) -> bool:
        """The bytes as they are: over WebSocket without a frame."""
        try:
            if self.transport == "udp":
                self.socket.send(data)
            else:
                self.socket.sendall(data)
        except (OSError, ssl.SSLError):
            return False
        return True

    def receive(self, within: float = 0.5) -> bytes:
        """Whatever comes first; b"" for nothing, or an end."""
        self.socket.settimeout(within)
        try:
            return self.socket.recv(65_535)
        except (OSError, ssl.SSLError):
            return b""

    def close(self) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            self.socket.close()


@contextlib.contextmanager
def wire(transport: str, source: str) -> Iterator[Wire]:
    found = Wire(transport, source)
    try:
        yield found
    finally:
        found.close()


def junk_frames() -> dict[str, bytes]:
    """Bytes that are no proper WebSocket frames (RFC 6455 section 5), or that nobody expects."""
    mask = b"\1\2\3\4"
    return {
        "unmasked": b"\x81\x05hello",
        "reserved bits": b"\xf1\x80" + mask,
        "reserved opcode": b"\x83\x80" + mask,
        "length of 2^63": b"\x81\xff" + struct.pack("!Q", 1 << 63) + mask,
        "length of 4 GiB, then nothing": b"\x81\xff" + struct.pack("!Q", 1 << 32) + mask,
        "length not minimal": b"\x81\xfe\x00\x02" + mask + b"ab",
        "cut in the head": b"\x81",
        "cut in the payload": b"\x81\xfe\x01\x00" + mask + b"abc",
        "empty text": b"\x81\x80" + mask,
        "continuation of nothing": b"\x80\x85" + mask + b"hello",
        "fragments without end": (b"\x01\x81" + mask + b"x") + (b"\x00\x81" + mask + b"y") * 200,
        "ping too long": b"\x89\xfe\x01\x00" + mask + b"p" * 256,
        "pongs nobody asked for": (b"\x8a\x80" + mask) * 200,
        "close with a bad code": b"\x88\x82" + mask + b"\xff\xff",
        "close twice": (b"\x88\x80" + mask) * 2,
        "not UTF-8": encode_frame(TEXT, b"\xff\xfe\xfd" * 20, mask),
        "noise": bytes(range(256)) * 8,
    }
