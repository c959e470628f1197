"""SIP messages on a stream (RFC 3261 sections 7 and 18.3): cut, read, answered, written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sipmessage import URI, Message, Request, Response

__all__ = ["Message", "Request", "Response"]

MAX_HEAD, MAX_BODY = 32 << 10, 128 << 10
_END: Final = b"\r\n\r\n"
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\r\n[ \t]+")
_BEFORE_COLON = re.compile(r"^([^\s:]+)[ \t]+:", re.MULTILINE)
_TAG = re.compile(r";\s*tag\s*=\s*([^\s;,>]+)", re.IGNORECASE)
_VALUE = re.compile(r"\s*((?:\"(?:[^\"\\]|\\.)*\"|<[^>]*>|[^,\"<])+)")
PHRASES: Final = {
    100: "Trying",
    183: "Session Progress",
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
}


class Unreadable(Exception):
    """What comes on this stream is no SIP: nothing after it can be read either."""


class OwnRequest(Request):
    """A request of ours; its Request-URI is written as the other side gave it.

    Parsed and written again it would differ in its escapes, and the edge would not know its own alias.
    """

    def __init__(self, method: str, target: str) -> None:
        """Raises ValueError when `target` is no URI."""
        super().__init__(method, URI.parse(target))
        self.target = target


class Stream:
    """Bytes in, whole messages out."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Each whole message as it was sent. Raises Unreadable."""
        self._data += data
        while True:
            while self._data.startswith(b"\r\n"):  # keep-alive (RFC 5626), or between messages
                del self._data[:2]
            end = self._data.find(_END)
            if end < 0:
                if len(self._data) > MAX_HEAD:
                    raise Unreadable("the header does not end")
                return
            length = _LENGTH.search(self._data, 0, end + 2)
            size = end + 4 + (int(length.group(1)) if length else 0)
            if size > MAX_HEAD + MAX_BODY:
                raise Unreadable("the message is too long")
            if len(self._data) < size:
                return
            whole = bytes(self._data[:size])
            del self._data[:size]
            yield whole


def parse(whole: bytes) -> Request | Response:
    """Raises ValueError, also for what no answer could be made to."""
    head, _, body = whole.partition(_END)
    text = _BEFORE_COLON.sub(r"\1:", _FOLD.sub(" ", head.decode("utf8", "replace")))
    message = Message.parse(text.encode() + _END + body)
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if not message.headers.get(name):
            raise ValueError(f"{name} is missing")
    cseq = message.cseq
    if isinstance(message, Request) and cseq.method != message.method:
        raise ValueError("CSeq names another method")
    return message


def encode(message: Request | Response) -> bytes:
    """With its Content-Length."""
    message.headers.set("Content-Length", str(len(message.body)))
    if isinstance(message, Request):
        uri = message.target if isinstance(message, OwnRequest) else message.uri
        first = f"{message.method} {uri} SIP/2.0\r\n"
    else:
        first = f"SIP/2.0 {message.code} {message.phrase}\r\n"
    return (first + str(message.headers)).encode() + message.body


def response_to(request: Request, code: int, phrase: str = "", *, tag: str = "") -> Response:
    """A response (RFC 3261 section 8.2.6.2); `tag` is added to a To that has none."""
    response = Response(code=code, phrase=phrase or PHRASES.get(code, "Refused"), body=b"")
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        response.headers.setlist(name, list(request.headers.getlist(name)))
    if 100 < code < 300 and (routes := request.headers.getlist("Record-Route")):
        response.headers.setlist("Record-Route", list(routes))
    to = request.headers["To"]
    if tag and code != 100 and not tag_of(to):
        response.headers.set("To", f"{to};tag={tag}")
    return response


def tag_of(address: str) -> str:
    """The tag of a From or To value, "" when it has none."""
    found = _TAG.search(address.rpartition(">")[2] if ">" in address else address)
    return found.group(1) if found else ""


def uri_of(address: str) -> str:
    """The URI of a Contact or Route value, as it was written."""
    if "<" in address:
        return address.partition("<")[2].partition(">")[0].strip()
    return address.partition(";")[0].strip()


def values(message: Request | Response, name: str) -> list[str]:
    """Every value of a header that may list several on one line (Record-Route, Contact, Via)."""
    return [one.strip() for line in message.headers.getlist(name) for one in _VALUE.findall(line)]


def branch_of(message: Request | Response) -> str:
    """The branch of the topmost Via: what makes a transaction."""
    found = re.search(r";\s*branch\s*=\s*([^\s;,]+)", values(message, "Via")[0], re.IGNORECASE)
    return found.group(1) if found else ""
