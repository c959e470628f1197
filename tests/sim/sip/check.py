"""What the standards ask of a message we receive; each breach is one sentence with its RFC."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.sim.sip.message import Message, Request, Response, Via
from tests.sim.sip.sdp import OPPOSITE, parse_sdp
from tests.sim.sip.uri import NameAddr, Uri

ONCE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Type", "Content-Length", "Session-Expires")
PRIVACY = {"none", "header", "session", "user", "id", "critical", "history"}
PROFILES = {"RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"}
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_SDP_ORDER = "vosiuepcbtrzkam"


def violations(message: Request | Response, data: bytes, protocol: str) -> list[str]:
    """Everything wrong with one received message."""
    found: list[str] = []
    for check in (_shared(message, data, protocol), _kind(message, protocol), _identity(message)):
        try:
            found += check
        except (ValueError, IndexError) as error:
            found.append(f"RFC 3261 7: unreadable header ({error})")
    if message.sdp:
        found += sdp_violations(message.sdp)
    return found


def _shared(message: Message, data: bytes, protocol: str) -> Iterator[str]:
    headers = message.headers
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if name not in headers:
            yield f"RFC 3261 8.1.1: no {name}"
    for name in ONCE:
        if len(headers.all(name)) > 1:
            yield f"RFC 3261 7.3.1: {name} more than once"
    if not _TOKEN.fullmatch(message.cseq[1]) or not 0 <= message.cseq[0] < 2**31:
        yield f"RFC 3261 8.1.1.5: CSeq {headers.get('CSeq')!r}"
    if not message.from_.tag:
        yield "RFC 3261 8.1.1.3: From without tag"
    if re.search(r"\s", message.call_id):
        yield "RFC 3261 8.1.1.4: white space in Call-ID"
    for value in headers.values("Via"):
        via = Via.parse(value)
        if not via.branch.startswith("z9hG4bK") or via.branch == "z9hG4bK":
            yield f"RFC 3261 8.1.1.7: branch {via.branch!r} without the magic cookie"
    length = headers.get("Content-Length").strip()
    head, _, body = data.partition(b"\r\n\r\n")
    if not length and protocol != "UDP" and not protocol.startswith("WS"):
        yield "RFC 3261 18.3: no Content-Length over a stream"
    if length and (not length.isdigit() or int(length) != len(body)):
        yield f"RFC 3261 20.14: Content-Length {length}, body of {len(body)} bytes"
    if message.body and "Content-Type" not in headers:
        yield "RFC 3261 20.15: a body without Content-Type"
    if b"\n" in head.replace(b"\r\n", b""):
        yield "RFC 3261 7: a line ends without CRLF"
    try:
        head.decode()
    except UnicodeDecodeError:
        yield "RFC 3261 7: the head is not UTF-8"
    for name in ("Route", "Record-Route"):
        for value in headers.values(name):
            if "lr" not in NameAddr.parse(value).uri.parameters:
                yield f"RFC 3261 16.6: {name} without lr"
    if "Session-Expires" in headers:
        interval = headers.get("Session-Expires").partition(";")[0].strip()
        least = headers.get("Min-SE").partition(";")[0].strip() or "90"
        if not interval.isdigit() or int(interval) < max(90, int(least)):
            yield f"RFC 4028 4: Session-Expires {interval} below the minimum"


def _kind(message: Request | Response, protocol: str) -> Iterator[str]:
    if message.version != "SIP/2.0":
        yield f"RFC 3261 7.1: version {message.version}"
    if isinstance(message, Request):
        yield from _request(message, protocol)
    else:
        yield from _response(message)


def _request(request: Request, protocol: str) -> Iterator[str]:
    headers = request.headers
    forwards = headers.get("Max-Forwards")
    if not forwards.isdigit() or int(forwards) > 255:
        yield f"RFC 3261 8.1.1.6: Max-Forwards {forwards!r}"
    if request.cseq[1] != request.method:
        yield f"RFC 3261 8.1.1.5: CSeq method {request.cseq[1]} in a {request.method}"
    uri = Uri.parse(request.uri)
    if re.search(r"[\s<>]", request.uri) or (uri.scheme in ("sip", "sips") and not uri.host):
        yield f"RFC 3261 8.1.1.1: Request-URI {request.uri!r}"
    if request.via.protocol != protocol:
        yield f"RFC 3261 18.1.1: Via says {request.via.protocol}, it came over {protocol}"
    if request.method in ("INVITE", "SUBSCRIBE", "UPDATE"):
        contacts = headers.values("Contact")
        if len(contacts) != 1 or NameAddr.parse(contacts[0]).uri.scheme not in ("sip", "sips"):
            yield f"RFC 3261 8.1.1.8: {len(contacts)} Contact values in {request.method}"
    if request.method in ("CANCEL", "ACK") and headers.tokens("Require") | headers.tokens("Proxy-Require"):
        yield f"RFC 3261 9.1: Require in {request.method}"
    if request.method == "CANCEL" and len(headers.values("Via")) != 1:
        yield "RFC 3261 9.1: CANCEL with more than one Via"
    if request.method == "PRACK" and len(headers.get("RAck").split()) != 3:
        yield f"RFC 3262 7.2: RAck {headers.get('RAck')!r}"


def _response(response: Response) -> Iterator[str]:
    headers, method = response.headers, response.cseq[1]
    if not 100 <= response.code < 700:
        yield f"RFC 3261 7.2: status {response.code}"
    if response.code > 100 and not response.to.tag:
        yield f"RFC 3261 8.2.6.2: To without tag in {response.code}"
    if len(headers.values("Via")) != 1:
        yield "RFC 3261 8.1.3.3: response with more than one Via"
    if method == "INVITE" and 200 <= response.code < 300 and response.contact is None:
        yield "RFC 3261 12.1.1: 2xx to INVITE without Contact"
    if "100rel" in headers.tokens("Require") and 100 < response.code < 200:
        if not headers.get("RSeq").strip().isdigit():
            yield "RFC 3262 3: reliable response without RSeq"
        if response.contact is None:
            yield "RFC 3261 12.1.1: reliable provisional response without Contact"
    timer = headers.get("Session-Expires").replace(" ", "")
    if 200 <= response.code < 300 and timer and "refresher=" not in timer:
        yield "RFC 4028 9: Session-Expires without refresher in a 2xx"
    if response.code in (401, 407):
        name = "WWW-Authenticate" if response.code == 401 else "Proxy-Authenticate"
        if "nonce=" not in headers.get(name):
            yield f"RFC 3261 22: {response.code} without {name}"
    if response.code == 405 and "Allow" not in headers:
        yield "RFC 3261 21.4.6: 405 without Allow"


def _identity(message: Message) -> Iterator[str]:
    headers = message.headers
    schemes = [NameAddr.parse(value).uri.scheme for value in headers.values("P-Asserted-Identity")]
    asserted = ["tel" if scheme == "tel" else "sip" for scheme in schemes]
    if len(asserted) != len(set(asserted)):
        yield "RFC 3325 9.1: P-Asserted-Identity has at most one sip and one tel URI"
    asked = {value.strip().lower() for value in headers.get("Privacy").split(";") if value.strip()}
    if not asked <= PRIVACY or ("none" in asked and len(asked) > 1):
        yield f"RFC 3323 4.2: Privacy {headers.get('Privacy')!r}"
    for value in headers.values("Diversion"):
        diversion = NameAddr.parse(value)
        if "<" not in value or not diversion.parameters.get("reason"):
            yield f"RFC 5806 4: Diversion {value!r}"
    for name in ("From", "To", "P-Asserted-Identity", "Contact"):
        for value in headers.all(name) if name in ("From", "To") else headers.values(name):
            display = value.partition("<")[0].strip()
            bare = "<" in value and not display.startswith('"')
            if bare and not all(_TOKEN.fullmatch(word) for word in display.split()):
                yield f"RFC 3261 25: unquoted display name in {name}"


def sdp_violations(text: str) -> list[str]:
    """RFC 4566 lines, in their order, and what an m= line needs."""
    found = []
    if not text.endswith("\n"):
        found.append("RFC 4566 5: the last line has no end")
    lines = [line for line in text.splitlines() if line]
    if any(len(line) < 2 or line[1] != "=" or line[2:3] == " " for line in lines):
        found.append("RFC 4566 5: a line is not type=value")
    session = "".join(line[0] for line in lines).partition("m")[0]
    if not session.startswith("vos"):
        found.append(f"RFC 4566 5: begins with {session[:3]!r}, not v o s")
    order = [_SDP_ORDER.find(kind) for kind in session if kind not in "rzk"]
    if order != sorted(order):
        found.append(f"RFC 4566 5: session lines out of order: {session}")
    if "t" not in session:
        found.append("RFC 4566 5.9: no t=")
    if lines and lines[0] != "v=0":
        found.append(f"RFC 4566 5.1: {lines[0]!r}")
    description = parse_sdp(text)
    origin = description.origin
    if len(origin) != 6 or not (origin[1].isdigit() and origin[2].isdigit()) or origin[3] != "IN":
        found.append(f"RFC 4566 5.2: o={' '.join(origin)}")
    elif (origin[4] == "IP6") != (":" in origin[5]):
        found.append(f"RFC 4566 5.2: address type {origin[4]} of {origin[5]}")
    for line in (line for line in lines if line.startswith("c=")):
        fields = line[2:].split()
        if len(fields) != 3 or fields[0] != "IN" or (fields[1] == "IP6") != (":" in fields[2]):
            found.append(f"RFC 4566 5.7: {line}")
    for stream in description.streams:
        if not stream.address:
            found.append("RFC 4566 5.7: an m= line without c=")
        if not stream.formats:
            found.append("RFC 4566 5.14: an m= line without formats")
        if stream.kind == "audio" and stream.profile not in PROFILES:
            found.append(f"RFC 4566 5.14: profile {stream.profile}")
        for payload in stream.formats:
            if payload.isdigit() and int(payload) >= 96 and not stream.encoding(payload):
                found.append(f"RFC 4566 6: dynamic payload {payload} without rtpmap")
        if len([name for name, _ in stream.attributes if name in OPPOSITE]) > 1:
            found.append("RFC 4566 6: more than one direction")
    return found


def answer_violations(offer: str, answer: str) -> list[str]:
    """RFC 3264: as many streams, the same profile, no format that was not offered."""
    offered, answered = parse_sdp(offer), parse_sdp(answer)
    found = []
    if len(offered.streams) != len(answered.streams):
        return [f"RFC 3264 6: {len(answered.streams)} m= lines answer {len(offered.streams)}"]
    for one, other in zip(offered.streams, answered.streams, strict=True):
        if one.kind != other.kind or (other.port and one.profile != other.profile):
            found.append(f"RFC 3264 6: {other.kind} {other.profile} answers {one.kind} {one.profile}")
        if not other.port:
            continue
        known = {one.encoding(payload).lower() for payload in one.formats}
        for payload in other.formats:
            if other.encoding(payload).lower() not in known:
                found.append(f"RFC 3264 6.1: format {payload} was not offered")
        if other.direction not in _allowed(one.direction):
            found.append(f"RFC 3264 6.1: {other.direction} answers {one.direction}")
    return found


def _allowed(direction: str) -> set[str]:
    if direction == "sendrecv":
        return set(OPPOSITE)
    return {OPPOSITE[direction], "inactive"}


def version_violations(previous: str, present: str) -> list[str]:
    """RFC 3264 section 8: a changed description keeps its session id and grows its version by one."""
    before, after = parse_sdp(previous), parse_sdp(present)
    if before.session_id != after.session_id:
        return ["RFC 3264 8: the session id in o= changed"]
    grown = int(after.version or 0) - int(before.version or 0)
    same = _without_origin(previous) == _without_origin(present)
    if (same and grown not in (0, 1)) or (not same and grown != 1):
        return [f"RFC 3264 8: o= version went from {before.version} to {after.version}"]
    return []


def _without_origin(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("o=")]


def cancel_violations(cancel: Request, invite: Request) -> list[str]:
    """RFC 3261 section 9.1: a CANCEL is the INVITE in all that names it."""
    found = []
    if cancel.uri != invite.uri:
        found.append("RFC 3261 9.1: CANCEL with another Request-URI than its INVITE")
    for name in ("Call-ID", "From", "To"):
        if cancel.headers.get(name) != invite.headers.get(name):
            found.append(f"RFC 3261 9.1: CANCEL with another {name} than its INVITE")
    if cancel.cseq[0] != invite.cseq[0]:
        found.append("RFC 3261 9.1: CANCEL with another CSeq number than its INVITE")
    return found
