"""Requests within a dialog: from Call-ID, tags and our signed Record-Route parameter alone."""

from __future__ import annotations

from typing import Any

from kiestoon.edge import ksr
from kiestoon.edge.ksr import K
from kiestoon.edge.media import answer_flags, offer_flags, offered_profile
from kiestoon.edge.plane import CallPlane


def in_dialog(plane: CallPlane, method: str) -> None:
    """Relay along the route set; a BYE ends the call in the journal and frees its media."""
    routed = plane.signer.read(ksr.text("$hdr(Route)"), ksr.text("$ci"))
    if routed is None:
        if method == "ACK":
            if K.tm.t_check_trans() > 0:
                K.tm.t_relay()
            return
        ksr.reply(481, "Call/Transaction Does Not Exist")
        return
    if K.rr.loose_route() < 0:
        ksr.reply(404, "Not Here")
        return
    if not K.isdsturiset():
        K.nathelper.handle_ruri_alias()
    call_id, profiles = routed
    if method == "BYE":
        _bye(plane, call_id)
    elif method in ("INVITE", "UPDATE", "PRACK", "ACK") and ksr.has_sdp():
        _media(method, profiles)
    if method == "NOTIFY":
        K.rr.record_route()
    if K.tm.t_relay() < 0:
        K.sl.sl_reply_error()


def _bye(plane: CallPlane, call_id: str) -> None:
    by = "caller" if K.rr.is_direction("downstream") > 0 else "callee"
    sip_call_id = ksr.text("$ci")
    plane.recorder.event("bye", call_id, sip_call_id, by=by, ft=ksr.text("$ft"), tt=ksr.text("$tt"))
    free_media(plane, call_id, sip_call_id)


def free_media(plane: CallPlane, call_id: str, sip_call_id: str) -> None:
    """Delete the media session and journal its statistics (MOS, loss in percent, jitter in ms)."""
    if K.rtpengine.rtpengine_delete0() < 0:
        return
    mos, loss, jitter = ksr.get("$avp(mos)"), ksr.get("$avp(loss)"), ksr.get("$avp(jitter)")
    if mos is not None:
        plane.recorder.event(
            "media", call_id, sip_call_id, mos=_number(mos), loss=_number(loss), jitter_ms=_number(jitter)
        )


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _media(method: str, profiles: str) -> None:
    """Anchor a new offer or answer (hold, codec change, delayed offer) as the call was anchored."""
    caller, called = profiles[:2], profiles[2:]
    downstream = K.rr.is_direction("downstream") > 0
    towards, back = (called, caller) if downstream else (caller, called)
    if method == "ACK":
        K.rtpengine.rtpengine_answer(answer_flags(towards))
        return
    K.rtpengine.rtpengine_offer(offer_flags(towards))
    ksr.sets("$avp(back)", back)
    K.tm.t_on_reply("ksr_dialog_reply")


def dialog_reply(plane: CallPlane) -> int:
    """The answer to a re-INVITE or UPDATE."""
    if ksr.has_sdp():
        back = ksr.text("$avp(back)") or offered_profile("")
        K.rtpengine.rtpengine_answer(answer_flags(back))
    _alias()
    return 1


def _alias() -> None:
    if ksr.get("$proto") in ("ws", "wss") or K.nathelper.nat_uac_test(64 + 1) > 0:
        K.nathelper.set_contact_alias()
