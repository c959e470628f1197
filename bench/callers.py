"""People who dial 112 over TCP, as telephones do: connections kept open, and opened again when they are lost.

Standard library only. Nobody signs in: each claims a line of the bench world, as a telephone with a wrong
password would.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
import uuid
from dataclasses import dataclass, field

from bench.centre import headers, read_message

EDGE = ("127.0.0.1", 5060)
HERE = "127.0.0.6"
PATIENCE_SECONDS = 32.0
"""Timer B of RFC 3261: so long a telephone waits for anything at all."""
RECONNECT_SECONDS = 0.2
TALK_SECONDS = 0.2


class Lost(Exception):
    """The connection ended."""


@dataclass
class Tally:
    """How calls went. `again`: INVITEs sent once more over a new connection, as the old one was lost."""

    setup_ms: list[float] = field(default_factory=list)
    sent: int = 0
    again: int = 0
    failed: list[str] = field(default_factory=list)


class Line:
    """One telephone: one connection, one call at a time on it or several."""

    def __init__(self, user: str) -> None:
        self._user = user
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[str, asyncio.Queue[bytes | None]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()

    async def call(self, tally: Tally) -> None:
        """Dial 112, talk for a moment, hang up; a lost connection is opened again and the call made again."""
        begun = time.monotonic()
        tally.sent += 1
        while (left := begun + PATIENCE_SECONDS - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._attempt(begun, tally), left)
                return
            except (Lost, OSError):
                tally.again += 1
                await asyncio.sleep(RECONNECT_SECONDS)
            except TimeoutError:
                break
        tally.failed.append("nothing within Timer B")

    async def _attempt(self, begun: float, tally: Tally) -> None:
        call = uuid.uuid4().hex
        answers = self._answers[call] = asyncio.Queue()
        try:
            writer = await self._connected()
            tag = f"<sip:{self._user}@pbx.bench.invalid>;tag={call[:8]}"
            writer.write(
                _request("INVITE", "sip:112@127.0.0.1", call, 1, tag, "<sip:112@127.0.0.1>", sdp=True)
            )
            await writer.drain()
            while True:
                answer = await answers.get()
                if answer is None:
                    raise Lost
                status = int(answer.split(b" ", 2)[1])
                if status >= 200:
                    break
            took = (time.monotonic() - begun) * 1000
            if status != 200:
                tally.failed.append(f"answered {status}")
                return
            tally.setup_ms.append(took)
            with contextlib.suppress(Lost, OSError, TimeoutError):
                await asyncio.wait_for(self._end(answer, call, tag, answers), 5)
        finally:
            del self._answers[call]

    async def _end(self, answer: bytes, call: str, tag: str, answers: asyncio.Queue[bytes | None]) -> None:
        to = headers(answer, "To")[0]
        contact = re.search(r"<([^>]+)>", headers(answer, "Contact")[0])
        uri = contact.group(1) if contact else "sip:112@127.0.0.1"
        routes = headers(answer, "Record-Route")[::-1]
        writer = await self._connected()
        writer.write(_request("ACK", uri, call, 1, tag, to, routes))
        await asyncio.sleep(TALK_SECONDS)
        writer = await self._connected()
        writer.write(_request("BYE", uri, call, 2, tag, to, routes))
        await answers.get()

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._opening:
            if self._writer is None:
                reader, self._writer = await asyncio.open_connection(*EDGE, local_addr=(HERE, 0))
                self._reading = asyncio.create_task(self._read(reader))
            return self._writer

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                message = await read_message(reader)
                waiting = self._answers.get((headers(message, "Call-ID") or [""])[0])
                if waiting is not None:
                    waiting.put_nowait(message)
        except (asyncio.IncompleteReadError, OSError):
            pass
        if self._writer is not None:
            self._writer.close()
        self._writer = None
        for waiting in self._answers.values():
            waiting.put_nowait(None)


def _request(
    method: str,
    uri: str,
    call: str,
    cseq: int,
    from_: str,
    to: str,
    routes: list[str] | None = None,
    sdp: bool = False,
) -> bytes:
    body = (
        f"v=0\r\no=- 1 1 IN IP4 {HERE}\r\ns=-\r\nc=IN IP4 {HERE}\r\nt=0 0\r\nm=audio 6200 RTP/AVP 8\r\n"
        if sdp
        else ""
    )
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/TCP {HERE}:5090;branch=z9hG4bK{uuid.uuid4().hex};rport",
        "Max-Forwards: 70",
        f"From: {from_}",
        f"To: {to}",
        f"Call-ID: {call}",
        f"CSeq: {cseq} {method}",
        f"Contact: <sip:{HERE}:5090;transport=tcp>",
        *(f"Route: {route}" for route in routes or []),
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def dial(calls: int, rate: float, lines: int = 40) -> Tally:
    """So many calls, `rate` a second, in turn over the telephones; returns when the last has ended."""
    tally = Tally()
    phones = [Line(f"u{number:04d}") for number in range(1, lines + 1)]
    tasks = []
    start = time.monotonic()
    for number in range(calls):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(phones[number % lines].call(tally)))
    await asyncio.gather(*tasks)
    for phone in phones:
        await phone.close()
    return tally
