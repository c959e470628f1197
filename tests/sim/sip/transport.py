"""Where SIP messages travel: UDP, TCP and TLS (RFC 3261 section 18), IPv4 and IPv6."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from tests.sim.sip.uri import in_uri

Receive = Callable[[bytes, "Flow"], None]


class Flow(Protocol):
    """One way to reach one peer, and back."""

    protocol: str
    local: tuple[str, int]
    remote: tuple[str, int]

    @property
    def reliable(self) -> bool: ...
    @property
    def open(self) -> bool: ...
    @property
    def sent_by(self) -> str: ...
    def send(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class UdpSocket(asyncio.DatagramProtocol):
    """The UDP socket of one address; makes a flow per peer."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None
        self.local = ("", 0)

    @classmethod
    async def bind(cls, host: str, port: int, receive: Receive) -> UdpSocket:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_datagram_endpoint(
            lambda: cls(receive), local_addr=(host, port)
        )
        protocol.local = transport.get_extra_info("sockname")[:2]
        return protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._receive(data, UdpFlow(self, address[:2]))

    def error_received(self, error: Exception) -> None:
        """An ICMP error: the transaction's timer tells what it means."""

    def send(self, data: bytes, remote: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, remote)

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class UdpFlow:
    """One peer of a UDP socket."""

    protocol = "UDP"
    reliable = False

    def __init__(self, sock: UdpSocket, remote: tuple[str, int]) -> None:
        self._socket = sock
        self.local = sock.local
        self.remote = remote

    def send(self, data: bytes) -> None:
        self._socket.send(data, self.remote)

    def towards(self, remote: tuple[str, int]) -> UdpFlow:
        return UdpFlow(self._socket, remote)

    @property
    def open(self) -> bool:
        return self._socket.open

    @property
    def sent_by(self) -> str:
        return f"{in_uri(self.local[0])}:{self.local[1]}"

    def close(self) -> None:
        """The socket belongs to all its flows."""


class StreamFlow(asyncio.Protocol):
    """A TCP or TLS connection; frames by Content-Length."""

    reliable = True

    def __init__(self, protocol: str, receive: Receive) -> None:
        self.protocol = protocol
        self._receive = receive
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self.local = ("", 0)
        self.remote = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.local = transport.get_extra_info("sockname")[:2]
        self.remote = transport.get_extra_info("peername")[:2]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            if self._buffer.startswith(b"\r\n\r\n"):
                self.send(b"\r\n")  # RFC 5626 keep-alive
            self._buffer = self._buffer.lstrip(b"\r\n")
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            length = _content_length(head)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._receive(head + separator + rest[:length], self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def sent_by(self) -> str:
        return f"{in_uri(self.local[0])}:{self.local[1]}"

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-length", b"l") and value.strip().isdigit():
            return int(value)
    return 0


class Sockets:
    """All sockets of one SIP entity: what it listens on and what it has opened."""

    def __init__(self, host: str, port: int, receive: Receive) -> None:
        self.host, self.port = host, port
        self._receive = receive
        self._udp: UdpSocket | None = None
        self._server: asyncio.Server | None = None
        self._streams: list[Flow] = []

    async def listen(self, *, udp: bool = True, tcp: bool = False) -> None:
        if udp:
            self._udp = await UdpSocket.bind(self.host, self.port, self._receive)
            self.port = self._udp.local[1]
        if tcp:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._accepted, self.host, self.port)

    def _accepted(self) -> StreamFlow:
        flow = StreamFlow("TCP", self._receive)
        self._streams.append(flow)
        return flow

    async def reach(self, protocol: str, remote: tuple[str, int]) -> Flow:
        """A flow to a peer: the UDP socket, an open connection, or a new one."""
        if protocol == "UDP":
            if self._udp is None:
                raise OSError("not listening on UDP")
            return UdpFlow(self._udp, remote)
        self._streams = [flow for flow in self._streams if flow.open]
        for flow in self._streams:
            if flow.protocol == protocol and flow.remote == remote:
                return flow
        return await self.connect(protocol, remote)

    async def connect(
        self, protocol: str, remote: tuple[str, int], tls: ssl.SSLContext | None = None, name: str = ""
    ) -> StreamFlow:
        """A new TCP or TLS connection from our address."""
        loop = asyncio.get_running_loop()
        _, flow = await loop.create_connection(
            lambda: StreamFlow(protocol, self._receive),
            *remote,
            local_addr=(self.host, 0),
            ssl=tls,
            server_hostname=(name or remote[0]) if tls else None,
        )
        self._streams.append(flow)
        return flow

    def adopt(self, flow: Flow) -> None:
        """Close this one with the others."""
        self._streams.append(flow)

    def close(self) -> None:
        for flow in self._streams:
            flow.close()
        self._streams.clear()
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._udp is not None:
            self._udp.close()
            self._udp = None


def trust(ca_file: str | None) -> ssl.SSLContext:
    """A client context: verified against the CA given, unverified without one."""
    context = ssl.create_default_context(cafile=ca_file)
    if ca_file is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
