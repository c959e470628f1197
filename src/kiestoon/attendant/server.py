"""SIP over TCP from the edge: connections, transactions, and which call a message belongs to."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import cast

from kiestoon.attendant import figures, sdp
from kiestoon.attendant.call import ALLOW, Call
from kiestoon.attendant.clock import Clock
from kiestoon.attendant.dialog import next_hop
from kiestoon.attendant.messages import (
    Request,
    Response,
    Stream,
    Unreadable,
    branch_of,
    encode,
    parse,
    response_to,
    tag_of,
)
from kiestoon.attendant.player import NoPort, Player, Ports
from kiestoon.attendant.prompts import PromptStore
from kiestoon.domain.callflow.script import script_of
from kiestoon.domain.routing.instruction import Instruction, NotAnInstruction, from_header
from kiestoon.store.recorder import Recorder
from kiestoon.vocabulary.attendant import HEADER, HOST, PORT, RTP_PORTS
from kiestoon.vocabulary.log_line import note

MAX_CALLS = 400
"""More at a time are refused at once: the edge then ends them as decided."""
RESERVE_BYTES = 4 << 20
"""Of this process's journal segment; an event a call that asked something is little."""
CONNECT_SECONDS = 2.0
LAST_WORDS_SECONDS = 5.0
"""How long calls may go on after SIGTERM."""

