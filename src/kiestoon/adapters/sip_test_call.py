"""A test call to an emergency service, as a telephone makes it: INVITE to a test URN, answer, BYE.

A minimal user agent: one call, digest with a HA1 (RFC 8760 left aside), no media is sent and none expected.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiestoon.adapters.sip_wire import WebSocketWire, Wire, WireBroken

PATIENCE: Final = 20.0
"""Seconds for a final answer."""
AGENT: Final = "Kiestoon drill"
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Line:
    """Who calls. `ha1` "": known by its address (a trunk), nothing is asked; `identity`: what it presents."""

    username: str
    domain: str
    ha1: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test call went. `code` 0: there was no final answer; `setup_ms` from INVITE to 180 or 200."""

    call_id: str
    code: int
    setup_ms: int | None = None
    why: str = ""


PlaceCall = Callable[[Line, str, str, Wire, bool], Outcome]


def place_test_call(
    line: Line, urn: str, path: str, wire: Wire, browser: bool, patience: float = PATIENCE
) -> Outcome:
    """Call `urn` over `path` (id of a trunk), wait for the answer, hang up. Never raises for what goes wrong.

    `browser`: offer DTLS-SRTP with ICE, as a browser does; else plain RTP.
    """
    call = _Call(line, urn, path, wire, browser)
    try:
        return call.run(patience)
    except WireBroken as error:
        return Outcome(call.call_id, 0, None, str(error))


