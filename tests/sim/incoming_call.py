"""A call we receive: ring, early media, answer, refuse, and being cancelled."""

from __future__ import annotations

import asyncio
import secrets

from tests.sim.call import SUPPORTED, Call, Unexpected
from tests.sim.media.endpoint import Frames
from tests.sim.sip.agent import ALLOW, T1, T2, TIMEOUT, Agent, ServerTransaction
from tests.sim.sip.dialog import Dialog
from tests.sim.sip.message import Request, Response, response_to


class IncomingCall(Call):
    """`invite` is the INVITE as it came: assert on its headers."""

    def __init__(
        self, agent: Agent, transaction: ServerTransaction, *, user: str = "", secure: bool = False
    ) -> None:
        super().__init__(agent, user, secure=secure)
        self.invite: Request = transaction.request
        self.cancelled = False
        self._transaction = transaction
        self._flow = transaction.flow
        self._tag = secrets.token_hex(5)
        self._answer = ""
        self._answered_reliably = False
        self._sequence = secrets.randbelow(1000)
        self._confirmed: dict[int, asyncio.Event] = {}
        self.dialog = Dialog.of_called(self.invite, self._tag)
        agent.dialogs[(self.invite.call_id, self._tag)] = self
        transaction.on_cancel = self._on_cancel

    def trying(self) -> None:
        self._transaction.respond(response_to(self.invite, 100))

    async def ring(self, *, reliable: bool = False) -> None:
        """180; reliably when asked to, or when the caller requires it."""
        await self._progress(180, "", reliable)

    async def early_media(self, tone: int | None = None, frames: Frames | None = None) -> None:
        """183 with our answer, and audio before the call is answered."""
        self.play(tone, frames)
        if not await self._make_answer():
            await self.reject(488)
            return
        await self._progress(183, self._answer, "100rel" in self.invite.headers.tokens("Supported"))

    async def answer(self, tone: int | None = None, frames: Frames | None = None) -> None:
        """200 with our answer (or our offer, when the INVITE had none); waits for the ACK."""
        if self.is_ended:
            raise Unexpected(f"too late to answer; {self}")
        if tone is not None or frames is not None:
            self.play(tone, frames)
        if not await self._make_answer():
            await self.reject(488)
            raise Unexpected(f"an offer we cannot answer was refused with 488:\n{self.invite.sdp}")
        response = self._response(200)
        self._agree_on_timer(self.invite, response)
        if not self._answered_reliably:
            response.set_body("application/sdp", self._answer)
        self._unacknowledged = self._transaction
        self._transaction.on_unacknowledged = lambda: self._no_ack(self._transaction)
        self._respond(response)
        self._answered()
        acknowledged = self._transaction.acknowledged
        await self.until(acknowledged.is_set, TIMEOUT, "ACK")

    async def reject(self, code: int = 486, reason: str = "") -> None:
        if self.is_answered or self.is_ended:
            raise Unexpected(f"too late to refuse; {self}")
        self._respond(response_to(self.invite, code, reason, self._tag))
        self._end("local")

    async def hang_up(self) -> None:
        if not self.is_answered and not self.is_ended:
            await self.reject(480)
        else:
            await super().hang_up()

    # ------------------------------------------------------------------ inside

    def _response(self, code: int) -> Response:
        response = response_to(self.invite, code, tag=self._tag)
        response.headers.add("Contact", f"<{self.contact()}>")
        response.headers.add("Allow", ALLOW)
        response.headers.add("Supported", SUPPORTED)
        response.headers.add("Server", self.agent.name)
        return response

    def _respond(self, response: Response) -> None:
        self.status, self.reason = response.code, response.reason
        self._transaction.respond(response)
        self._notify()

    async def _make_answer(self) -> bool:
        if self._answer:
            return True
        if self.invite.sdp:
            self._answer = await self._answer_to(self.invite.sdp, self.invite) or ""
        else:
            self._answer = self._offer = (await self._local_session()).offer()
        return bool(self._answer)

    async def _progress(self, code: int, sdp: str, reliable: bool) -> None:
        if self.is_ended:
            raise Unexpected(f"too late for {code}; {self}")
        reliable = reliable or "100rel" in self.invite.headers.tokens("Require")
        response = self._response(code)
        if sdp:
            response.set_body("application/sdp", sdp)
        if not reliable:
            self._respond(response)
            return
        self._sequence += 1
        response.headers.add("Require", "100rel")
        response.headers.add("RSeq", str(self._sequence))
        confirmed = self._confirmed[self._sequence] = asyncio.Event()
        self._respond(response)
        if sdp:
            self._answered_reliably = True
        interval = T1
        while not confirmed.is_set() and not self.is_ended:
            try:
                await asyncio.wait_for(confirmed.wait(), interval)
            except TimeoutError:
                interval = min(interval * 2, T2)
                if not self.is_ended:
                    self._transaction.again()

    def _on_prack(self, transaction: ServerTransaction) -> None:
        """RFC 3262 section 3."""
        fields = transaction.request.headers.get("RAck").split()
        confirmed = self._confirmed.get(int(fields[0])) if len(fields) == 3 else None
        if confirmed is None or fields[1:] != [str(self.invite.cseq[0]), "INVITE"]:
            self.agent.note([f"RFC 3262 3: RAck {' '.join(fields)} matches nothing"], transaction.request)
            transaction.reply(481)
            return
        transaction.reply(200)
        confirmed.set()

    def _on_cancel(self) -> None:
        if self.is_ended or self.is_answered:
            return
        self.cancelled = True
        self._respond(response_to(self.invite, 487, tag=self._tag))
        self._end("remote")

    def _on_bye(self) -> None:
        if not self.is_answered:
            self._respond(response_to(self.invite, 487, tag=self._tag))
        super()._on_bye()
