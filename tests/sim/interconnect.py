"""One SIP interconnection of a simulated carrier or emergency centre: sockets, states, calls both ways."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.sim.behaviour import STATES, Behaviour
from tests.sim.call import Call, Unexpected
from tests.sim.control import Refused
from tests.sim.incoming_call import IncomingCall
from tests.sim.media.endpoint import Frames
from tests.sim.outgoing_call import OutgoingCall
from tests.sim.sip.agent import Agent, ServerTransaction
from tests.sim.sip.uri import NameAddr, Uri

KEPT_CALLS = 500
SILENT_SECONDS = 60.0
Row = dict[str, Any]


class Interconnect:
    """Answers calls by its behaviour and logs them; makes calls towards the edge."""

    def __init__(self, name: str, host: str, port: int, edge: str, frames: Callable[[Row], Frames]) -> None:
        self.name = name
        self.host, self.port, self.edge = host, port, edge
        self.behaviour = Behaviour()
        self.calls: deque[Row] = deque(maxlen=KEPT_CALLS)
        """Newest first."""
        self.on_call: Callable[[IncomingCall, Row], None] = lambda call, row: None
        self._frames = frames
        self._violations: list[dict[str, str]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._agent: Agent | None = None
        self._active: set[Call] = set()

    async def open(self) -> None:
        self._agent = agent = Agent(self.host, self.port, name=f"Simulated {self.name}")
        agent.violations = self._violations
        agent.on_request = self._on_invite
        agent.deaf = self.behaviour.state == "silent"
        await agent.sockets.listen(udp=True, tcp=True)
        self.port = agent.sockets.port

    def close(self) -> None:
        for call in tuple(self._active):
            call.abandon()
        if self._agent is not None:
            self._agent.close()
            self._agent = None

    @property
    def violations(self) -> list[dict[str, str]]:
        return self._violations

    async def switch(self, state: str) -> None:
        """on, off, slow or a fault; off closes the SIP ports, anything else opens them."""
        if state not in STATES:
            raise Refused(f"{state} is no state; there are: {', '.join(STATES)}")
        self.behaviour.state = state
        if state == "off":
            self.close()
        elif self._agent is None:
            await self.open()
        if self._agent is not None:
            self._agent.deaf = state == "silent"

    # --------------------------------------------------------------- incoming

    def _on_invite(self, transaction: ServerTransaction) -> None:
        assert self._agent is not None
        secure = "RTP/SAVP" in transaction.request.sdp
        call = IncomingCall(self._agent, transaction, secure=secure)
        row = describe(call)
        self.calls.appendleft(row)
        self.on_call(call, row)
        task = asyncio.ensure_future(self._handle(call, row))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, call: IncomingCall, row: Row) -> None:
        self._follow(call)
        call.when_ended(lambda: conclude(call, row))
        try:
            await self.behaviour.handle(call, self._frames(row))
            row["answered"] = call.is_answered
            await self._watch(call)
        except Unexpected as error:
            row["error"] = str(error)

    def _follow(self, call: Call) -> None:
        self._active.add(call)
        call.when_ended(lambda: self._active.discard(call))

    async def _watch(self, call: Call) -> None:
        """Hang up when the other side has gone without a BYE: carriers do, after a silent minute."""
        while call.is_answered and not call.is_ended:
            await asyncio.sleep(SILENT_SECONDS / 2)
            answered = call.agent.loop.time() - (call.answered_at or 0)
            quiet = min(call.media.silence_seconds, answered)
            if quiet > SILENT_SECONDS and not call.held and not call.is_ended:
                await call.hang_up()

    # --------------------------------------------------------------- outgoing

    async def call(
        self,
        from_: str,
        to: str,
        *,
        seconds: float = 2.0,
        patience: float = 7.0,
        anonymous: bool = False,
        diversion: str = "",
        tone: int = 1000,
        headers: dict[str, str] | None = None,
    ) -> Row:
        """Call through the edge; returns when it is over, or after `seconds` of talk and our BYE."""
        if self._agent is None:
            raise Refused(f"{self.name} is off")
        identity = f"<sip:{from_}@{self.host}>"
        fields = {"P-Asserted-Identity": identity} if from_ else {}
        if anonymous:
            identity = '"Anonymous" <sip:anonymous@anonymous.invalid>'
            fields["Privacy"] = "id"
        if diversion:
            fields["Diversion"] = f"<sip:{diversion}@{self.host}>;reason=unconditional;counter=1"
        call = await OutgoingCall.dial(
            self._agent,
            f"sip:{to}@{self.edge}",
            user=from_ if not anonymous else "",
            from_=identity if from_ or anonymous else f"<sip:{self.host}>",
            headers={**fields, **(headers or {})},
            tone=tone,
        )
        self._follow(call)
        try:
            await call.answered(within=patience)
            await call.ended(within=seconds)
        except Unexpected:
            pass  # still talking, still ringing, or refused: the result says which
        heard = heard_of(call)
        result: Row = {
            "sip_code": call.status,
            "reason": call.reason,
            "answered": call.is_answered,
            "call_id": call.invite.call_id,
            "codes": [response.code for response in call.responses],
            "heard_packets": call.media.received,
            "lost_packets": call.media.lost,
            "heard_tone": heard,
            "digits": call.media.digits,
            "ended_by": call.ended_by or "local",
        }
        try:
            await call.hang_up()
        except Unexpected as error:
            result["error"] = str(error)
        return {**result, "sip_code": call.status, "reason": call.reason}


def describe(call: IncomingCall) -> Row:
    """What an INVITE said, as GET /calls shows it."""
    invite, headers = call.invite, call.invite.headers
    uri = Uri.parse(invite.uri)
    asserted = [NameAddr.parse(value) for value in headers.values("P-Asserted-Identity")]
    return {
        "id": str(uuid.uuid4()),
        "received_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "call_id": invite.call_id,
        "transport": call._flow.protocol if call._flow else "",
        "request_uri": invite.uri,
        "dialled": uri.number or invite.uri,
        "rn": uri.number_parameters.get("rn") or uri.parameters.get("rn"),
        "npdi": "npdi" in uri.number_parameters or "npdi" in uri.parameters,
        "from": invite.from_.uri.number,
        "from_display": invite.from_.display,
        "p_asserted_identity": asserted[0].uri.number or asserted[0].uri.host if asserted else None,
        "p_asserted_name": asserted[0].display if asserted else "",
        "verstat": asserted[0].uri.number_parameters.get("verstat") if asserted else None,
        "privacy": headers.get("Privacy") or None,
        "diversion": headers.get("Diversion") or None,
        "history_info": headers.values("History-Info"),
        "headers": [[name, value] for name, value in headers.fields],
        "sdp": invite.sdp,
        "answered": False,
        "sip_code": None,
        "ended_by": None,
        "heard_tone": None,
        "packets": 0,
        "lost_packets": 0,
        "digits": "",
    }


def conclude(call: Call, row: Row) -> None:
    """Fill in how a call went."""
    row["answered"] = call.is_answered
    row["sip_code"] = call.status
    row["ended_by"] = {"local": "us", "remote": "them"}.get(call.ended_by)
    row["heard_tone"] = heard_of(call)
    row["packets"], row["lost_packets"] = call.media.received, call.media.lost
    row["digits"] = call.media.digits


def heard_of(call: Call) -> int | None:
    """The tone heard now, or most during the call."""
    now = call.media.hears_now()
    if now is not None:
        return now
    return max(call.media.tones, key=lambda tone: call.media.tones[tone], default=None)
