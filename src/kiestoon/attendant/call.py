"""One call at the attendant: answered or early, what its script says, one digit, the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Literal, Protocol

from kiestoon.attendant import sdp
from kiestoon.attendant.collector import Collector
from kiestoon.attendant.dialog import Dialog
from kiestoon.attendant.messages import Request, Response, branch_of, encode, response_to
from kiestoon.attendant.player import Player
from kiestoon.attendant.prompts import LEAD, LEAD_EARLY, Frames, PromptStore
from kiestoon.domain.callflow.script import Script
from kiestoon.domain.routing.instruction import Instruction
from kiestoon.vocabulary.attendant import HOST, PORT

T1, T2 = 0.5, 4.0
"""RFC 3261 section 17.1.1.1; a 2xx is repeated whatever the transport (13.3.1.4)."""
ACK_WITHIN = 64 * T1
CONTACT = f"<sip:attendant@{HOST}:{PORT};transport=tcp>"
VIA = f"TCP {HOST}:{PORT}"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS"
LONGEST = 80.0
"""Seconds after which a call is ended, whatever it is doing."""

State = Literal["early", "answered", "over"]


class Link(Protocol):
    """The connection a message came by."""

    def send(self, message: Request | Response) -> None:
        """Over this connection, or a new one when it is gone."""
        ...


class House(Protocol):
    """What a call asks of the process."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    @property
    def prompts(self) -> PromptStore: ...

    def result(self, call: Call, kind: str, result: str) -> None:
        """What came of the question of a call's script: `kind` of event and result are the script's words."""
        ...

    def ended(self, call: Call, how: str) -> None:
        """The call is over: "said", "cancelled", "hung-up", "failed" or "stopped"."""
        ...


