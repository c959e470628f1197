"""The transaction layer of one SIP entity (RFC 3261 section 17) and who gets which request."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tests.sim.sip import check
from tests.sim.sip.digest import Credentials
from tests.sim.sip.message import (
    Headers,
    MalformedMessage,
    Request,
    Response,
    parse,
    response_to,
)
from tests.sim.sip.transport import Flow, Sockets, UdpFlow
from tests.sim.sip.uri import NameAddr, Uri, bare_host, in_uri, split_host_port

T1, T2 = 0.5, 4.0
TIMEOUT = 64 * T1
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO"
KEPT_VIOLATIONS = 1000
Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Dialogs(Protocol):
    """What the agent hands messages within a dialog to."""

    def on_request(self, transaction: ServerTransaction) -> None: ...
    def on_ack(self, ack: Request) -> None: ...
    def on_stray(self, response: Response) -> None: ...


class ClientTransaction:
    """A request of ours until its final response."""

    def __init__(
        self, agent: Agent, request: Request, flow: Flow, provisional: Callable[[Response], None] | None
    ) -> None:
        self.request, self.flow = request, flow
        self._agent = agent
        self._provisional = provisional
        self._interval = T1
        self._proceeding = asyncio.Event()
        self.final: asyncio.Future[Response] = agent.loop.create_future()
        self._data = request.encode()
        self.started = agent.loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = agent.later(TIMEOUT, self._time_out)
        self._ack: bytes = b""

    def start(self) -> None:
        self.flow.send(self._data)
        if not self.flow.reliable:
            self._timer = self._agent.later(self._interval, self._retransmit)

    def _retransmit(self) -> None:
        if self.final.done() or (self._proceeding.is_set() and self.request.method == "INVITE"):
            return
        self.flow.send(self._data)
        limit = TIMEOUT if self.request.method == "INVITE" else T2
        self._interval = min(self._interval * 2, limit)
        self._timer = self._agent.later(self._interval, self._retransmit)

    def receive(self, response: Response) -> None:
        if response.code < 200:
            if self.request.method == "INVITE" and not self._proceeding.is_set():
                self._deadline.cancel()  # timer B ends with the first provisional response
            self._proceeding.set()
            if self._provisional is not None and not self.final.done():
                self._provisional(response)
            return
        if self.request.method == "INVITE" and response.code >= 300:
            if not self._ack:
                self._ack = self._agent.ack_of_failure(self.request, response).encode()
            self.flow.send(self._ack)
        if not self.final.done():
            self.stop()
            self.final.set_result(response)

    def _time_out(self) -> None:
        if not self.final.done():
            self.stop()
            response = response_to(self.request, 408, tag="none")
            response.local = True
            self.final.set_result(response)

    def stop(self) -> None:
        for timer in (self._timer, self._deadline):
            if timer is not None:
                timer.cancel()

    async def cancel(self) -> None:
        """CANCEL the INVITE, once the other side has shown that it has it."""
        waiting = asyncio.ensure_future(self._proceeding.wait())
        either: set[asyncio.Future[Any]] = {waiting, self.final}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self.final.done():
            return
        headers = Headers([("Via", self.request.headers.get("Via")), ("Max-Forwards", "70")])
        for name in ("From", "To", "Call-ID"):
            headers.add(name, self.request.headers.get(name))
        headers.add("CSeq", f"{self.request.cseq[0]} CANCEL")
        for value in self.request.headers.all("Route"):
            headers.add("Route", value)
        cancel = Request(headers, b"", "CANCEL", self.request.uri)
        self._deadline = self._agent.later(TIMEOUT, self._time_out)
        await self._agent.transact(cancel, self.flow)


class ServerTransaction:
    """A request of the peer until we have answered, and its retransmissions after that."""

    def __init__(self, agent: Agent, request: Request, flow: Flow) -> None:
        self.request, self.flow = request, flow
        self._agent = agent
        self._last: bytes = b""
        self.code = 0
        self.acknowledged = asyncio.Event()
        self._interval = T1
        self._started = agent.loop.time()
        self.on_cancel: Callable[[], None] | None = None
        self.on_unacknowledged: Callable[[], None] | None = None

    def respond(self, response: Response) -> None:
        if self.code >= 200:
            return
        self.code = response.code
        self._last = response.encode()
        self.flow.send(self._last)
        if self.code >= 200:
            self._agent.forget_later(self)
            # A 2xx is repeated over reliable transports too: only the ACK ends it (section 13.3.1.4).
            if self.request.method == "INVITE" and (self.code < 300 or not self.flow.reliable):
                self._started = self._agent.loop.time()
                self._agent.later(self._interval, self._repeat)

    def reply(self, code: int, reason: str = "") -> None:
        """A bare response."""
        response = response_to(self.request, code, reason, secrets.token_hex(5))
        if code in (200, 405):
            response.headers.add("Allow", ALLOW)
        self.respond(response)

    def _repeat(self) -> None:
        if self.acknowledged.is_set():
            return
        if self._agent.loop.time() - self._started > TIMEOUT:
            if self.on_unacknowledged is not None:
                self.on_unacknowledged()
            return
        self.flow.send(self._last)
        self._interval = min(self._interval * 2, T2)
        self._agent.later(self._interval, self._repeat)

    def again(self) -> None:
        """The peer repeats its request."""
        if self._last:
            self.flow.send(self._last)


class Agent:
    """One SIP entity on one address: sockets, transactions, dialogs, violations it saw."""

    def __init__(self, host: str, port: int = 0, *, name: str = "Simulator") -> None:
        self.loop = asyncio.get_running_loop()
        self.sockets = Sockets(host, port, self.receive)
        self.name = name
        self.credentials: Credentials | None = None
        self.flow: Flow | None = None
        """Everything goes this way when set (a phone behind its outbound proxy)."""
        self.on_request: Callable[[ServerTransaction], None] = lambda transaction: transaction.reply(501)
        self.deaf = False
        """Receives and never replies."""
        self.violations: list[dict[str, str]] = []
        self.dialogs: dict[tuple[str, str], Dialogs] = {}
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[tuple[str, str, str], ServerTransaction] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def later(self, delay: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        """A timer that ends with the agent."""
        self._timers = (
            {timer for timer in self._timers if not timer.cancelled()}
            if len(self._timers) > 500
            else self._timers
        )

        def run() -> None:
            self._timers.discard(handle)
            action()

        handle = self.loop.call_later(delay, run)
        if self._closed:
            handle.cancel()
        self._timers.add(handle)
        return handle

    _closed = False

    def close(self) -> None:
        self._closed = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for transaction in self._clients.values():
            if not transaction.final.done():
                transaction.final.cancel()
        self.sockets.close()

    def note(self, found: list[str], message: Request | Response) -> None:
        """Keep violations, for GET /violations and the tests."""
        for what in found:
            if len(self.violations) < KEPT_VIOLATIONS:
                self.violations.append(
                    {"what": what, "message": message.first_line, "call_id": message.call_id}
                )

    # ---------------------------------------------------------------- sending

    def sent_by(self, flow: Flow) -> str:
        """Where we can be reached: the listening port, or a phone's connection."""
        if self.flow is None and flow.protocol == "TCP":
            return f"{in_uri(self.sockets.host)}:{self.sockets.port}"
        return flow.sent_by

    def via(self, flow: Flow) -> str:
        return f"SIP/2.0/{flow.protocol} {self.sent_by(flow)};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    def contact(self, user: str, flow: Flow) -> str:
        """Our Contact URI as this flow's peer reaches it."""
        transport = "" if flow.protocol == "UDP" else f";transport={flow.protocol.lower()}"
        at = f"{user}@" if user else ""
        return f"sip:{at}{self.sent_by(flow)}{transport}"

    async def next_hop(self, request: Request) -> Flow:
        """Where a request goes: our outbound flow, the topmost Route, or the Request-URI."""
        routes = request.headers.values("Route")
        uri = NameAddr.parse(routes[0]).uri if routes else Uri.parse(request.uri)
        if self.flow is not None and not isinstance(self.flow, UdpFlow):
            return self.flow
        foreign = routes and uri.transport != "UDP"
        if isinstance(self.flow, UdpFlow) and (foreign or not (routes or request.to.tag)):
            return self.flow
        remote = (bare_host(uri.host), uri.port or (5061 if uri.transport == "TLS" else 5060))
        return await self.sockets.reach(uri.transport, remote)

    async def transact(
        self, request: Request, flow: Flow, provisional: Callable[[Response], None] | None = None
    ) -> Response:
        """Send a request as it is and wait for its final response."""
        return await self.begin(request, flow, provisional).final

    def begin(
        self, request: Request, flow: Flow, provisional: Callable[[Response], None] | None = None
    ) -> ClientTransaction:
        transaction = ClientTransaction(self, request, flow, provisional)
        key = (request.via.branch, request.method)
        self._clients[key] = transaction
        transaction.final.add_done_callback(lambda _: self._forget_later(self._clients, key))
        transaction.start()
        return transaction

    async def send(self, request: Request, provisional: Callable[[Response], None] | None = None) -> Response:
        """Send a request of ours; answers one digest challenge."""
        flow = await self.next_hop(request)
        request.headers.fields.insert(0, ("Via", self.via(flow)))
        response = await self.transact(request, flow, provisional)
        if self.authorise(request, response):
            request.headers.set("Via", self.via(flow))
            response = await self.transact(request, flow, provisional)
        return response

    def authorise(self, request: Request, response: Response) -> bool:
        """Add credentials and the next CSeq when we were challenged and can answer."""
        if response.code not in (401, 407) or self.credentials is None:
            return False
        challenge = "WWW-Authenticate" if response.code == 401 else "Proxy-Authenticate"
        answer = "Authorization" if response.code == 401 else "Proxy-Authorization"
        if answer in request.headers and "stale=true" not in response.headers.get(challenge).lower():
            return False
        value = self.credentials.answer(response.headers.get(challenge), request.method, request.uri)
        request.headers.set(answer, value)
        request.headers.set("CSeq", f"{request.cseq[0] + 1} {request.method}")
        return True

    def ack_of_failure(self, invite: Request, response: Response) -> Request:
        """The ACK of a non-2xx: within the INVITE's transaction (section 17.1.1.3)."""
        headers = Headers([("Via", invite.headers.get("Via")), ("Max-Forwards", "70")])
        headers.add("From", invite.headers.get("From"))
        headers.add("To", response.headers.get("To"))
        headers.add("Call-ID", invite.call_id)
        headers.add("CSeq", f"{invite.cseq[0]} ACK")
        for value in invite.headers.all("Route"):
            headers.add("Route", value)
        return Request(headers, b"", "ACK", invite.uri)

    # --------------------------------------------------------------- receiving

    def receive(self, data: bytes, flow: Flow) -> None:
        if self.deaf or not data.strip(b"\r\n\0"):
            return
        try:
            message = parse(data)
        except MalformedMessage as error:
            self.violations.append(
                {"what": f"RFC 3261 7: {error}", "message": repr(data[:80]), "call_id": ""}
            )
            return
        self.note(check.violations(message, data, flow.protocol), message)
        try:
            if isinstance(message, Response):
                self._response(message)
            else:
                self._request(message, _reply_flow(message, flow))
        except (ValueError, IndexError) as error:
            self.note([f"RFC 3261 7: unreadable ({error})"], message)

    def _response(self, response: Response) -> None:
        transaction = self._clients.get((response.via.branch, response.cseq[1]))
        if transaction is None:
            self.note(["RFC 3261 17.1: a response that answers nothing"], response)
        elif response.cseq[1] == "INVITE" and 200 <= response.code < 300 and transaction.final.done():
            # Another 2xx: the same again, or one of another branch.
            for key in ((response.call_id, response.from_.tag),):
                if dialog := self.dialogs.get(key):
                    dialog.on_stray(response)
        else:
            transaction.receive(response)

    def _request(self, request: Request, flow: Flow) -> None:
        via = request.via
        method = "INVITE" if request.method in ("ACK", "CANCEL") else request.method
        known = self._servers.get((via.branch, via.sent_by, method))
        dialog = self.dialogs.get((request.call_id, request.to.tag))
        if request.method == "ACK":
            if known is not None and known.code >= 300:
                known.acknowledged.set()
            elif dialog is not None:
                dialog.on_ack(request)
            else:
                self.note(["RFC 3261 13: an ACK that belongs to no call"], request)
            return
        if request.method == "CANCEL":
            self._cancel(request, flow, known)
            return
        if known is not None:
            known.again()
            return
        transaction = ServerTransaction(self, request, flow)
        self._servers[(via.branch, via.sent_by, request.method)] = transaction
        if dialog is not None:
            dialog.on_request(transaction)
        elif request.to.tag:
            transaction.reply(481)
        elif request.method == "OPTIONS":
            transaction.reply(200)
        elif request.method == "INVITE":
            self.on_request(transaction)
        else:
            transaction.reply(405)

    def _cancel(self, request: Request, flow: Flow, known: ServerTransaction | None) -> None:
        transaction = ServerTransaction(self, request, flow)
        if known is None:
            transaction.reply(481)
            return
        self.note(check.cancel_violations(request, known.request), request)
        transaction.reply(200)
        if known.code < 200 and known.on_cancel is not None:
            known.on_cancel()

    def release(self, dialogs: Dialogs) -> None:
        """Forget an ended call, once nothing about it can come any more."""

        def forget() -> None:
            for key in [key for key, known in self.dialogs.items() if known is dialogs]:
                del self.dialogs[key]

        self.later(TIMEOUT, forget)

    def _forget_later(self, table: dict[Key, Kept], key: Key) -> None:
        """Drop a finished transaction once its retransmissions must have ended."""

        def forget() -> None:
            table.pop(key, None)

        self.later(TIMEOUT, forget)

    def forget_later(self, transaction: ServerTransaction) -> None:
        via = transaction.request.via
        key = (via.branch, via.sent_by, transaction.request.method)
        self._forget_later(self._servers, key)


def _reply_flow(request: Request, flow: Flow) -> Flow:
    """Where responses go (RFC 3261 section 18.2.2, RFC 3581), and what the topmost Via gains by it."""
    via = request.via
    values = request.headers.all("Via")
    added = ""
    if "rport" in via.parameters and not via.parameters["rport"]:
        added = f";received={flow.remote[0]}"
        values[0] = values[0].replace(";rport", f";rport={flow.remote[1]}", 1)
    elif bare_host(split_host_port(via.sent_by)[0]) != flow.remote[0]:
        added = f";received={flow.remote[0]}"
    if added or "rport" in via.parameters:
        first, comma, rest = values[0].partition(",")
        values[0] = first + added + comma + rest
        others = [(name, value) for name, value in request.headers.fields if name.lower() != "via"]
        request.headers.fields = [("Via", value) for value in values] + others
    if isinstance(flow, UdpFlow) and "rport" not in via.parameters:
        return flow.towards((flow.remote[0], split_host_port(via.sent_by)[1] or 5060))
    return flow
