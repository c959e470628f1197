"""An emergency centre that only answers, fast enough to be no part of what is measured.

SIP over TCP on the two addresses of the simulated centre, which is switched off meanwhile. Standard library
only. What arrived is counted once for each Call-ID and path, with or without name and place.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]
PATHS = {"own": "127.0.1.112", "partner": "127.0.1.113"}
PORT = 5060
_LENGTH = re.compile(rb"^(?:content-length|l)\s*:\s*(\d+)", re.IGNORECASE | re.MULTILINE)


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """One SIP message of a stream, keep-alives skipped; raises asyncio.IncompleteReadError at the end."""
    head = await reader.readuntil(b"\r\n\r\n")
    while not head.strip():
        head = await reader.readuntil(b"\r\n\r\n")
    found = _LENGTH.search(head)
    return head + await reader.readexactly(int(found.group(1)) if found else 0)


def headers(message: bytes, name: str) -> list[str]:
    """The values of a header, as lines."""
    head = message.partition(b"\r\n\r\n")[0].decode(errors="replace")
    return re.findall(rf"^{name}\s*:\s*(.*?)\s*$", head, re.IGNORECASE | re.MULTILINE)


@dataclass
class Centre:
    """`silent`: paths that read and never reply; a path in `down` is not listened on."""

    silent: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    calls: dict[str, str] = field(default_factory=dict)
    """SIP Call-ID to the path it came by last."""
    complete: set[str] = field(default_factory=set)
    """Call-IDs that came with place and subscriber."""
    _servers: list[asyncio.Server] = field(default_factory=list)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def __aenter__(self) -> Centre:
        for path, host in PATHS.items():
            if path not in self.down:
                self._servers.append(await asyncio.start_server(self._serve(path), host, PORT))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for writer in tuple(self._writers):
            writer.close()

    def _serve(self, path: str) -> Serve:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            try:
                while True:
                    message = await read_message(reader)
                    if path not in self.silent:
                        self._handle(path, message, writer)
            except (asyncio.IncompleteReadError, OSError):
                writer.close()
            finally:
                self._writers.discard(writer)

        return serve

    def _handle(self, path: str, message: bytes, writer: asyncio.StreamWriter) -> None:
        method = message.partition(b" ")[0]
        if method in (b"ACK", b"SIP/2.0"):
            return
        if method == b"INVITE":
            call_id = headers(message, "Call-ID")[0]
            self.calls[call_id] = path
            if b"application/pidf+xml" in message and b"SubscriberInfo+xml" in message:
                self.complete.add(call_id)
        writer.write(_ok(message, method == b"INVITE", PATHS[path]))


def _ok(request: bytes, invite: bool, host: str) -> bytes:
    lines = ["SIP/2.0 200 OK"]
    for name in ("Via", "From", "To", "Call-ID", "CSeq", *(["Record-Route"] if invite else [])):
        for value in headers(request, name):
            tag = ";tag=centre" if name == "To" and ";tag=" not in value else ""
            lines.append(f"{name}: {value}{tag}")
    body = ""
    if invite:
        lines += [f"Contact: <sip:{host}:{PORT};transport=tcp>", "Content-Type: application/sdp"]
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n"
        )
    return ("\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()
