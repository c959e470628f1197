"""SIP messages over one connection: a TCP stream (RFC 3261 section 18.3) or a WebSocket (RFC 7118)."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import struct
from pathlib import Path
from typing import Final

_GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MOST: Final = 1 << 17
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class WireBroken(Exception):
    """The connection cannot be made, or ended; the text says which."""


class TcpWire:
    """SIP over TCP from a local address. Blocking, with a limit for each read."""

    name = "TCP"

    def __init__(self, server: tuple[str, int], *, source: str = "", seconds: float = 5.0) -> None:
        self._buffer = b""
        self._socket = _connect(server, source, seconds)

    @property
    def local(self) -> tuple[str, int]:
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def send(self, message: str) -> None:
        _send(self._socket, message.encode())

    def receive(self) -> str:
        """The next whole message."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._buffer = (self._buffer + _read(self._socket)).lstrip(b"\r\n")
        length = 0
        for line in self._buffer[:end].decode(errors="replace").split("\r\n"):
            name, _, value = line.partition(":")
            if name.strip().lower() in ("content-length", "l") and value.strip().isdigit():
                length = int(value)
        if length > _MOST:
            raise WireBroken("a message is too long")
        whole = end + 4 + length
        while len(self._buffer) < whole:
            self._buffer += _read(self._socket)
        message, self._buffer = self._buffer[:whole], self._buffer[whole:].lstrip(b"\r\n")
        return message.decode(errors="replace")

    def close(self) -> None:
        self._socket.close()


class WebSocketWire:
    """SIP over a secure WebSocket, as a browser does. `ca` is who signed the edge's certificate."""

    name = "WSS"

    def __init__(self, server: tuple[str, int], *, ca: Path | None = None, seconds: float = 5.0) -> None:
        plain = _connect(server, "", seconds)
        context = ssl.create_default_context(cafile=str(ca) if ca and ca.exists() else None)
        try:
            self._socket: socket.socket = context.wrap_socket(plain, server_hostname=server[0])
        except (OSError, ssl.SSLError) as error:
            plain.close()
            raise WireBroken(f"TLS failed: {type(error).__name__}") from error
        self._buffer = b""
        try:
            self._shake_hands(server)
        except BaseException:
            self._socket.close()
            raise

    @property
    def local(self) -> tuple[str, int]:
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def _shake_hands(self, server: tuple[str, int]) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET / HTTP/1.1",
            f"Host: {server[0]}:{server[1]}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: sip",
        )
        _send(self._socket, ("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += _read(self._socket)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        wanted = base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest())
        if not head.startswith(b"HTTP/1.1 101") or wanted not in head:
            raise WireBroken("the edge refused the WebSocket")

    def send(self, message: str) -> None:
        self._frame(_TEXT, message.encode())

    def receive(self) -> str:
        """The next message; pings are answered."""
        text = b""
        while True:
            first, kind, data = self._next_frame()
            if kind == _PING:
                self._frame(_PONG, data)
            elif kind == _CLOSE:
                raise WireBroken("the edge closed the WebSocket")
            elif kind != _PONG:
                text += data
                if first & 0x80:
                    return text.decode(errors="replace")

    def close(self) -> None:
        self._socket.close()

    def _frame(self, kind: int, data: bytes) -> None:
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, 0x80 | 127, size)
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
        _send(self._socket, head + mask + masked)

    def _next_frame(self) -> tuple[int, int, bytes]:
        first, second = self._take(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        if size > _MOST:
            raise WireBroken("a frame is too long")
        return first, first & 0x0F, self._take(size)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._buffer += _read(self._socket)
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


Wire = TcpWire | WebSocketWire


def _connect(server: tuple[str, int], source: str, seconds: float) -> socket.socket:
    try:
        made = socket.create_connection(server, seconds, (source, 0) if source else None)
    except OSError as error:
        raise WireBroken(f"no connection to the edge: {error.strerror or type(error).__name__}") from error
    made.settimeout(seconds)
    return made


def _send(connection: socket.socket, data: bytes) -> None:
    try:
        connection.sendall(data)
    except OSError as error:
        raise WireBroken(f"sending failed: {type(error).__name__}") from error


def _read(connection: socket.socket) -> bytes:
    try:
        data = connection.recv(1 << 16)
    except TimeoutError as error:
        raise WireBroken("the edge said nothing in time") from error
    except OSError as error:
        raise WireBroken(f"reading failed: {type(error).__name__}") from error
    if not data:
        raise WireBroken("the edge closed the connection")
    return data
