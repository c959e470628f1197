"""Dialog state (RFC 3261 section 12): tags, CSeq, remote target and route set of one side."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.sim.sip.message import Headers, Message, Request, Response


@dataclass
class Dialog:
    """Makes requests within the dialog and checks the order of those it receives."""

    call_id: str
    local: str
    """Our From value, tag included."""
    remote: str
    """Their To value, tag included."""
    local_tag: str
    remote_tag: str
    remote_target: str
    routes: list[str] = field(default_factory=list)
    local_cseq: int = 0
    remote_cseq: int = -1

    @classmethod
    def of_caller(cls, invite: Request, response: Response) -> Dialog:
        """From a response that carries a To tag; the route set is Record-Route reversed."""
        contact = response.contact
        return cls(
            invite.call_id,
            invite.headers.get("From"),
            response.headers.get("To"),
            invite.from_.tag,
            response.to.tag,
            str(contact.uri) if contact else invite.uri,
            list(reversed(response.headers.values("Record-Route"))),
            invite.cseq[0],
        )

    @classmethod
    def of_called(cls, invite: Request, local_tag: str) -> Dialog:
        contact = invite.contact
        return cls(
            invite.call_id,
            f"{invite.headers.get('To')};tag={local_tag}",
            invite.headers.get("From"),
            local_tag,
            invite.from_.tag,
            str(contact.uri) if contact else str(invite.from_.uri),
            invite.headers.values("Record-Route"),
            0,
            invite.cseq[0],
        )

    def request(self, method: str, contact: str, cseq: int | None = None) -> Request:
        """A request of ours; an ACK takes the CSeq number of its INVITE."""
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        headers = Headers([("Max-Forwards", "70"), ("From", self.local), ("To", self.remote)])
        headers.add("Call-ID", self.call_id)
        headers.add("CSeq", f"{cseq} {method}")
        for route in self.routes:
            headers.add("Route", route)
        if method in ("INVITE", "UPDATE"):
            headers.add("Contact", f"<{contact}>")
        return Request(headers, b"", method, self.remote_target)

    def in_order(self, request: Request) -> bool:
        """Is this request newer than those before (section 12.2.2)? Remembers it."""
        if request.cseq[0] <= self.remote_cseq:
            return False
        self.remote_cseq = request.cseq[0]
        return True

    def refresh(self, message: Message) -> None:
        """A target refresh: the Contact of a re-INVITE, UPDATE, or its 2xx."""
        contact = message.contact
        if contact is not None:
            self.remote_target = str(contact.uri)