@dataclass(slots=True)
class _Call:
    line: Line
    urn: str
    path: str
    wire: Wire
    browser: bool
    call_id: str = field(default_factory=lambda: f"{secrets.token_hex(12)}@drill.invalid")
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    cseq: int = 1
    to: str = ""
    branch: str = ""

    def run(self, patience: float) -> Outcome:
        self.to = f"<{self.urn}>"
        begun, until = time.monotonic(), time.monotonic() + patience
        self._invite("")
        setup_ms: int | None = None
        challenged = False
        while time.monotonic() < until:
            message = _Message(self.wire.receive())
            if not message.code or message.text("call-id") != self.call_id:
                continue
            if message.text("cseq") != f"{self.cseq} INVITE":
                continue
            if message.code >= 180 and setup_ms is None and message.code not in (401, 407):
                setup_ms = round(1000 * (time.monotonic() - begun))
            if message.code in (401, 407) and self.line.ha1 and not challenged:
                challenged = True
                self._ack_refusal(message)
                self.cseq += 1
                begun = time.monotonic()
                self._invite(self._credentials(message))
            elif message.code >= 300:
                self._ack_refusal(message)
                return Outcome(self.call_id, message.code, None, message.phrase)
            elif message.code >= 200:
                self._hang_up(message)
                return Outcome(self.call_id, message.code, setup_ms, message.phrase)
        return Outcome(self.call_id, 0, setup_ms, "no final answer in time")

    def _invite(self, credentials: str) -> None:
        offer = _browser_offer(self.wire) if self.browser else _desk_offer(self.wire)
        more = [f"Contact: <{self._contact()}>", "Content-Type: application/sdp"]
        if self.line.identity:
            more.append(f"P-Asserted-Identity: <sip:{self.line.identity}@{self.line.domain}>")
        if self.path:
            more.append(f"X-Kiestoon-Drill: {self.path}")
        if credentials:
            more.append(credentials)
        self._send("INVITE", self.urn, self.to, more, offer)

    def _ack_refusal(self, message: _Message) -> None:
        self._send("ACK", self.urn, message.text("to"), [], "", branch=self.branch)

    def _hang_up(self, answer: _Message) -> None:
        """ACK and BYE within the dialog (RFC 3261 sections 13.2.2.4 and 15)."""
        target = _uri_in(answer.text("contact")) or self.urn
        routes = [f"Route: {value}" for value in reversed(answer.values("record-route"))]
        remote = answer.text("to")
        self._send("ACK", target, remote, routes, "")
        self.cseq += 1
        self._send("BYE", target, remote, routes, "")
        while True:
            message = _Message(self.wire.receive())
            if message.code >= 200 and message.text("cseq") == f"{self.cseq} BYE":
                return

    def _send(
        self, method: str, target: str, to: str, more: list[str], body: str, *, branch: str = ""
    ) -> None:
        if not branch:
            branch = f"z9hG4bK{secrets.token_hex(8)}"
            if method == "INVITE":
                self.branch = branch
        host, port = self._sent_by()
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/{self.wire.name} {host}:{port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.line.username}@{self.line.domain}>;tag={self.tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}",
            f"User-Agent: {AGENT}",
            *more,
            f"Content-Length: {len(body.encode())}",
            "",
            body,
        ]
        self.wire.send("\r\n".join(lines))

    def _sent_by(self) -> tuple[str, int]:
        return ("drill.invalid", 5060) if isinstance(self.wire, WebSocketWire) else self.wire.local

    def _contact(self) -> str:
        host, port = self._sent_by()
        transport = "ws" if isinstance(self.wire, WebSocketWire) else "tcp"
        return f"sip:{self.line.username}@{host}:{port};transport={transport}"

    def _credentials(self, message: _Message) -> str:
        """Digest (RFC 2617, MD5, qop auth) from the HA1: the password is nowhere."""
        proxy = message.code == 407
        challenge = message.text("proxy-authenticate" if proxy else "www-authenticate")
        asked = {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(challenge)}
        nonce, realm, cnonce = asked.get("nonce", ""), asked.get("realm", ""), secrets.token_hex(8)
        ha2 = _md5(f"INVITE:{self.urn}")
        if "auth" in asked.get("qop", ""):
            response = _md5(f"{self.line.ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
            tail = f', qop=auth, nc=00000001, cnonce="{cnonce}"'
        else:
            response, tail = _md5(f"{self.line.ha1}:{nonce}:{ha2}"), ""
        name = "Proxy-Authorization" if proxy else "Authorization"
        return (
            f'{name}: Digest username="{self.line.username}", realm="{realm}", nonce="{nonce}", '
            f'uri="{self.urn}", response="{response}", algorithm=MD5{tail}'
        )


class _Message:
    """A SIP message read: `code` 0 for a request."""

    def __init__(self, text: str) -> None:
        head = text.partition("\r\n\r\n")[0]
        first, *lines = head.split("\r\n")
        parts = first.split(" ", 2)
        is_reply = parts[0] == "SIP/2.0" and len(parts) > 1 and parts[1].isdigit()
        self.code = int(parts[1]) if is_reply else 0
        self.phrase = parts[2] if is_reply and len(parts) > 2 else ""
        self._fields = [
            (name.strip().lower(), value.strip()) for name, _, value in (one.partition(":") for one in lines)
        ]

    def values(self, name: str) -> list[str]:
        """Every value of a header, lists taken apart (Record-Route)."""
        return [part.strip() for field, value in self._fields if field == name for part in value.split(",")]

    def text(self, name: str) -> str:
        short = {"call-id": "i", "to": "t", "contact": "m"}.get(name)
        return next((value for field, value in self._fields if field in (name, short)), "")


def _uri_in(contact: str) -> str:
    return contact.partition("<")[2].partition(">")[0] or contact.partition(";")[0]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _desk_offer(wire: Wire) -> str:
    host = wire.local[0]
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        "m=audio 9 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    )


def _browser_offer(wire: Wire) -> str:
    """What a browser offers (RFC 8829), with a fingerprint of nobody: no DTLS handshake follows."""
    host = wire.local[0]
    fingerprint = ":".join(f"{byte:02X}" for byte in secrets.token_bytes(32))
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        f"m=audio 9 UDP/TLS/RTP/SAVPF 111 8 101\r\nc=IN IP4 {host}\r\na=rtcp:9 IN IP4 {host}\r\n"
        f"a=candidate:1 1 UDP 2113937151 {host} 50000 typ host\r\na=ice-ufrag:{secrets.token_hex(4)}\r\n"
        f"a=ice-pwd:{secrets.token_hex(12)}\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\n"
        "a=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:8 PCMA/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n"
    )