class Call:
    """Made for an INVITE that can be served; `begin` answers it."""

    def __init__(
        self,
        house: House,
        link: Link,
        invite: Request,
        instruction: Instruction,
        script: Script,
        file: Frames,
        player: Player,
    ) -> None:
        """`file` is what the script reads out. Raises ValueError when no dialog can be made of the INVITE."""
        self.instruction, self.invite = instruction, invite
        self.branch = branch_of(invite)
        self.tag = secrets.token_hex(6)
        self.dialog = Dialog(invite, self.tag)
        self.state: State = "early"
        self._house, self._link, self._script, self._player = house, link, script, player
        self._identity, self._version = secrets.randbits(31), 0
        self._language = instruction.announcement.language
        self._file = file
        self._collector: Collector | None = None
        self._reported = not script.records
        self._unacknowledged: tuple[int, bytes] | None = None
        self._offered_in_answer = False
        self._repeat: asyncio.TimerHandle | None = None
        self._spoken = False
        """Whether the opening has begun."""
        self._limit = house.loop.call_later(LONGEST, self.hang_up, "failed")

    # ------------------------------------------------------------ the INVITE

    def begin(self, offered: sdp.Session | None) -> None:
        """Answer, or say it before an answer; `offered` None: the INVITE had no offer."""
        if offered is not None:
            self._use(offered)
        if self.instruction.announcement.early:
            assert offered is not None
            self._link.send(self._response(self.invite, 183, self._answer_to(offered)))
            self._open(LEAD_EARLY)
            return
        self.state = "answered"
        self._offered_in_answer = offered is None
        self._accept(self.invite, self._answer_to(offered) if offered else self._offer())

    def _use(self, session: sdp.Session) -> None:
        self._player.connect((session.address, session.port), session.payload_type, session.event_type)
        self._player.muted = session.is_held

    def _answer_to(self, offered: sdp.Session) -> str:
        self._version += 1
        return sdp.answer(offered, HOST, self._player.port, self._identity, self._version)

    def _offer(self) -> str:
        self._version += 1
        return sdp.offer(HOST, self._player.port, self._identity, self._version)

    def _response(self, request: Request, code: int, description: str = "") -> Response:
        response = response_to(request, code, tag=self.tag)
        response.headers.add("Contact", CONTACT)
        response.headers.add("Allow", ALLOW)
        if description:
            response.headers.add("Content-Type", sdp.MIME)
            response.body = description.encode()
        return response

    def _accept(self, request: Request, description: str) -> None:
        """200 to an INVITE, repeated until its ACK; without one the call is ended."""
        response = self._response(request, 200, description)
        self._unacknowledged = (request.cseq.sequence, encode(response))
        self._link.send(response)
        self._later_again(response, T1, self._house.loop.time() + ACK_WITHIN)

    def _later_again(self, response: Response, wait: float, until: float) -> None:
        def again() -> None:
            if self._house.loop.time() >= until:
                self.hang_up("failed")
                return
            self._link.send(response)
            self._later_again(response, min(wait * 2, T2), until)

        self._repeat = self._house.loop.call_later(wait, again)

    # -------------------------------------------------------- what is said

    def _open(self, lead: tuple[bytes, ...]) -> None:
        self._spoken = True
        if self._script.answers:
            self._collector = Collector(
                tuple(self._script.answers), self._house.loop.call_later, self._answered_with
            )
            self._player.on_digit = self._collector.digit
            self._say(self._script.opening, lead, self._asked)
        else:
            self._say(self._script.opening, lead, self._finish)

    def _say(self, keys: tuple[str, ...], lead: tuple[bytes, ...], then: Callable[[], None]) -> None:
        self._player.on_end = then
        self._player.play(self._house.prompts.said(keys, self._language, self._file, lead))

    def _asked(self) -> None:
        if self._collector is not None:
            self._collector.wait(self._script.wait_seconds)

    def _answered_with(self, digit: str) -> None:
        self._player.stop()
        result, said = self._script.answers.get(digit, ("none", self._script.silence))
        self._report(result)
        self._say(said, LEAD, self._finish)

    def _report(self, result: str) -> None:
        if not self._reported:
            self._reported = True
            self._house.result(self, self._script.records, result)

    def _finish(self) -> None:
        """All is said."""
        if self.state == "early":
            self.refuse(self.instruction.sip_code, self.instruction.sip_reason, "said")
        else:
            self.hang_up("said")

    # ------------------------------------------------------------- the end

    def refuse(self, code: int, phrase: str, how: str) -> None:
        """The final reply to an INVITE that was not answered."""
        if self.state == "early":
            self._link.send(response_to(self.invite, code, phrase, tag=self.tag))
            self._over(how)

    def hang_up(self, how: str) -> None:
        """BYE, or the refusal when the call was not answered."""
        if self.state == "early":
            self.refuse(self.instruction.sip_code, self.instruction.sip_reason, how)
        elif self.state == "answered":
            self._link.send(self.dialog.request("BYE", VIA))
            self._over(how)

    def cancel(self) -> None:
        """The caller gave up before an answer."""
        self.refuse(487, "Request Terminated", "cancelled")

    def _over(self, how: str) -> None:
        if self.state == "over":
            return
        self.state = "over"
        self._limit.cancel()
        if self._repeat is not None:
            self._repeat.cancel()
        if self._collector is not None:
            self._collector.cancel()
        self._player.close()
        self._report("none")
        self._house.ended(self, how)

    # ---------------------------------------------------- requests within it

    def on_request(self, link: Link, request: Request) -> None:
        """A request with this dialog's tags, other than CANCEL."""
        self._link = link
        if not self.dialog.in_order(request):
            if request.method != "ACK":
                link.send(response_to(request, 500))
        elif request.method == "ACK":
            self._on_ack(request)
        elif request.method == "BYE":
            link.send(response_to(request, 200))
            if self.state == "early":  # RFC 3261 15.1.2
                self.refuse(487, "Request Terminated", "hung-up")
            else:
                self._over("hung-up")
        elif request.method == "INVITE":
            self._on_reinvite(link, request)
        elif request.method == "OPTIONS":
            link.send(self._response(request, 200))
        else:
            link.send(self._response(request, 405))

    def _on_ack(self, ack: Request) -> None:
        if self._unacknowledged is None or self._unacknowledged[0] != ack.cseq.sequence:
            return
        self._unacknowledged = None
        if self._repeat is not None:
            self._repeat.cancel()
        if self._offered_in_answer:
            self._offered_in_answer = False
            session = sdp.read(sdp.of_body(ack.headers.get("Content-Type") or "", ack.body))
            if session is None:
                self.hang_up("failed")
                return
            self._use(session)
        if not self._spoken:
            self._open(LEAD)

    def _on_reinvite(self, link: Link, request: Request) -> None:
        if self.state == "early" or self._unacknowledged is not None:
            link.send(response_to(request, 491))
            return
        offered = None
        if request.body:
            offered = sdp.read(sdp.of_body(request.headers.get("Content-Type") or "", request.body))
            if offered is None:
                link.send(response_to(request, 488))
                return
        try:
            self.dialog.refresh(request)
        except ValueError:
            link.send(response_to(request, 400, "Bad Contact"))
            return
        if offered is not None:
            self._use(offered)
        self._offered_in_answer = offered is None
        self._accept(request, self._answer_to(offered) if offered else self._offer())
