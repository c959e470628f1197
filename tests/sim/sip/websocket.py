"""SIP over WebSocket (RFC 7118): a minimal client of RFC 6455, with and without TLS."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import secrets
import ssl
import struct

from tests.sim.sip.message import parse_headers
from tests.sim.sip.transport import Receive
from tests.sim.sip.uri import in_uri

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class HandshakeRefused(OSError):
    """The server did not upgrade the connection."""


class WebSocketFlow:
    """One WebSocket connection as a SIP flow; a frame is a message."""

    reliable = True

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, protocol: str, receive: Receive
    ) -> None:
        self.protocol = protocol
        self._reader, self._writer = reader, writer
        self._receive = receive
        self.local: tuple[str, int] = writer.get_extra_info("sockname")[:2]
        self.remote: tuple[str, int] = writer.get_extra_info("peername")[:2]
        self._name = f"{secrets.token_hex(6)}.invalid"
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._read())

    @property
    def sent_by(self) -> str:
        """A browser does not know its address (RFC 7118 section 5)."""
        return self._name

    @property
    def open(self) -> bool:
        return not self._writer.is_closing()

    def send(self, data: bytes) -> None:
        if self.open:
            self._writer.write(encode_frame(TEXT, data, os.urandom(4)))

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self.open:
            self._writer.write(encode_frame(CLOSE, struct.pack("!H", 1000), os.urandom(4)))
            self._writer.close()

    async def _read(self) -> None:
        message = b""
        try:
            while True:
                final, opcode, payload = await self._frame()
                if opcode == PING:
                    self._writer.write(encode_frame(PONG, payload, os.urandom(4)))
                elif opcode == CLOSE:
                    break
                elif opcode != PONG:
                    message += payload
                    if final:
                        self._receive(message, self)
                        message = b""
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self._writer.close()

    async def _frame(self) -> tuple[bool, int, bytes]:
        first, second = await self._reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", await self._reader.readexactly(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", await self._reader.readexactly(8))[0]
        mask = await self._reader.readexactly(4) if second & 0x80 else b""
        payload = await self._reader.readexactly(length)
        return bool(first & 0x80), first & 0x0F, _masked(payload, mask) if mask else payload


def encode_frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """One final frame; a client masks what it sends (RFC 6455 section 5.3)."""
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
    return head + mask + _masked(payload, mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


def accept_of(key: str) -> str:
    """The Sec-WebSocket-Accept of a key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


async def connect_websocket(
    remote: tuple[str, int], local_ip: str, receive: Receive, *, tls: ssl.SSLContext | None, name: str
) -> WebSocketFlow:
    """Connect and upgrade with the sub-protocol sip."""
    reader, writer = await asyncio.open_connection(
        *remote, local_addr=(local_ip, 0), ssl=tls, server_hostname=name if tls else None
    )
    key = base64.b64encode(os.urandom(16)).decode()
    scheme = "https" if tls else "http"
    lines = (
        "GET / HTTP/1.1",
        f"Host: {in_uri(remote[0])}:{remote[1]}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Protocol: sip",
        "Sec-WebSocket-Version: 13",
        f"Origin: {scheme}://{name}",
        "",
        "",
    )
    writer.write("\r\n".join(lines).encode())
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode().splitlines()
    headers = parse_headers(head[1:])
    if " 101 " not in head[0] or headers.get("Sec-WebSocket-Accept") != accept_of(key):
        writer.close()
        raise HandshakeRefused(f"no upgrade to WebSocket: {head[0]}")
    if headers.get("Sec-WebSocket-Protocol").lower() != "sip":
        writer.close()
        raise HandshakeRefused("the server did not choose the sub-protocol sip (RFC 7118 section 4.1)")
    flow = WebSocketFlow(reader, writer, "WSS" if tls else "WS", receive)
    flow.start()
    return flow
