"""One call as an endpoint sees it: dialog, offers and answers, audio, hold, and how it ends."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable

from tests.sim.media import srtp
from tests.sim.media.endpoint import Frames, RtpEndpoint
from tests.sim.media.tone import SILENT_FRAMES, tone_frames
from tests.sim.sip import check
from tests.sim.sip.agent import ALLOW, Agent, ServerTransaction
from tests.sim.sip.dialog import Dialog
from tests.sim.sip.message import Request, Response, response_to
from tests.sim.sip.sdp import EVENTS, STATIC, LocalSession, Session, Stream, parse_sdp
from tests.sim.sip.transport import Flow

SUPPORTED = "100rel, timer"


class Unexpected(AssertionError):
    """A call did not do what was awaited; the message says what it did instead."""


class Call:
    """What outgoing and incoming calls share."""

    def __init__(self, agent: Agent, user: str, *, secure: bool = False) -> None:
        self.agent = agent
        self.user = user
        self.status = 0
        """The last SIP status of the INVITE, sent or received."""
        self.reason = ""
        self.ended_by = ""
        """local, remote, or "" while it goes on; a refused call ends by whoever refused."""
        self.answered_at: float | None = None
        self.held = False
        """The other side has put us on hold."""
        self.requests: list[Request] = []
        """Requests received within the dialog."""
        self.dialog: Dialog | None = None
        self.media = RtpEndpoint(agent.sockets.host)
        self.remote_sdp = ""
        self.session_interval = 0
        self._secure = srtp.new_key() if secure else b""
        self._local: LocalSession | None = None
        self._offer = ""
        self._acks: dict[int, tuple[bytes, Flow]] = {}
        self._inviting = False
        self._serving = False
        self._flow: Flow | None = None
        self._session_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._waiters: set[asyncio.Future[None]] = set()
        self._on_end: list[Callable[[], None]] = []

    # ---------------------------------------------------------------- waiting

    @property
    def is_ended(self) -> bool:
        return bool(self.ended_by)

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    async def until(self, happened: Callable[[], bool], within: float, what: str) -> None:
        """Wait for something that a message brings about."""
        deadline = self.agent.loop.time() + within
        while not happened():
            left = deadline - self.agent.loop.time()
            if left <= 0 or (self.is_ended and not happened()):
                raise Unexpected(f"{what}: not within {within} s; {self}")
            waiter: asyncio.Future[None] = self.agent.loop.create_future()
            self._waiters.add(waiter)
            await asyncio.wait([waiter], timeout=left)
            self._waiters.discard(waiter)

    async def ringing(self, within: float = 5.0) -> None:
        """A 180 or 183 has come."""
        await self.until(lambda: self.status >= 180, within, "ringing")

    async def answered(self, within: float = 5.0) -> None:
        await self.until(lambda: self.is_answered, within, "answered")

    async def ended(self, within: float = 5.0) -> None:
        await self.until(lambda: self.is_ended, within, "ended")

    async def hears(self, frequency: int, within: float = 3.0) -> None:
        """This tone comes in; otherwise Unexpected says what was heard."""
        deadline = self.agent.loop.time() + within
        while not self.media.hears(frequency):
            if self.agent.loop.time() > deadline or self.is_ended:
                raise Unexpected(f"{frequency} Hz not heard within {within} s, but {self.sound}; {self}")
            await asyncio.sleep(0.03)

    async def hears_speech(self, within: float = 3.0) -> None:
        """Something is said; otherwise Unexpected says what was heard."""
        deadline = self.agent.loop.time() + within
        while not self.media.speaks:
            if self.agent.loop.time() > deadline or self.is_ended:
                raise Unexpected(f"no speech heard within {within} s, but {self.sound}; {self}")
            await asyncio.sleep(0.03)

    async def hears_silence(self, within: float = 3.0) -> None:
        """No tone comes in any more (nothing at all, or idle audio)."""
        deadline = self.agent.loop.time() + within
        while self.media.hears_now() is not None:
            if self.agent.loop.time() > deadline:
                raise Unexpected(f"silence not heard within {within} s, but {self.sound}; {self}")
            await asyncio.sleep(0.03)

    async def receives_digits(self, digits: str, within: float = 5.0) -> None:
        deadline = self.agent.loop.time() + within
        while not self.media.digits.endswith(digits):
            if self.agent.loop.time() > deadline or self.is_ended:
                raise Unexpected(f"digits {digits} not received, but {self.media.digits!r}; {self}")
            await asyncio.sleep(0.03)

    @property
    def sound(self) -> str:
        """What is heard now, in words."""
        heard = self.media.hears_now()
        if heard is not None:
            return f"{heard} Hz"
        if not self.media.received:
            return "no packet"
        if self.media.silence_seconds > 0.2:
            return f"nothing for {self.media.silence_seconds:.1f} s"
        return "silence or no single tone"

    def __str__(self) -> str:
        end = f", ended by {self.ended_by}" if self.is_ended else ""
        return f"{type(self).__name__} of {self.user}: status {self.status} {self.reason}{end}"

    # ------------------------------------------------------------------ audio

    def play(self, tone: int | None = None, frames: Frames | None = None) -> None:
        """Send this tone (or these A-law frames, looped) from now on; silence without either."""
        self.media.frames = frames or (tone_frames(tone) if tone else SILENT_FRAMES)

    def send_dtmf(self, digits: str) -> None:
        self.media.send_digits(digits)

    async def _local_session(self) -> LocalSession:
        if self._local is None:
            await self.media.open()
            crypto = srtp.crypto_attribute(self._secure) if self._secure else ""
            self._local = LocalSession(self.media.host, self.media.port, secrets.randbits(31), crypto=crypto)
        return self._local

    def _use(self, sdp: str, message: Request | Response, *, answer: bool) -> bool:
        """Take their description; False when it holds nothing we can talk to."""
        if answer and self._offer:
            self.agent.note(check.answer_violations(self._offer, sdp), message)
        if self.remote_sdp:
            self.agent.note(check.version_violations(self.remote_sdp, sdp), message)
        session = parse_sdp(sdp)
        stream = session.audio
        if stream is None or not self._key_up(stream):
            return False
        self.remote_sdp = sdp
        known = [int(p) for p in stream.formats if p.isdigit() and int(p) in STATIC and int(p) != 9]
        if known:
            self.media.payload_type = known[0]
        self.media.event_payload_type = stream.payload_of(EVENTS)
        rtcp = (stream.attribute("rtcp") or "").split()
        self.media.connect((stream.address, stream.port), int(rtcp[0]) if rtcp else 0)
        self.held = stream.direction in ("sendonly", "inactive")
        if self.held:
            self.media.stop()
        else:
            self.media.start()
        return True

    def _key_up(self, stream: Stream) -> bool:
        if not self._secure:
            return stream.profile == "RTP/AVP"
        theirs = srtp.key_of(stream.all("crypto"))
        if theirs is None:
            return False
        self.media.secure(self._secure, theirs[1])
        if self._local is not None:
            self._local.crypto = srtp.crypto_attribute(self._secure, theirs[0])
        return True

    async def _answer_to(self, sdp: str, message: Request | Response) -> str | None:
        """Our answer to their offer; None when it cannot be accepted."""
        local = await self._local_session()
        offer: Session = parse_sdp(sdp)
        if not self._use(sdp, message, answer=False):
            return None
        return local.answer(offer, "sendonly" if self._holding else "sendrecv")

    _holding = False

    # ------------------------------------------------------------- our requests

    def contact(self) -> str:
        assert self._flow is not None
        return self.agent.contact(self.user, self._flow)

    async def request(self, method: str, *, sdp: str = "", headers: dict[str, str] | None = None) -> Response:
        """A request within the dialog; an INVITE is acknowledged."""
        assert self.dialog is not None
        request = self.dialog.request(method, self.contact())
        if method in ("INVITE", "UPDATE"):
            request.headers.add("Allow", ALLOW)
            request.headers.add("Supported", SUPPORTED)
            if self.session_interval:
                request.headers.add("Session-Expires", f"{self.session_interval};refresher=uac")
        for name, value in (headers or {}).items():
            request.headers.set(name, value)
        if sdp:
            self._offer = sdp
            request.set_body("application/sdp", sdp)
        response = await self.agent.send(request)
        self.dialog.local_cseq = max(self.dialog.local_cseq, request.cseq[0])
        if 200 <= response.code < 300 and method in ("INVITE", "UPDATE"):
            self.dialog.refresh(response)
        return response

    async def reinvite(self, direction: str = "sendrecv") -> Response:
        """A new offer; waits and tries again when both sides asked at once (491)."""
        local = await self._local_session()
        self._holding = direction == "sendonly"
        for _ in range(3):
            self._inviting = True
            try:
                response = await self.request("INVITE", sdp=local.offer(direction))
            finally:
                self._inviting = False
            if 200 <= response.code < 300:
                await self._acknowledge(response)
                if not response.sdp or not self._use(response.sdp, response, answer=True):
                    self.agent.note(["RFC 3261 13.2.1: 2xx without a usable answer"], response)
            if response.code != 491:
                break
            outgoing = type(self).__name__ == "OutgoingCall"
            await asyncio.sleep(random.uniform(2.1, 4.0) if outgoing else random.uniform(0, 2.0))
        return response

    async def update(self, direction: str = "sendrecv") -> Response:
        """An UPDATE with an offer (RFC 3311)."""
        local = await self._local_session()
        response = await self.request("UPDATE", sdp=local.offer(direction))
        if 200 <= response.code < 300 and response.sdp:
            self._use(response.sdp, response, answer=True)
        return response

    async def hold(self) -> None:
        self._accepted(await self.reinvite("sendonly"), "hold")

    async def resume(self) -> None:
        self._accepted(await self.reinvite("sendrecv"), "resume")

    def _accepted(self, response: Response, what: str) -> None:
        if not 200 <= response.code < 300:
            raise Unexpected(f"{what} was answered {response.code} {response.reason}; {self}")

    async def _acknowledge(self, response: Response, sdp: str = "", dialog: Dialog | None = None) -> None:
        """The ACK of a 2xx: a request of its own along the route set (section 13.2.2.4)."""
        dialog = dialog or self.dialog
        assert dialog is not None
        ack = dialog.request("ACK", self.contact(), cseq=response.cseq[0])
        if sdp:
            ack.set_body("application/sdp", sdp)
        flow = await self.agent.next_hop(ack)
        ack.headers.fields.insert(0, ("Via", self.agent.via(flow)))
        data = ack.encode()
        if dialog is self.dialog:
            self._acks[response.cseq[0]] = (data, flow)
        flow.send(data)

    async def hang_up(self) -> None:
        """BYE; a call that was not answered is cancelled or refused instead."""
        if self.is_ended or self.dialog is None:
            return
        self._end("local")
        response = await self.request("BYE")
        if not 200 <= response.code < 300:
            raise Unexpected(f"BYE was answered {response.code} {response.reason}; {self}")

    # ---------------------------------------------------------- their requests

    def on_request(self, transaction: ServerTransaction) -> None:
        """A request within the dialog."""
        request = transaction.request
        dialog = self.dialog
        if dialog is None or request.from_.tag != dialog.remote_tag:
            transaction.reply(481)
            return
        if not dialog.in_order(request):
            self.agent.note([f"RFC 3261 12.2.2: CSeq {request.cseq[0]} is not newer"], request)
            transaction.reply(500)
            return
        self.requests.append(request)
        if request.method == "BYE":
            transaction.reply(200)
            self._on_bye()
        elif self.is_ended:
            transaction.reply(481)
        elif request.method in ("INVITE", "UPDATE"):
            if self._inviting or self._serving:
                transaction.reply(491)
            else:
                self._do(self._serve_offer(transaction))
        elif request.method == "PRACK":
            self._on_prack(transaction)
        elif request.method in ("INFO", "OPTIONS"):
            transaction.reply(200)
        elif request.method == "REFER":
            transaction.reply(403, "Transfers Are Refused")
        else:
            transaction.reply(405)

    async def _serve_offer(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or UPDATE of theirs."""
        request = transaction.request
        assert self.dialog is not None
        self._serving = True
        try:
            self.dialog.refresh(request)
            response = response_to(request, 200)
            response.headers.add("Contact", f"<{self.contact()}>")
            response.headers.add("Allow", ALLOW)
            self._agree_on_timer(request, response)
            if request.sdp:
                answer = await self._answer_to(request.sdp, request)
                if answer is None:
                    transaction.reply(488)
                    return
                response.set_body("application/sdp", answer)
            elif request.method == "INVITE":
                local = await self._local_session()
                self._offer = local.offer("sendonly" if self._holding else "sendrecv")
                response.set_body("application/sdp", self._offer)
            if request.method == "INVITE":
                self._unacknowledged = transaction
                transaction.on_unacknowledged = lambda: self._no_ack(transaction)
            transaction.respond(response)
        finally:
            self._serving = False
            self._notify()

    _unacknowledged: ServerTransaction | None = None

    def on_ack(self, ack: Request) -> None:
        """The ACK of a 2xx of ours; it carries the answer when we made the offer."""
        transaction = self._unacknowledged
        if transaction is None or transaction.request.cseq[0] != ack.cseq[0]:
            self.agent.note(["RFC 3261 13.2.2.4: an ACK for no INVITE"], ack)
            return
        if not transaction.acknowledged.is_set():
            transaction.acknowledged.set()
            if ack.sdp and not transaction.request.sdp:
                self._use(ack.sdp, ack, answer=True)
        self._notify()

    def _no_ack(self, transaction: ServerTransaction) -> None:
        self.agent.note(["RFC 3261 13.3.1.4: a 2xx was never acknowledged"], transaction.request)
        self._do(self.hang_up())

    def on_stray(self, response: Response) -> None:
        """A 2xx after the first: the same again wants its ACK again."""
        kept = self._acks.get(response.cseq[0])
        if kept is not None and self.dialog is not None and response.to.tag == self.dialog.remote_tag:
            kept[1].send(kept[0])

    def _on_prack(self, transaction: ServerTransaction) -> None:
        transaction.reply(481)

    def _on_bye(self) -> None:
        self._end("remote")

    # ----------------------------------------------------------- session timer

    def _agree_on_timer(self, request: Request, response: Response) -> None:
        """The answering side of RFC 4028."""
        asked = request.headers.get("Session-Expires")
        if not asked:
            return
        interval, _, parameters = asked.partition(";")
        refresher = "uas" if "refresher=uas" in parameters.replace(" ", "") else "uac"
        response.headers.add("Session-Expires", f"{interval.strip()};refresher={refresher}")
        if refresher == "uac":
            response.headers.add("Require", "timer")
        self._keep_time(int(interval), ours=refresher == "uas")

    def _settle_timer(self, response: Response) -> None:
        """The asking side: who refreshes, as the 2xx says."""
        interval, _, parameters = response.headers.get("Session-Expires").partition(";")
        if interval.strip().isdigit():
            self._keep_time(int(interval), ours="refresher=uas" not in parameters.replace(" ", ""))

    def _keep_time(self, interval: int, *, ours: bool) -> None:
        if self._session_timer is not None:
            self._session_timer.cancel()
        self.session_interval = interval
        if ours:
            self._session_timer = self.agent.later(interval / 2, lambda: self._do(self._refresh()))
        else:
            patience = interval - min(32, interval // 3)
            self._session_timer = self.agent.later(patience, lambda: self._do(self.hang_up()))

    async def _refresh(self) -> None:
        response = await self.request("UPDATE")
        if response.code in (408, 481):
            await self.hang_up()
        else:
            self._settle_timer(response)

    # -------------------------------------------------------------------- ends

    def _answered(self) -> None:
        if self.answered_at is None:
            self.answered_at = self.agent.loop.time()
        self._notify()

    def _end(self, by: str) -> None:
        if self.ended_by:
            return
        self.ended_by = by
        self.media.close()
        if self._session_timer is not None:
            self._session_timer.cancel()
        for action in self._on_end:
            action()
        self.agent.release(self)
        self._notify()

    def abandon(self) -> None:
        """End without a word: our side has gone."""
        self._end("local")

    def when_ended(self, action: Callable[[], None]) -> None:
        self._on_end.append(action)

    def _notify(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _do(self, work: object) -> None:
        """Run a coroutine of this call; a failure shows as a violation of ours, not as silence."""
        task: asyncio.Task[object] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.agent.violations.append({"what": f"simulator: {error}", "message": str(self), "call_id": ""})
