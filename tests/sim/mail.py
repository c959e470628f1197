"""PROCESS a mail server that keeps what it takes, and is strict about RFC 5321 and RFC 5322.

    python -m tests.sim.mail --listen 127.0.1.21:2525 --control 127.0.1.21:8025

Control: GET /messages (oldest first), GET /states, POST /switch {"state"}, POST /forget, POST /refuse
{"addresses"} (550 for these only). States: on, off (port closed), refuses (550 to everybody), later (451),
slow (answers after 5 s).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import email
import email.policy
import re
from typing import Any

from tests.sim.control import Control, Refused

STATES = ("on", "off", "refuses", "later", "slow")
NAME = "mail"
MOST_BYTES = 1 << 20
_PATH = re.compile(r"(?:MAIL FROM|RCPT TO):<([^<>\s]+@[^<>\s]+)>(?: SIZE=\d+)?\Z", re.IGNORECASE)
HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")


class MailServer:
    """What arrived, and how to behave."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self.state = "on"
        self.refused: set[str] = set()
        self.messages: list[dict[str, Any]] = []

    async def listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])
        return self._port

    async def switch(self, state: str) -> None:
        if state not in STATES:
            raise Refused(f"no such state; there are: {', '.join(STATES)}")
        if state == "off" and self._server is not None:
            self._server.close()
            self._server = None
        elif state != "off" and self._server is None:
            await self.listen()
        self.state = state

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            if self.state == "slow":
                await asyncio.sleep(5)
            await _Session(self, reader, writer).run()
        writer.close()


class _Session:
    """One connection, command by command (RFC 5321, section 4.1)."""

    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._greeted = False
        self._sender = ""
        self._recipients: list[str] = []

    async def run(self) -> None:
        await self._say("220 mail.simulator ESMTP")
        while line := await asyncio.wait_for(self._reader.readline(), 30):
            if not line.endswith(b"\r\n"):
                await self._say("500 lines end with CRLF")
                return
            command = line[:-2].decode("ascii", "replace")
            verb = command.split(" ")[0].split(":")[0].upper()
            if verb == "QUIT":
                await self._say("221 bye")
                return
            await self._say(await self._answer(verb, command))

    async def _answer(self, verb: str, command: str) -> str:
        if verb in ("EHLO", "HELO"):
            self._greeted = len(command.split()) == 2
            return "250 mail.simulator" if self._greeted else "501 say who you are"
        if verb in ("RSET", "NOOP"):
            self._sender, self._recipients = ("", []) if verb == "RSET" else (self._sender, self._recipients)
            return "250 as you like"
        if not self._greeted:
            return "503 say EHLO first"
        if verb == "MAIL":
            return self._mail(command)
        if verb == "RCPT":
            return self._rcpt(command)
        if verb == "DATA":
            return await self._data()
        return "502 not known here"

    def _mail(self, command: str) -> str:
        found = _PATH.match(command)
        if found is None or self._sender:
            return "501 MAIL FROM:<address>, once"
        self._sender = found[1]
        return "250 go on"

    def _rcpt(self, command: str) -> str:
        found = _PATH.match(command)
        if found is None:
            return "501 RCPT TO:<address>"
        if not self._sender:
            return "503 MAIL first"
        if self._server.state == "later":
            return "451 4.3.0 try later"
        if self._server.state == "refuses" or found[1] in self._server.refused:
            return "550 5.1.1 no such mailbox"
        self._recipients.append(found[1])
        return "250 will go there"

    async def _data(self) -> str:
        if not self._recipients:
            return "503 RCPT first"
        await self._say("354 end with a dot")
        data = b""
        while not data.endswith(b"\r\n.\r\n") and data != b".\r\n":
            data += await asyncio.wait_for(self._reader.readline(), 30)
            if len(data) > MOST_BYTES:
                return "552 too large"
        problem = what_is_wrong(data)
        if problem:
            return f"554 {problem}"
        message = email.message_from_bytes(_unstuffed(data), policy=email.policy.default)
        body = message.get_body(("plain",))
        row = {"from": self._sender, "to": self._recipients, "subject": str(message["Subject"])}
        row |= {name.lower(): str(message[name]) for name in ("Date", "Message-ID", "Auto-Submitted")}
        text = body.get_content().replace("\r\n", "\n") if body else ""
        self._server.messages.append({**row, "text": text})
        self._sender, self._recipients = "", []
        return f"250 2.0.0 kept as {len(self._server.messages)}"

    async def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")
        await self._writer.drain()


def what_is_wrong(data: bytes) -> str:
    """The first rule a message breaks; "" when none."""
    lines = data.split(b"\r\n")
    if any(b"\n" in line or b"\r" in line for line in lines):
        return "a bare CR or LF (RFC 5321, section 2.3.8)"
    if any(len(line) > 998 for line in lines):
        return "a line of more than 998 characters (RFC 5322, section 2.1.1)"
    if not data.isascii():
        return "8 bits where 8BITMIME was not offered (RFC 6152)"
    message = email.message_from_bytes(data, policy=email.policy.default)
    missing = [name for name in HEADERS if message[name] is None]
    if missing:
        return f"no {', '.join(missing)}"
    return "defects in the headers" if message.defects else ""


def _unstuffed(data: bytes) -> bytes:
    """RFC 5321, section 4.5.2: a line that began with a dot has one more."""
    lines = data.removesuffix(b".\r\n").split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b"..") else line for line in lines)


def control_of(server: MailServer) -> Control:
    """The control interface."""
    control = Control()

    async def messages(_: dict[str, Any]) -> Any:
        return server.messages

    async def states(_: dict[str, Any]) -> Any:
        return {NAME: {"state": server.state, "faults": [one for one in STATES if one not in ("on", "off")]}}

    async def switch(given: dict[str, Any]) -> Any:
        await server.switch(str(given.get("state")))
        return await states({})

    async def forget(_: dict[str, Any]) -> Any:
        server.messages.clear()
        return {}

    async def refuse(given: dict[str, Any]) -> Any:
        server.refused = set(given.get("addresses", ()))
        return {"addresses": sorted(server.refused)}

    control.route("GET", "/messages", messages)
    control.route("GET", "/states", states)
    control.route("POST", "/switch", switch)
    control.route("POST", "/forget", forget)
    control.route("POST", "/refuse", refuse)
    return control


async def serve(listen: str, control: str) -> None:
    host, _, port = listen.rpartition(":")
    server = MailServer(host, int(port))
    await server.listen()
    control_host, _, control_port = control.rpartition(":")
    await control_of(server).listen(control_host, int(control_port))
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", default="127.0.1.21:2525")
    parser.add_argument("--control", default="127.0.1.21:8025")
    given = parser.parse_args()
    asyncio.run(serve(given.listen, given.control))


if __name__ == "__main__":
    main()
