"""Emergency calls go over TCP or TLS: with name and place an INVITE does not fit into a datagram."""

from __future__ import annotations

_TRANSPORT = ";transport="


def over_stream(uri: str) -> str:
    """The SIP URI of a next hop, over TCP unless it says TLS (RFC 3261 section 18.1.1: over 1300 bytes).

    >>> over_stream("sip:192.0.2.1:5060"), over_stream("sip:192.0.2.1;transport=udp")
    ('sip:192.0.2.1:5060;transport=tcp', 'sip:192.0.2.1;transport=tcp')
    >>> over_stream("sip:192.0.2.1:5061;transport=tls"), over_stream("sips:192.0.2.1")
    ('sip:192.0.2.1:5061;transport=tls', 'sips:192.0.2.1')
    """
    lowered = uri.lower()
    at = lowered.find(_TRANSPORT)
    if lowered.startswith("sips:"):
        return uri
    if at < 0:
        return f"{uri}{_TRANSPORT}tcp"
    begin = at + len(_TRANSPORT)
    rest = uri[begin:].partition(";")
    return uri if rest[0].lower() == "tls" else f"{uri[:begin]}tcp{rest[1]}{rest[2]}"
