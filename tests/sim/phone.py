"""A telephone for tests.

    async with Phone("anna", "secret", "demo.kiestoon.test", local_ip="127.0.0.2") as anna, \\
               Phone("bram", "secret", "demo.kiestoon.test", local_ip="127.0.0.3") as bram:
        await anna.register()
        await bram.register()
        call = await anna.call("+3238080102", tone=440)      # returns once the INVITE is sent
        incoming = await bram.wait_call()
        await incoming.ring()
        await incoming.answer(tone=880)
        await call.answered()
        await call.hears(880, within=3)                      # raises with what it heard instead
        await incoming.hears(440)
        await call.hang_up()
        await incoming.ended()
    assert not anna.violations and not bram.violations

Over WS and WSS it calls with plain RTP or SDES; it has no DTLS, so it cannot answer a browser's offer.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.sim.call import SUPPORTED, Call, Unexpected
from tests.sim.incoming_call import IncomingCall
from tests.sim.outgoing_call import OutgoingCall
from tests.sim.sip.agent import Agent, ServerTransaction
from tests.sim.sip.digest import Credentials
from tests.sim.sip.message import Headers, Request, Response
from tests.sim.sip.transport import trust
from tests.sim.sip.uri import bare_host, split_host_port
from tests.sim.sip.websocket import connect_websocket

SERVERS = {
    "udp": "127.0.0.1:5060",
    "tcp": "127.0.0.1:5060",
    "tls": "127.0.0.1:5061",
    "ws": "ws://127.0.0.1:8080",
    "wss": "wss://127.0.0.1:8443",
}


class Phone:
    """One device of one user, on its own source address."""

    def __init__(
        self,
        username: str,
        password: str,
        domain: str = "demo.kiestoon.test",
        *,
        transport: str = "udp",
        server: str = "",
        local_ip: str = "",
        srtp: bool = False,
        ca_file: str | None = None,
        authenticate: bool = True,
        display: str = "",
        user_agent: str = "Simulated phone",
        instance: str = "",
    ) -> None:
        self.username, self.password, self.domain = username, password, domain
        self.transport = transport
        self.server = server or SERVERS[transport]
        self.srtp = srtp
        self.display = display
        self.calls: list[Call] = []
        self._host, port = split_host_port(self.server.partition("://")[2] or self.server)
        self._host = bare_host(self._host)
        self._port = port or 5060
        self._local_ip = local_ip or ("::1" if ":" in self._host else "127.0.0.2")
        self._ca_file = ca_file
        self._authenticate = authenticate
        self._user_agent = user_agent
        self._incoming: asyncio.Queue[IncomingCall] = asyncio.Queue()
        self._instance = instance or f"urn:uuid:{uuid.uuid4()}"
        self._register_call_id = secrets.token_hex(12)
        self._register_cseq = 0
        self._registered = False
        self._refresh: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self.agent: Agent

    # ------------------------------------------------------------- on and off

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Bind or connect; nothing is sent yet."""
        self.agent = agent = Agent(self._local_ip, name=self._user_agent)
        agent.on_request = self._ring
        if self._authenticate:
            agent.credentials = Credentials(self.username, self.password)
        remote = (self._host, self._port)
        tls = trust(self._ca_file) if self.transport in ("tls", "wss") else None
        if self.transport == "udp":
            await agent.sockets.listen()
            agent.flow = await agent.sockets.reach("UDP", remote)
        elif self.transport in ("tcp", "tls"):
            agent.flow = await agent.sockets.connect(self.transport.upper(), remote, tls, self.domain)
        else:
            agent.flow = await connect_websocket(
                remote, self._local_ip, agent.receive, tls=tls, name=self.domain
            )
            agent.sockets.adopt(agent.flow)

    async def close(self) -> None:
        """Hang up, deregister, close the sockets."""
        try:
            for call in self.calls:
                if not call.is_ended:
                    await asyncio.wait_for(call.hang_up(), 3)
            if self._registered:
                await asyncio.wait_for(self.unregister(), 3)
        except (Unexpected, TimeoutError, OSError):
            pass  # the other side may be gone: that is what some tests do
        finally:
            self.vanish()

    def vanish(self) -> None:
        """Gone without a word, as when the power fails."""
        if self._refresh is not None:
            self._refresh.cancel()
        for call in self.calls:
            call.abandon()
        self._registered = False
        self.agent.close()

    # ----------------------------------------------------------- registration

    @property
    def address(self) -> str:
        return f"sip:{self.username}@{self.domain}"

    @property
    def violations(self) -> list[dict[str, str]]:
        """What the other side did against the standards, as far as this phone saw."""
        return self.agent.violations

    async def register(self, expires: int = 300) -> Response:
        """REGISTER; raises unless it is accepted."""
        response = await self.try_register(expires)
        if response.code != 200:
            raise Unexpected(f"REGISTER of {self.username} was answered {response.code} {response.reason}")
        return response

    async def unregister(self) -> Response:
        return await self.try_register(0)

    async def try_register(self, expires: int = 300, *, everything: bool = False) -> Response:
        """REGISTER, whatever the answer; `everything` removes all contacts of the user."""
        assert self.agent.flow is not None
        contact = self.agent.contact(self.username, self.agent.flow)
        value = f'<{contact}>;+sip.instance="<{self._instance}>";expires={expires}'
        self._register_cseq += 1
        headers = Headers([("Max-Forwards", "70")])
        headers.add("From", f"<{self.address}>;tag={secrets.token_hex(5)}")
        headers.add("To", f"<{self.address}>")
        headers.add("Call-ID", self._register_call_id)
        headers.add("CSeq", f"{self._register_cseq} REGISTER")
        headers.add("Contact", "*" if everything else value)
        headers.add("Expires", "0" if everything else str(expires))
        headers.add("User-Agent", self._user_agent)
        request = Request(headers, b"", "REGISTER", f"sip:{self.domain}")
        response = await self.agent.send(request)
        self._register_cseq = request.cseq[0]
        if response.code == 200:
            self._registered = expires > 0 and not everything
            self._check_binding(response, contact)
            if self._refresh is not None:
                self._refresh.cancel()
            if self._registered:
                self._refresh = self.agent.later(expires * 0.8, lambda: self._do(self.try_register(expires)))
        return response

    def _check_binding(self, response: Response, contact: str) -> None:
        """RFC 3261 section 10.3: the 200 lists our binding with its expiry."""
        listed = response.headers.values("Contact")
        ours = [value for value in listed if contact.partition(";")[0] in value]
        if self._registered and not ours:
            self.agent.note(["RFC 3261 10.3: the 200 does not list the contact just registered"], response)
        if any("expires=" not in value for value in ours) and "Expires" not in response.headers:
            self.agent.note(["RFC 3261 10.3: a contact without expires in the 200"], response)

    # ------------------------------------------------------------------ calls

    async def call(
        self,
        target: str,
        *,
        tone: int | None = None,
        headers: dict[str, str] | None = None,
        from_: str = "",
        offer: bool = True,
        session_expires: int = 0,
        supported: str = SUPPORTED,
        body: Callable[[str], tuple[str, str]] | None = None,
    ) -> OutgoingCall:
        """Call a number (`0470123456`), or any URI (`urn:service:sos`, `sip:...`, `tel:...`).

        `body` makes (Content-Type, body) of the SDP that is offered.
        """
        uri = target if ":" in target else f"sip:{target}@{self.domain}"
        display = f'"{self.display}" ' if self.display else ""
        call = await OutgoingCall.dial(
            self.agent,
            uri,
            user=self.username,
            from_=from_ or f"{display}<{self.address}>",
            headers=headers,
            tone=tone,
            secure=self.srtp,
            offer=offer,
            session_expires=session_expires,
            supported=supported,
            body=body,
        )
        self.calls.append(call)
        return call

    async def wait_call(self, within: float = 5.0) -> IncomingCall:
        """The next call that comes in."""
        try:
            return await asyncio.wait_for(self._incoming.get(), within)
        except TimeoutError:
            raise Unexpected(f"no call reached {self.username} within {within} s") from None

    async def no_call(self, during: float = 1.0) -> None:
        """Nothing rings for this long."""
        await asyncio.sleep(during)
        if not self._incoming.empty():
            raise Unexpected(
                f"a call reached {self.username}: {self._incoming.get_nowait().invite.first_line}"
            )

    def _ring(self, transaction: ServerTransaction) -> None:
        secure = "RTP/SAVP" in transaction.request.sdp
        call = IncomingCall(self.agent, transaction, user=self.username, secure=secure)
        call.trying()
        self.calls.append(call)
        self._incoming.put_nowait(call)

    async def send(self, request: Request) -> Response:
        """Any request as it is given, with Via added: for tests of what a hostile phone may try."""
        return await self.agent.send(request)

    def _do(self, work: object) -> None:
        task: asyncio.Task[object] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
