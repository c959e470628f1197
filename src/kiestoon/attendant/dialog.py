"""The side of a dialog that was called (RFC 3261 section 12)."""

from __future__ import annotations

import secrets

from sipmessage import URI

from kiestoon.attendant.messages import OwnRequest, Request, Response, tag_of, uri_of, values


class Dialog:
    """Made from an INVITE; its requests go along the route set to the caller's Contact."""

    def __init__(self, invite: Request, tag: str) -> None:
        """Raises ValueError when the INVITE has no Contact or one that cannot be read."""
        self.call_id = invite.headers["Call-ID"]
        self.local_tag, self.remote_tag = tag, tag_of(invite.headers["From"])
        self._local, self._remote = f"{invite.headers['To']};tag={tag}", invite.headers["From"]
        self._target = ""
        self.routes = values(invite, "Record-Route")
        self._remote_cseq = invite.cseq.sequence
        self._cseq = 0
        self.refresh(invite)

    def refresh(self, request: Request) -> None:
        """Take the caller's Contact of an INVITE; raises ValueError."""
        contacts = values(request, "Contact")
        if not contacts:
            raise ValueError("Contact is missing")
        target = uri_of(contacts[0])
        URI.parse(target)
        self._target = target

    def is_of(self, request: Request) -> bool:
        """Whether a request names this dialog."""
        tags = tag_of(request.headers["To"]), tag_of(request.headers["From"])
        return tags == (self.local_tag, self.remote_tag)

    def in_order(self, request: Request) -> bool:
        """Whether its CSeq is newer than any before (12.2.2); ACK has that of its INVITE."""
        number = request.cseq.sequence
        if request.method == "ACK":
            return number <= self._remote_cseq
        if number <= self._remote_cseq:
            return False
        self._remote_cseq = number
        return True

    def request(self, method: str, via: str) -> Request:
        """`via` is the sent-by and transport, for example "TCP 127.0.0.1:5070"."""
        self._cseq += 1
        request = OwnRequest(method, self._target)
        fields = request.headers
        fields.add("Via", f"SIP/2.0/{via};branch=z9hG4bK{secrets.token_hex(8)};rport")
        fields.add("Max-Forwards", "70")
        for route in self.routes:
            fields.add("Route", route)
        fields.add("From", self._local)
        fields.add("To", self._remote)
        fields.add("Call-ID", self.call_id)
        fields.add("CSeq", f"{self._cseq} {method}")
        return request


def next_hop(message: Request | Response) -> tuple[str, int]:
    """Where a message goes when the connection it belongs to is gone: first Route, Request-URI, or top Via.

    Raises ValueError when that cannot be read.
    """
    if isinstance(message, Response):
        sent_by = values(message, "Via")[0].partition(";")[0].split()[-1]
        uri = URI.parse(f"sip:{sent_by}")
    else:
        routes = values(message, "Route")
        uri = URI.parse(uri_of(routes[0])) if routes else message.uri
    return uri.host, uri.port or 5060
