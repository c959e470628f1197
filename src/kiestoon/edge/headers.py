"""Identity, diversion and emergency headers: what we believe on the way in, what we say on the way out."""

from __future__ import annotations

from typing import Any

from kiestoon.domain.routing.call import RouteDecision
from kiestoon.edge import ksr
from kiestoon.edge.ksr import K
from kiestoon.edge.pidf import pidf_lo

_HOST = "kiestoon.invalid"
_ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'


def presented_identity() -> tuple[str, bool]:
    """(user part of the identity the sender presents, whether privacy is asked for).

    P-Asserted-Identity or P-Preferred-Identity (RFC 3325) before From; "" when anonymous.
    """
    privacy = ksr.text("$hdr(Privacy)").lower()
    asserted = ksr.text("$hdr(P-Asserted-Identity)") or ksr.text("$hdr(P-Preferred-Identity)")
    from_user = ksr.text("$fU")
    anonymous = (
        "id" in privacy
        or "user" in privacy
        or "anonymous" in from_user.lower()
        or "anonymous" in ksr.text("$fd")
    )
    if asserted:
        return _user_part(asserted), anonymous
    return ("" if anonymous else from_user), anonymous


def forwarding_party() -> str | None:
    """User part of who forwarded this call (RFC 5806, else the last but one of RFC 7044); None: nobody did.

    Diversion's first value is the last forwarder; "" when there is one but it is not named.
    """
    diversion = ksr.get("$hdr(Diversion)")
    if diversion is not None:
        return _user_part(str(diversion))
    history = ksr.text("$hdr(History-Info)")
    if not history:
        return None
    entries = history.split(",")
    return _user_part(entries[-2]) if len(entries) > 1 else ""


def is_international(identity: str) -> bool:
    """Whether a carrier's identity is absent or an international number (ITU-T E.157)."""
    digits = identity[1:] if identity.startswith("+") else identity.removeprefix("00")
    return not identity or (digits != identity and digits.isdecimal() and 7 <= len(digits) <= 15)


def _user_part(value: str) -> str:
    uri = value.partition("<")[2].partition(">")[0] or value.partition(";")[0]
    for scheme in ("sip:", "sips:", "tel:"):
        if uri.lower().startswith(scheme):
            uri = uri[len(scheme) :]
            break
    return uri.partition("@")[0].partition(";")[0]


def set_identity(stage: dict[str, Any], target: dict[str, Any]) -> None:
    """Say who calls, as decided: P-Asserted-Identity, From, Privacy and Diversion of one branch."""
    cli = target["cli"]
    for name in ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID"):
        K.hdr.remove(name)
    if target["anonymous"] and not stage["emergency"]:
        K.hdr.remove("Privacy")
        K.uac.uac_replace_from('"Anonymous"', "sip:anonymous@anonymous.invalid")
        lines = "Privacy: id\r\n"
        if cli and target["kind"] == "trunk":
            lines += f"P-Asserted-Identity: <sip:{cli}@{_HOST}>\r\n"
    else:
        # verstat (3GPP TS 24.229): an unauthenticated emergency call claims this number.
        verstat = ksr.text("$avp(v)")
        mark = f";verstat={verstat}" if verstat else ""
        name = ksr.text("$avp(n)")
        display = f'"{name}" ' if name else ""
        lines = f"P-Asserted-Identity: {display}<sip:{cli}{mark}@{_HOST}>\r\n" if cli else ""
        if target["kind"] == "trunk" and cli and ksr.get("$fU") != cli:
            K.uac.uac_replace_from("", f"sip:{cli}@{_HOST}")
        if stage["emergency"]:
            K.hdr.remove("Privacy")
            lines += "Priority: emergency\r\nResource-Priority: esnet.0\r\n"
    if stage["forwarded_from"]:
        reason = {"busy": "user-busy", "no-answer": "no-answer", "unreachable": "unavailable"}
        why = reason.get(stage["because"], "unconditional")
        lines += f"Diversion: <sip:{stage['forwarded_from']}@{_HOST}>;reason={why};counter=1\r\n"
    if lines:
        K.hdr.append(lines)


def set_emergency_headers(decision: RouteDecision) -> None:
    """Add name and location (RFC 6442, PIDF-LO by value) for the emergency centre."""
    if decision.location is None:
        return
    document = pidf_lo(decision.location, decision.from_number or "", decision.caller_name)
    cid = "location@kiestoon.invalid"
    sdp = ksr.text("$rb") if ksr.has_sdp() else ""
    parts = []
    if sdp:
        parts.append(f"Content-Type: application/sdp\r\n\r\n{sdp}")
    parts.append(
        f"Content-Type: application/pidf+xml\r\nContent-ID: <{cid}>\r\n"
        f"Content-Disposition: by-reference;handling=optional\r\n\r\n{document}"
    )
    boundary = "kiestoon-emergency"
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    K.textops.set_body(body, f"multipart/mixed;boundary={boundary}")
    K.hdr.append(f"Geolocation: <cid:{cid}>\r\nGeolocation-Routing: yes\r\n")
    K.textopsx.msg_apply_changes()
