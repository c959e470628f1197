"""SIP messages (RFC 3261 section 7): parsed loosely, built canonically."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.sim.sip.uri import NameAddr, split_outside_quotes

COMPACT = {
    "i": "Call-ID",
    "m": "Contact",
    "e": "Content-Encoding",
    "l": "Content-Length",
    "c": "Content-Type",
    "f": "From",
    "s": "Subject",
    "k": "Supported",
    "t": "To",
    "v": "Via",
    "x": "Session-Expires",
    "r": "Refer-To",
    "b": "Referred-By",
    "o": "Event",
    "u": "Allow-Events",
}
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
}


class MalformedMessage(Exception):
    """These bytes are no SIP message."""


class Headers:
    """Header fields in order; names compare without case, compact forms are written out."""

    def __init__(self, fields: list[tuple[str, str]] | None = None) -> None:
        self.fields = list(fields or ())

    def get(self, name: str) -> str:
        """The first value, "" when the header is absent."""
        return next((value for own, value in self.fields if own.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        """The field values as they stand, one per header line."""
        return [value for own, value in self.fields if own.lower() == name.lower()]

    def values(self, name: str) -> list[str]:
        """All values of a comma-separated header."""
        return [part.strip() for line in self.all(name) for part in split_outside_quotes(line, ",")]

    def tokens(self, name: str) -> set[str]:
        """Lower-case option tags of Supported, Require, Allow and their like."""
        return {value.partition(";")[0].strip().lower() for value in self.values(name)}

    def __contains__(self, name: str) -> bool:
        return any(own.lower() == name.lower() for own, _ in self.fields)

    def add(self, name: str, value: str) -> None:
        self.fields.append((name, value))

    def set(self, name: str, value: str) -> None:
        self.remove(name)
        self.add(name, value)

    def remove(self, name: str) -> None:
        self.fields = [(own, value) for own, value in self.fields if own.lower() != name.lower()]

    def copy(self) -> Headers:
        return Headers(self.fields)


@dataclass
class Message:
    """What requests and responses share."""

    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def first_line(self) -> str:
        raise NotImplementedError

    @property
    def call_id(self) -> str:
        return self.headers.get("Call-ID")

    @property
    def from_(self) -> NameAddr:
        return NameAddr.parse(self.headers.get("From"))

    @property
    def to(self) -> NameAddr:
        return NameAddr.parse(self.headers.get("To"))

    @property
    def contact(self) -> NameAddr | None:
        values = self.headers.values("Contact")
        return NameAddr.parse(values[0]) if values and values[0] != "*" else None

    @property
    def cseq(self) -> tuple[int, str]:
        number, _, method = self.headers.get("CSeq").strip().partition(" ")
        return (int(number) if number.isdigit() else -1), method.strip()

    @property
    def via(self) -> Via:
        return Via.parse(next(iter(self.headers.values("Via")), ""))

    @property
    def sdp(self) -> str:
        """The session description, "" when there is none; looks into multipart bodies."""
        for part in parts(self):
            if part.content_type == "application/sdp":
                return part.body.decode(errors="replace")
        return ""

    def set_body(self, content_type: str, body: bytes | str) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.headers.remove("Content-Type")
        if self.body:
            self.headers.set("Content-Type", content_type)

    def encode(self) -> bytes:
        """The bytes to send, with a true Content-Length last."""
        self.headers.set("Content-Length", str(len(self.body)))
        lines = [self.first_line, *(f"{name}: {value}" for name, value in self.headers.fields), "", ""]
        return "\r\n".join(lines).encode() + self.body


@dataclass
class Request(Message):
    method: str = ""
    uri: str = ""
    version: str = "SIP/2.0"

    @property
    def first_line(self) -> str:
        return f"{self.method} {self.uri} {self.version}"


@dataclass
class Response(Message):
    code: int = 0
    reason: str = ""
    version: str = "SIP/2.0"
    local: bool = False
    """Nothing came: this stands for the timeout."""

    @property
    def first_line(self) -> str:
        return f"{self.version} {self.code} {self.reason}"


@dataclass
class Via:
    """One Via value."""

    protocol: str
    sent_by: str
    parameters: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Via:
        head, _, tail = text.partition(";")
        protocol, _, sent_by = head.strip().partition(" ")
        parameters = {}
        for part in tail.split(";"):
            name, _, value = part.partition("=")
            if name.strip():
                parameters[name.strip().lower()] = value.strip()
        return cls(protocol.rpartition("/")[2].upper(), sent_by.strip(), parameters)

    @property
    def branch(self) -> str:
        return self.parameters.get("branch", "")


@dataclass(frozen=True)
class Part:
    """One body part of a message (or its whole body when it is not multipart)."""

    content_type: str
    headers: Headers
    body: bytes


def parse(data: bytes) -> Request | Response:
    """A message from one datagram or one frame of a stream."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        head, separator, body = data.partition(b"\n\n")
    lines = head.decode("utf-8", errors="surrogateescape").lstrip("\r\n").splitlines()
    if not lines:
        raise MalformedMessage("empty")
    headers = parse_headers(lines[1:])
    length = headers.get("Content-Length").strip()
    if length.isdigit():
        body = body[: int(length)]
    first = lines[0].split(" ", 2)
    if len(first) == 3 and first[0].upper().startswith("SIP/") and first[1].isdigit():
        return Response(headers, body, int(first[1]), first[2], first[0])
    if len(first) == 2 and first[0].upper().startswith("SIP/") and first[1].isdigit():
        return Response(headers, body, int(first[1]), "", first[0])
    if len(first) == 3 and first[2].upper().startswith("SIP/"):
        return Request(headers, body, first[0], first[1], first[2])
    raise MalformedMessage(f"no SIP start line: {lines[0][:80]!r}")


def parse_headers(lines: list[str]) -> Headers:
    """Header lines, folded ones joined."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon:
            continue
        name = name.strip()
        fields.append((COMPACT.get(name.lower(), name), value.strip()))
    return Headers(fields)


def parts(message: Message) -> list[Part]:
    """Body parts (RFC 5621): the parts of multipart/mixed, or the body itself."""
    content_type = message.headers.get("Content-Type")
    kind = content_type.partition(";")[0].strip().lower()
    if not message.body:
        return []
    if not kind.startswith("multipart/"):
        return [Part(kind, message.headers, message.body)]
    boundary = ""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "boundary":
            boundary = value.strip().strip('"')
    found = []
    for chunk in (b"\r\n" + message.body).split(b"\r\n--" + boundary.encode())[1:]:
        if chunk.startswith(b"--"):
            break
        head, _, body = chunk.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = parse_headers(head.decode(errors="replace").splitlines())
        kind = headers.get("Content-Type").partition(";")[0].strip().lower()
        found.append(Part(kind, headers, body))
    return found


def response_to(request: Request, code: int, reason: str = "", tag: str = "") -> Response:
    """A response with the headers RFC 3261 section 8.2.6.2 copies."""
    headers = Headers()
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        for value in request.headers.all(name):
            headers.add(name, value)
    if code > 100 and tag and not request.to.tag:
        headers.set("To", f"{request.headers.get('To')};tag={tag}")
    for value in request.headers.all("Record-Route") if 100 < code < 300 else ():
        headers.add("Record-Route", value)
    return Response(headers, b"", code, reason or REASONS.get(code, "Unknown"))
