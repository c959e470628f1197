"""A call we make: INVITE, provisional responses, early media, PRACK, CANCEL, answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from tests.sim.call import SUPPORTED, Call, Unexpected
from tests.sim.media.endpoint import Frames
from tests.sim.sip.agent import ALLOW, Agent, ClientTransaction
from tests.sim.sip.dialog import Dialog
from tests.sim.sip.message import Headers, Request, Response
from tests.sim.sip.transport import Flow


class OutgoingCall(Call):
    """Made by `dial`; `answered`, `ringing` and `ended` of Call tell what came of it."""

    invite: Request
    responses: list[Response]

    @classmethod
    async def dial(
        cls,
        agent: Agent,
        uri: str,
        *,
        user: str,
        from_: str,
        to: str = "",
        headers: dict[str, str] | None = None,
        tone: int | None = None,
        frames: Frames | None = None,
        secure: bool = False,
        offer: bool = True,
        session_expires: int = 0,
        supported: str = SUPPORTED,
        body: Callable[[str], tuple[str, str]] | None = None,
    ) -> OutgoingCall:
        """Send the INVITE; returns at once. `body` makes (Content-Type, body) of our SDP."""
        call = cls(agent, user, secure=secure)
        call.responses = []
        call.play(tone, frames)
        call.invite = Request(Headers([("Max-Forwards", "70")]), b"", "INVITE", uri)
        fields = call.invite.headers
        fields.add("From", f"{from_};tag={secrets.token_hex(5)}")
        fields.add("To", to or f"<{uri}>")
        fields.add("Call-ID", secrets.token_hex(12))
        fields.add("CSeq", "1 INVITE")
        call._flow = await agent.next_hop(call.invite)
        fields.add("Contact", f"<{call.contact()}>")
        fields.add("User-Agent", agent.name)
        fields.add("Allow", ALLOW)
        if supported:
            fields.add("Supported", supported)
        if session_expires:
            fields.add("Session-Expires", str(session_expires))
            call.session_interval = session_expires
        for name, value in (headers or {}).items():
            fields.set(name, value)
        if offer:
            call._offer = (await call._local_session()).offer()
            call.invite.set_body(*(body(call._offer) if body else ("application/sdp", call._offer)))
        agent.dialogs[(call.invite.call_id, call.invite.from_.tag)] = call
        call._do(call._run(call._flow))
        return call

    _transaction: ClientTransaction | None = None
    _cancelled = False
    _reliable = 0
    _early_tag = ""
    _others: set[str]

    async def _run(self, flow: Flow) -> None:
        self._others = set()
        while True:
            self.invite.headers.remove("Via")
            self.invite.headers.fields.insert(0, ("Via", self.agent.via(flow)))
            self._transaction = self.agent.begin(self.invite, flow, self._on_provisional)
            response = await self._transaction.final
            if not self.agent.authorise(self.invite, response):
                break
        self._record(response)
        if 200 <= response.code < 300:
            await self._on_answer(response)
        else:
            self._end("local" if self._cancelled else "remote")

    def _record(self, response: Response) -> None:
        self.responses.append(response)
        self.status, self.reason = response.code, response.reason
        self._notify()

    def _on_provisional(self, response: Response) -> None:
        self._record(response)
        if response.code == 100 or not response.to.tag:
            return
        if self.dialog is None or self.dialog.remote_tag != response.to.tag:
            self._adopt(Dialog.of_caller(self.invite, response))
        if "100rel" in response.headers.tokens("Require"):
            sequence = int(response.headers.get("RSeq") or 0)
            if sequence <= self._reliable:
                return  # repeated: its PRACK is on the way
            self._reliable = sequence
            self._do(self._prack(response, sequence))
        if response.sdp and self._offer:
            self._take_answer(response)

    def _adopt(self, dialog: Dialog) -> None:
        """Another branch answers first: its own sequence of reliable responses and descriptions."""
        if self.dialog is not None:
            dialog.local_cseq = max(dialog.local_cseq, self.dialog.local_cseq)
        self.dialog = dialog
        self._reliable = 0
        self.remote_sdp = ""

    def _take_answer(self, response: Response) -> None:
        if not self._use(response.sdp, response, answer=True):
            self.agent.note(["RFC 3264 6: an answer we cannot use"], response)

    async def _prack(self, response: Response, sequence: int) -> None:
        """RFC 3262 section 7.2."""
        number, method = response.cseq
        answered = await self.request("PRACK", headers={"RAck": f"{sequence} {number} {method}"})
        if not 200 <= answered.code < 300:
            self.agent.note([f"RFC 3262 4: PRACK was answered {answered.code}"], answered)

    async def _on_answer(self, response: Response) -> None:
        if self.dialog is None or self.dialog.remote_tag != response.to.tag:
            self._adopt(Dialog.of_caller(self.invite, response))
        assert self.dialog is not None
        early = self.dialog.local_cseq
        self.dialog = Dialog.of_caller(self.invite, response)
        self.dialog.local_cseq = max(self.dialog.local_cseq, early)
        answer = ""
        if self._offer:
            if response.sdp:
                self._take_answer(response)
            elif not self.remote_sdp:
                self.agent.note(["RFC 3261 13.2.1: the offer was never answered"], response)
        else:
            answer = await self._answer_to(response.sdp, response) or ""
        await self._acknowledge(response, answer)
        if self._cancelled:
            await self.hang_up()
            return
        if "Session-Expires" in response.headers:
            self._settle_timer(response)
        self._answered()

    def on_stray(self, response: Response) -> None:
        """A 2xx of another branch is acknowledged and ended (section 13.2.2.4)."""
        tag = response.to.tag
        if self.dialog is not None and tag == self.dialog.remote_tag:
            super().on_stray(response)
        elif tag not in self._others:
            self._others.add(tag)
            self._do(self._refuse_branch(response))

    async def _refuse_branch(self, response: Response) -> None:
        dialog = Dialog.of_caller(self.invite, response)
        await self._acknowledge(response, dialog=dialog)
        await self.agent.send(dialog.request("BYE", self.contact()))

    async def cancel(self) -> None:
        """CANCEL and wait for the end (487, or BYE when the answer was faster)."""
        if self.is_answered or self.is_ended or self._transaction is None:
            raise Unexpected(f"too late to cancel; {self}")
        self._cancelled = True
        await self._transaction.cancel()
        await self.ended(within=10)

    async def hang_up(self) -> None:
        if not self.is_answered and not self.is_ended and self.status < 200:
            await self.cancel()
        else:
            await super().hang_up()