logger = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """One TCP connection with the edge, whoever opened it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stream = Stream()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tcp = cast(asyncio.Transport, transport)
        peer = tcp.get_extra_info("peername")
        if not peer or peer[0] != HOST:
            note(logger, logging.WARNING, "foreign-peer")
            tcp.abort()
            return
        tcp.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport = tcp
        self._server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            for whole in self._stream.feed(data):
                self._server.received(self, whole)
        except Unreadable:
            note(logger, logging.WARNING, "unreadable-stream")
            self.close()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, message: Request | Response) -> None:
        """Over this connection; when it is gone, over another."""
        if self._transport is not None and self.is_open:
            self._transport.write(encode(message))
        else:
            self._server.send_anew(message)


class Server:
    """The process: implements `call.House`."""

    def __init__(self, state: Path, loop: asyncio.AbstractEventLoop, *, port: int = PORT) -> None:
        self.loop = loop
        self.prompts = PromptStore(state)
        self.connections: set[Connection] = set()
        self.clock = Clock(loop)
        self._ports = Ports(HOST, RTP_PORTS)
        self._recorder = Recorder(state / "journal", RESERVE_BYTES, RESERVE_BYTES // 2)
        self._port = port
        self._calls: dict[tuple[str, str], Call] = {}
        """By Call-ID and our tag."""
        self._invites: dict[str, Call] = {}
        """By branch, until the INVITE has its final reply."""
        self._listener: asyncio.Server | None = None
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsent: dict[tuple[str, int], list[Request | Response]] = {}
        """What waits for a connection, by where it goes."""

    # ------------------------------------------------------------- on and off

    async def open(self) -> None:
        self._listener = await self.loop.create_server(
            lambda: Connection(self), HOST, self._port, reuse_address=True, backlog=512
        )
        for missing in self.prompts.missing:
            note(logger, logging.ERROR, "prompt-missing", subject=missing)

    async def close(self, patience: float = LAST_WORDS_SECONDS) -> None:
        """Take no more calls, let those in progress end for a while, then end them."""
        self._closing = True
        if self._listener is not None:
            self._listener.close()
        deadline = self.loop.time() + patience
        while self._calls and self.loop.time() < deadline:
            await asyncio.sleep(0.05)
        for call in list(self._calls.values()):
            call.hang_up("stopped")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CONNECT_SECONDS)
        await asyncio.sleep(0.05)  # what was written last leaves
        for connection in list(self.connections):
            connection.close()
        self.clock.stop()

    def __len__(self) -> int:
        return len(self._calls)

    # -------------------------------------------------------------- messages

    def received(self, connection: Connection, whole: bytes) -> None:
        """One message; whatever is wrong with it, the next one is read."""
        try:
            message = parse(whole)
        except ValueError as error:
            note(logger, logging.WARNING, "unreadable-message", text=type(error).__name__)
            return
        try:
            if isinstance(message, Request):
                self._request(connection, message)
            # Responses are to our BYE: whatever they say, the call is over.
        except Exception:
            note(logger, logging.ERROR, "message-failed", method=getattr(message, "method", "response"))
            if isinstance(message, Request) and message.method != "ACK":
                connection.send(response_to(message, 500))

    def _request(self, connection: Connection, request: Request) -> None:
        local = tag_of(request.headers["To"])
        method = request.method
        if method == "CANCEL":
            self._cancel(connection, request)
        elif local:
            call = self._calls.get((request.headers["Call-ID"], local))
            if call is not None and call.dialog.is_of(request):
                call.on_request(connection, request)
            elif method != "ACK":
                connection.send(response_to(request, 481))
        elif method == "INVITE":
            self._invite(connection, request)
        elif method == "OPTIONS":
            response = response_to(request, 200, tag="0")
            response.headers.add("Allow", ALLOW)
            response.headers.add("Accept", sdp.MIME)
            connection.send(response)
        elif method != "ACK":
            response = response_to(request, 405, tag="0")
            response.headers.add("Allow", ALLOW)
            connection.send(response)

    def _cancel(self, connection: Connection, request: Request) -> None:
        call = self._invites.get(branch_of(request))
        if call is None:
            connection.send(response_to(request, 481, tag="0"))
            return
        connection.send(response_to(request, 200, tag=call.tag))
        call.cancel()

    def _invite(self, connection: Connection, invite: Request) -> None:
        if branch_of(invite) in self._invites:
            return  # again; what was answered has been sent over a stream that loses nothing
        code, phrase, instruction = self._refusal(invite)
        if instruction is None or code:
            figures.refused(code)
            response = response_to(invite, code, phrase, tag="0")
            if code == 420:
                response.headers.add("Unsupported", invite.headers.get("Require") or "")
            connection.send(response)
            return
        said = instruction.announcement
        offered = sdp.read(sdp.of_body(invite.headers.get("Content-Type") or "", invite.body))
        if offered is None and (invite.body or said.early):
            # An early announcement without an offer would need a reliable 183, and the caller's PRACK.
            self._refuse(connection, invite, 488)
            return
        file = self.prompts.file(said.text_file)
        script = script_of(said.name, has_file=bool(file))
        if script is None:
            self._refuse(connection, invite, 404)
            return
        try:
            player = Player(self.clock, self._ports, self.loop)
        except NoPort:
            self._refuse(connection, invite, 503)
            return
        try:
            call = Call(self, connection, invite, instruction, script, file, player)
        except ValueError:
            player.close()
            self._refuse(connection, invite, 400)
            return
        self._calls[call.dialog.call_id, call.tag] = call
        self._invites[call.branch] = call
        try:
            call.begin(offered)
        except OSError:  # nowhere to send media to
            call.refuse(488, "Not Acceptable Here", "failed")

    def _refusal(self, invite: Request) -> tuple[int, str, Instruction | None]:
        """(code, phrase, None) of an INVITE that is refused at once; (0, "", what to do) otherwise."""
        if self._closing or len(self._calls) >= MAX_CALLS:
            return 503, "", None
        if invite.headers.get("Require"):
            return 420, "", None
        value = invite.headers.get(HEADER)
        if value is None:
            return 403, "", None
        try:
            return 0, "", from_header(value)
        except NotAnInstruction:
            return 400, "Bad Instruction", None

    def _refuse(self, connection: Connection, invite: Request, code: int) -> None:
        figures.refused(code)
        connection.send(response_to(invite, code, tag="0"))

    # ------------------------------------------------------------ call.House

    def result(self, call: Call, kind: str, result: str) -> None:
        """Journal what came of a question (docs/architecture.md); which key was pressed is said nowhere."""
        instruction = call.instruction
        self._recorder.event(
            kind,
            instruction.call_id,
            call.dialog.call_id,
            user=instruction.user or None,
            result=result,
        )

    def ended(self, call: Call, how: str) -> None:
        self._calls.pop((call.dialog.call_id, call.tag), None)
        self._invites.pop(call.branch, None)
        said = call.instruction.announcement
        figures.ended(said.name, said.language, how)

    # ------------------------------------------------------- lost connections

    def send_anew(self, message: Request | Response) -> None:
        """Over another connection with the edge, which knows its transactions whatever they come by."""
        for connection in self.connections:
            if connection.is_open:
                connection.send(message)
                return
        try:
            hop = next_hop(message)
        except ValueError:
            hop = ("", 0)
        if hop[0] != HOST:
            note(logger, logging.WARNING, "edge-unknown")
            return
        waiting = self._unsent.setdefault(hop, [])
        waiting.append(message)
        if len(waiting) == 1:
            task = self.loop.create_task(self._connect(hop))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, hop: tuple[str, int]) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await self.loop.create_connection(lambda: Connection(self), *hop)
        except (OSError, TimeoutError) as error:
            lost = len(self._unsent.pop(hop))
            note(logger, logging.WARNING, "edge-unreachable", text=type(error).__name__, count=lost)
            return
        for message in self._unsent.pop(hop):
            connection.send(message)
