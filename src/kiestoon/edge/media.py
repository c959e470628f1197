"""Media profiles of the two sides of a call, and what rtpengine is asked for each.

A profile is two characters: transport (r RTP/AVP, s RTP/SAVP with SDES, w DTLS for browsers) and IP
family (4, 6). The pair caller+called travels in the Record-Route, so that a re-INVITE handled by a
restarted edge anchors in the same way; letters after it say more about the call.
"""

from __future__ import annotations

DELAYED = "d"
"""The INVITE came without SDP: the callee offers, the caller answers in PRACK or ACK."""

FROM_TRUNK, TO_TRUNK = "i", "o"
"""The caller, the called party is a trunk, not a device."""

TO_ATTENDANT = "a"
UNANCHORED = "n"
"""The media of the two sides goes past the relay: a trunk with plain RTP and the attendant."""

_CIPHERS = " ".join(
    f"SDES-no-{name}"
    for name in (
        *("NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_32", "F8_128_HMAC_SHA1_80", "F8_128_HMAC_SHA1_32"),
        *("AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_32"),
    )
)
"""Not offered: what does not encrypt (RFC 4568 suites with NULL), and what only makes the offer long."""

_OFFER = {
    "r": "RTP/AVP ICE=remove rtcp-mux-demux",
    "s": f"RTP/SAVP ICE=remove rtcp-mux-demux {_CIPHERS}",
    "w": "UDP/TLS/RTP/SAVPF ICE=force SDES-off DTLS=passive rtcp-mux-offer rtcp-mux-require generate-mid",
}
_ANSWER = {
    "r": "RTP/AVP ICE=remove",
    "s": "RTP/SAVP ICE=remove",
    "w": "UDP/TLS/RTP/SAVPF ICE=force SDES-off rtcp-mux-require generate-mid",
}
_COMMON = "replace-origin via-branch=auto-next generate-RTCP"
_FAMILY = {"4": "address-family=IP4", "6": "address-family=IP6"}


def offered_profile(sdp: str) -> str:
    """The profile of whoever made this SDP."""
    transport = "r"
    if "UDP/TLS/RTP/SAVP" in sdp:
        transport = "w"
    elif "RTP/SAVP" in sdp:
        transport = "s"
    return transport + ("6" if "IN IP6" in sdp else "4")


def source_profile(transport: str, address: str) -> str:
    """The profile of a caller that has offered nothing yet, from how its INVITE came."""
    kind = {"ws": "w", "wss": "w", "tls": "s"}.get(transport.lower(), "r")
    return kind + ("6" if ":" in address else "4")


def called_profile(uri: str, next_hop: str, srtp: str, emergency: bool = False) -> str:
    """The profile to offer to a contact or trunk, from its URI and the user's SRTP policy."""
    lowered = uri.lower()
    family = "6" if "[" in (next_hop or uri) else "4"
    if "transport=ws" in lowered:
        return "w" + family
    if srtp == "required" or (srtp == "auto" and ("transport=tls" in lowered or lowered.startswith("sips:"))):
        return "s" + family
    return "r" + family


def goes_past_relay(caller: str, flags: str) -> bool:
    """Whether caller and attendant can send each other what they send: plain RTP over IPv4, from a trunk.

    A device may be behind NAT or speak SRTP; without an offer (DELAYED) nobody knows.
    """
    return TO_ATTENDANT in flags and caller == "r4" and FROM_TRUNK in flags and DELAYED not in flags


def offer_flags(towards: str) -> str:
    """What rtpengine is asked for an offer."""
    return f"{_COMMON} {_OFFER[towards[0]]} {_FAMILY[towards[1]]}"


def answer_flags(towards: str) -> str:
    return f"{_COMMON} {_ANSWER[towards[0]]} {_FAMILY[towards[1]]}"


def codec(sdp: str) -> str:
    """Name of the first codec of the first audio stream in an answer, lower case; "" when none."""
    at = sdp.find("m=audio ")
    if at < 0:
        return ""
    fields = sdp[at : sdp.find("\n", at)].split()
    if len(fields) < 4:
        return ""
    payload = fields[3]
    static = {"0": "pcmu", "8": "pcma", "9": "g722", "3": "gsm", "18": "g729"}
    if payload in static:
        return static[payload]
    mark = sdp.find(f"a=rtpmap:{payload} ")
    if mark < 0:
        return ""
    return sdp[mark : sdp.find("/", mark)].split()[-1].lower()
