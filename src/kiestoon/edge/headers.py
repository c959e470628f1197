"""Identity, diversion and emergency headers: what we believe on the way in, what we say on the way out."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from kiestoon.domain.routing.call import Announcement
from kiestoon.domain.routing.instruction import Instruction, to_header
from kiestoon.edge import ksr
from kiestoon.edge.helped import CALL_BACK, CALL_BACK_PRIORITY
from kiestoon.edge.hiding import IDENTITIES
from kiestoon.edge.ksr import K
from kiestoon.vocabulary.attendant import HEADER

_HOST = "kiestoon.invalid"
DRILL = "X-Kiestoon-Drill"
"""Of a test call to an emergency service: the one emergency trunk it should try."""


def presented_identity() -> tuple[str, bool]:
    """(user part of the identity the sender presents, whether privacy is asked for).

    P-Asserted-Identity or P-Preferred-Identity (RFC 3325) before From; "" when anonymous.
    """
    privacy = ksr.text("$hdr(Privacy)").lower()
    asserted = ksr.text("$hdr(P-Asserted-Identity)") or ksr.text("$hdr(P-Preferred-Identity)")
    from_user = _number_part(ksr.text("$fU"))
    anonymous = (
        "id" in privacy
        or "user" in privacy
        or "anonymous" in from_user.lower()
        or "anonymous" in ksr.text("$fd")
    )
    if asserted:
        return _user_part(asserted), anonymous
    return ("" if anonymous else from_user), anonymous


def claimed_identities() -> list[str]:
    """User parts of every header that may say who calls, the likeliest first."""
    names = ("P-Asserted-Identity", "P-Preferred-Identity", "Contact")
    claims = [ksr.text("$fU"), *(_user_part(ksr.text(f"$hdr({name})")) for name in names), ksr.text("$au")]
    return [claim for claim in dict.fromkeys(_number_part(c) for c in claims) if claim]


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
    """Whether a carrier's identity is absent or an international number (ITU-T E.157), plus sign or not."""
    digits = identity.removeprefix("+").removeprefix("00")
    return not identity or (digits.isdecimal() and digits[0] != "0" and 7 <= len(digits) <= 15)


def _user_part(value: str) -> str:
    uri = value.partition("<")[2].partition(">")[0] or value.partition(";")[0]
    for scheme in ("sip:", "sips:", "tel:"):
        if uri.lower().startswith(scheme):
            uri = uri[len(scheme) :]
            break
    return _number_part(uri.partition("@")[0])


def _number_part(user: str) -> str:
    """A user part without its parameters (cpc=..., phone-context=...) and escapes."""
    return unquote(user.partition(";")[0])


def set_identity(stage: dict[str, Any], target: dict[str, Any]) -> None:
    """Say who calls, as decided: P-Asserted-Identity, From, Privacy and Diversion of one branch."""
    cli = target["cli"]
    for name in (*IDENTITIES, DRILL):
        K.hdr.remove(name)
    if target["anonymous"] and not stage["emergency"]:  # From is anonymous already: hiding.py
        K.hdr.remove("Privacy")
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
        if cli and _shows_another(target["kind"], cli):
            K.uac.uac_replace_from("", f"sip:{cli}@{_HOST}")
        if stage["emergency"]:
            K.hdr.remove("Privacy")
        if ksr.text("$avp(e)") == "on-site":  # a helpline is called as anybody is
            # RFC 7135: esnet.1 is for calls to a centre, in a namespace only ours may use.
            lines += "Priority: emergency\r\nResource-Priority: esnet.1\r\n"
    if ksr.text("$avp(e)") == CALL_BACK:
        K.hdr.remove("Priority")
        lines += f"Priority: {CALL_BACK_PRIORITY}\r\n"
    diversions = diversion_lines(stage["diversions"])
    if diversions and ksr.get("$hdr(Diversion)") is not None:
        K.hdr.insert_before(diversions, "Diversion")  # the latest forwarding stands first
    else:
        lines += diversions
    if lines:
        K.hdr.append(lines)


def set_instruction(stage: dict[str, Any], call_id: str, caller: str) -> None:
    """Tell the attendant what to say, and nobody else; what came in under this name is dropped."""
    K.hdr.remove(HEADER)
    if "announcement" not in stage:
        return
    code, reason = stage["refusal"]
    instruction = Instruction(Announcement(**stage["announcement"]), call_id, caller, code, reason)
    K.hdr.append(f"{HEADER}: {to_header(instruction)}\r\n")


def _shows_another(kind: str, cli: str) -> bool:
    """Whether From names another than the number decided; a carrier's call is shown to a user unaltered."""
    shown = ksr.text("$fU")
    if kind == "trunk":
        return shown != cli
    ours = ksr.text("$avp(u)")
    return bool(ours) and shown not in (cli, ours)


_REASON = {
    "busy": "user-busy",
    "no-answer": "no-answer",
    "unreachable": "unavailable",
    "always": "unconditional",
}


def diversion_lines(diversions: list[list[str]]) -> str:
    """Diversion headers (RFC 5806) of (number, condition) pairs, the latest first."""
    return "".join(
        f"Diversion: <sip:{number}@{_HOST}>;reason={_REASON.get(condition, 'unknown')};counter=1\r\n"
        for number, condition in diversions
    )
