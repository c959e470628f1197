"""SIP messages no polite device sends: the kinds RFC 4475 lists and more, each made anew for its sender.

`messages(sender)` gives name → bytes. None may do anything but get an error, silence, or a right answer;
`valid(sender)` are strange but correct ones, which a server must read.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

DOMAIN = "demo.kiestoon.test"
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 49170 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


@dataclass(frozen=True)
class Sender:
    """Where the message says it comes from."""

    transport: str
    address: str
    port: int
    user: str = "nobody"

    @property
    def sent_by(self) -> str:
        return f"{self.address}:{self.port}"


def request(
    sender: Sender,
    method: str = "OPTIONS",
    uri: str = f"sip:{DOMAIN}",
    body: bytes = b"",
    *,
    version: str = "SIP/2.0",
    without: tuple[str, ...] = (),
    more: tuple[tuple[str, str], ...] = (),
    **changed: Any,
) -> bytes:
    """A request; `changed` replaces header values (call_id="…", from_="…"), `without` leaves headers out."""
    branch = f"z9hG4bK{secrets.token_hex(6)}"
    headers = {
        "Via": f"SIP/2.0/{sender.transport.upper()} {sender.sent_by};branch={branch};rport",
        "Max-Forwards": "70",
        "From": f"<sip:{sender.user}@{DOMAIN}>;tag={secrets.token_hex(4)}",
        "To": f"<{uri}>",
        "Call-ID": secrets.token_hex(8),
        "CSeq": f"1 {method}",
        "Contact": f"<sip:{sender.user}@{sender.sent_by}>",
        **({"Content-Type": "application/sdp"} if body else {}),
        "Content-Length": str(len(body)),
    }
    names = {name.lower().replace("-", "_"): name for name in headers}
    for name, value in changed.items():
        known = name.rstrip("_")  # from_
        headers[names.get(known, known.replace("_", "-").title())] = value
    lines = [f"{method} {uri} {version}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name not in without]
    lines += [f"{name}: {value}" for name, value in more]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def invite(sender: Sender, number: str = "+32470123456", body: bytes = SDP, **changed: Any) -> bytes:
    return request(sender, "INVITE", f"sip:{number}@{DOMAIN}", body, **changed)


def messages(sender: Sender) -> dict[str, bytes]:
    """Broken ones."""
    via = f"SIP/2.0/{sender.transport.upper()} 192.0.2.7;branch=z9hG4bKx"
    found = {
        # first line
        "no version": b"OPTIONS sip:x@demo.kiestoon.test\r\n\r\n",
        "version 7": request(sender, version="SIP/7.0"),
        "no method": b" sip:x SIP/2.0\r\nVia: x\r\n\r\n",
        "spaces in the Request-URI": request(sender, uri="sip:us er@demo.kiestoon.test"),
        "Request-URI in brackets": request(sender, uri="<sip:user@demo.kiestoon.test>"),
        "unknown scheme": request(sender, uri="nobodyKnowsThis:stuff"),
        "a mail address": request(sender, uri="mailto:me@example.com"),
        "escaped headers in the Request-URI": request(sender, uri="sip:a@b.test?Route=%3Csip:c.test%3E"),
        "huge port": request(sender, uri="sip:x@demo.kiestoon.test:99999999999"),
        "bad IPv6": request(sender, uri="sip:x@[::::1"),
        "method of 4000 letters": request(sender, "X" * 4000),
        "URI of 9000 letters": request(sender, uri="sip:" + "a" * 9000 + "@demo.kiestoon.test"),
        "trailing spaces": request(sender).replace(b" SIP/2.0\r\n", b" SIP/2.0   \r\n", 1),
        "lower case version": request(sender, version="sip/2.0"),
        "a status line of nothing": b"SIP/2.0 999 What\r\n\r\n",
        "a status beyond 699": b"SIP/2.0 4294967301 Boo\r\nVia: " + via.encode() + b"\r\n\r\n",
        "a stray 200": request(sender).replace(
            b"OPTIONS sip:demo.kiestoon.test SIP/2.0", b"SIP/2.0 200 OK", 1
        ),
        # headers missing, doubled, broken
        "no To": request(sender, without=("To",)),
        "no From": request(sender, without=("From",)),
        "no Call-ID": request(sender, without=("Call-ID",)),
        "no CSeq": request(sender, without=("CSeq",)),
        "no Via": request(sender, without=("Via",)),
        "no Max-Forwards": request(sender, without=("Max-Forwards",)),
        "no headers at all": b"OPTIONS sip:demo.kiestoon.test SIP/2.0\r\n\r\n",
        "CSeq of another method": request(sender, cseq="1 INVITE"),
        "CSeq beyond 2^32": request(sender, cseq="36893488147419103232 OPTIONS"),
        "CSeq without a number": request(sender, cseq="OPTIONS"),
        "negative CSeq": request(sender, cseq="-5 OPTIONS"),
        "two Call-IDs": request(sender, more=(("Call-ID", "another"),)),
        "two Tos": request(sender, more=(("To", "<sip:other@example.com>"),)),
        "two CSeqs": request(sender, more=(("CSeq", "7 BYE"),)),
        "negative Max-Forwards": request(sender, max_forwards="-1"),
        "Max-Forwards 300": request(sender, max_forwards="300"),
        "Max-Forwards of letters": request(sender, max_forwards="seventy"),
        "Max-Forwards 0": request(sender, max_forwards="0"),
        "empty From": request(sender, from_=""),
        "unterminated quote": request(sender, to='"Mr. J. User <sip:j.user@example.com>'),
        "unterminated bracket": request(sender, to="<sip:j.user@example.com"),
        "only commas": request(sender, contact=",,,,,,,,"),
        "Contact *": invite(sender, contact="*"),
        "Contact of nonsense": invite(sender, contact="<sip:>;;;=;=;;"),
        "Contact with a header": invite(
            sender, contact="sip:user@example.com?Route=%3Csip:sip.example.com%3E"
        ),
        "bad Expires": request(sender, "REGISTER", expires="soon"),
        "Expires beyond 2^32": request(sender, "REGISTER", expires="10000000000000000"),
        "Via of another transport": request(sender, via="SIP/2.0/CARRIERPIGEON 192.0.2.1;branch=z9hG4bK1"),
        "Via without a host": request(sender, via="SIP/2.0/UDP ;branch=z9hG4bK1"),
        "Via with a bad port": request(sender, via="SIP/2.0/UDP 192.0.2.1:abc;branch=z9hG4bK1"),
        "empty branch": request(sender, via=f"SIP/2.0/UDP {sender.sent_by};branch="),
        "branch z9hG4bK": request(sender, via=f"SIP/2.0/UDP {sender.sent_by};branch=z9hG4bK"),
        "received we never wrote": request(sender, via=f"{via};received=127.0.0.1;rport=5060"),
        "Via back to ourselves": request(sender, via="SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKloop"),
        "a hundred Vias": request(sender, more=tuple(("Via", f"{via}{n}") for n in range(100))),
        "a hundred Vias in one": request(sender, via=", ".join(f"{via}{n}" for n in range(100))),
        "three thousand headers": request(sender, more=tuple((f"X-{n}", "y") for n in range(3000))),
        "three hundred Routes": request(
            sender, more=tuple(("Route", "<sip:192.0.2.9;lr>") for _ in range(300))
        ),
        "a Route to ourselves": request(sender, route="<sip:127.0.0.1:5060;lr>, <sip:127.0.0.1:5060;lr>"),
        "header of 20 kB": request(sender, subject="s" * 20_000),
        "header name of 5 kB": request(sender, more=(("N" * 5000, "v"),)),
        "header without colon": request(sender, more=()).replace(b"Max-Forwards: 70", b"Max-Forwards 70", 1),
        "folded a thousand times": request(sender, subject="a" + "\r\n b" * 1000),
        "no end of headers": request(sender).rstrip(b"\r\n"),
        "only line feeds": request(sender).replace(b"\r\n", b"\n"),
        "only carriage returns": request(sender).replace(b"\r\n", b"\r"),
        # authentication
        "a hundred Authorizations": request(
            sender, "REGISTER", more=tuple(("Authorization", f'Digest username="u{n}"') for n in range(100))
        ),
        "digest of nonsense": request(sender, "REGISTER", authorization='Digest ,,,,=,=""",,username'),
        "digest with a bad nonce": request(
            sender,
            "REGISTER",
            authorization=(
                f'Digest username="{sender.user}", realm="{DOMAIN}", nonce="%s%n{"A" * 500}", uri="sip:x", '
                f'response="{"f" * 500}", nc=ffffffffff, cnonce="", qop=auth-int, algorithm=ROT13'
            ),
        ),
        "unknown authentication": request(sender, "REGISTER", authorization="NoOneKnows opaque=x"),
        # encodings
        "NUL bytes": request(sender, subject="a\0b\0c"),
        "NUL in the user": request(sender, uri="sip:a\0b@demo.kiestoon.test"),
        "escaped NUL": invite(sender, "%00112"),
        "broken escapes": invite(sender, "%zz%1%"),
        "overlong UTF-8": request(sender).replace(b"Max-Forwards: 70", b"Subject: \xc0\xaf\xc0\xae", 1),
        "Latin-1 in From": request(sender).replace(b"From: <", b'From: "Fran\xe7ois" <', 1),
        "all 256 bytes": request(sender, body=bytes(range(256)) * 4),
        "format strings": request(sender, call_id="%s%n%x%p" * 20, subject="${jndi:ldap://x/}"),
        "SQL in the user": request(
            sender, "REGISTER", to="<sip:'; DROP TABLE location; --@demo.kiestoon.test>"
        ),
        "pseudo-variables": invite(sender, "$ru$(hdr(x))$avp(s)"),
        # bodies
        "multipart without boundary": invite(sender, body=b"--\r\n\r\n--", content_type="multipart/mixed"),
        "multipart never closed": invite(
            sender,
            body=b"--a\r\nContent-Type: application/sdp\r\n\r\n",
            content_type="multipart/mixed;boundary=a",
        ),
        "multipart of a thousand parts": invite(
            sender,
            body=b"--a\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 1000 + b"--a--",
            content_type="multipart/mixed;boundary=a",
        ),
        "SDP of nonsense": invite(
            sender, body=b"v=0\r\nm=audio 99999 RTP/AVP 999 -1 x\r\nc=IN IP9 ::z\r\n" * 50
        ),
        "SDP with a thousand streams": invite(sender, body=SDP + b"m=audio 1 RTP/AVP 8\r\n" * 1000),
        "unknown Content-Type": invite(sender, body=b"x", content_type="application/unknownformat"),
        "Require of the unknown": request(sender, require="nothingSupportsThis, nothingSupportsThisEither"),
        # Content-Length games
        "Content-Length too long": request(sender, body=b"abc", content_length="9999"),
        "Content-Length too short": invite(sender, content_length="3"),
        "negative Content-Length": request(sender, content_length="-999"),
        "Content-Length of letters": request(sender, content_length="many"),
        "Content-Length beyond 2^32": request(sender, content_length="4294967396"),
        "Content-Length beyond 2^64": request(sender, content_length="18446744073709551617"),
        "two Content-Lengths": request(sender, body=b"abc", more=(("Content-Length", "700"),)),
        "no Content-Length": invite(sender, without=("Content-Length",)),
        # no SIP
        "nothing": b"",
        "a NUL": b"\0",
        "CRLFs": b"\r\n" * 500,
        "HTTP": b"GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        "HTTP to a WebSocket": b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
        "STUN": b"\0\1\0\0\x21\x12\xa4\x42" + b"z" * 12,
        "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
        "RTP": b"\x80\x08\0\1\0\0\0\1\0\0\0\1" + b"\xd5" * 160,
        "60 kB of A": b"A" * 60_000,
        "60 kB of body": request(sender, body=b"B" * 60_000),
        # dialogs that are none
        "BYE to no call": request(sender, "BYE", to=f"<sip:x@{DOMAIN}>;tag=1"),
        "CANCEL of no call": request(sender, "CANCEL"),
        "ACK of no call": request(sender, "ACK", to=f"<sip:x@{DOMAIN}>;tag=1"),
        "INVITE with a tag": invite(sender, to=f"<sip:x@{DOMAIN}>;tag=1"),
        "forged Record-Route parameter": request(
            sender, "BYE", to="<sip:x@y>;tag=1", route="<sip:127.0.0.1;lr;ftag=1;k=c-1.r4r4.00000000>"
        ),
        "PRACK of nothing": request(sender, "PRACK", rack="1 1 INVITE", to=f"<sip:x@{DOMAIN}>;tag=1"),
        "REFER out of nowhere": request(sender, "REFER", refer_to="<sip:x@y>", to=f"<sip:x@{DOMAIN}>;tag=1"),
    }
    whole = invite(sender)
    for part in (1, 7, 19, 60, 150):
        found[f"cut after {part} bytes"] = whole[:part]
    found["cut in the middle"] = whole[: len(whole) // 2]
    found["cut near the end"] = whole[:-3]
    return found


def valid(sender: Sender) -> dict[str, bytes]:
    """Strange, and right: RFC 4475 section 3.1.1. Each is an OPTIONS that gets 200, or at most a refusal."""
    via = f"SIP/2.0/{sender.transport.upper()} {sender.sent_by};branch=z9hG4bK{secrets.token_hex(6)};rport"
    compact = (
        f"OPTIONS sip:{DOMAIN} SIP/2.0\r\nv: {via}\r\nMAX-FORWARDS: 68\r\nf:<sip:x@{DOMAIN}>;tag=1\r\n"
        f"t  : \r\n <sip:{DOMAIN}>\r\ni:{secrets.token_hex(6)}\r\ncseq:  0009  OPTIONS\r\n"
        f"m: <sip:x@{sender.sent_by}>\r\nl: 0\r\n\r\n"
    )
    return {
        "compact and folded": compact.encode(),
        "escaped user": request(sender, uri=f"sip:sips%3Auser%40example.com@{DOMAIN}"),
        "every token character": request(sender, call_id="intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"),
        "quoted commas and brackets": request(
            sender, from_=f'"\\"I, <am> ;tag=no\\"" <sip:x@{DOMAIN}>;tag=98asjd8'
        ),
        "long values": request(sender, user_agent="u" * 1500, call_id="c" * 200),
        "unknown headers": request(sender, more=(("NewFangledHeader", "newfangled\r\n value"), ("X-", ""))),
        "leading line ends": b"\r\n\r\n" + request(sender),
        "UTF-8 names": request(sender, from_=f'"Chloé 明" <sip:x@{DOMAIN}>;tag=1'),
    }
