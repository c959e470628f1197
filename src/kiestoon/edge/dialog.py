"""Requests within a dialog: from Call-ID, tags and our signed Record-Route parameter alone."""

from __future__ import annotations

from dataclasses import asdict

from kiestoon.adapters.rtpengine import MediaUnavailable
from kiestoon.edge import ksr
from kiestoon.edge.answers import is_spare, note_answer, record_answer
from kiestoon.edge.gate import banned, flooding
from kiestoon.edge.ksr import K
from kiestoon.edge.media import DELAYED, answer_flags, codec, offer_flags, offered_profile
from kiestoon.edge.plane import CallPlane


def in_dialog(plane: CallPlane, method: str) -> None:
    """Relay along the route set; a BYE ends the call in the journal and frees its media."""
    routed = plane.signer.read(ksr.text("$hdr(Route)"), ksr.text("$ci"))
    if routed is None:
        if method == "ACK":
            if K.tm.t_check_trans() > 0:
                K.tm.t_relay()
            return
        if not banned() and not flooding(plane):
            ksr.reply(481, "Call/Transaction Does Not Exist")
        return
    if K.rr.loose_route() < 0:
        ksr.reply(404, "Not Here")
        return
    if not K.isdsturiset():
        K.nathelper.handle_ruri_alias()
    call_id, profiles = routed
    ksr.sets("$avp(c)", call_id)
    if method == "BYE":
        if K.tm.t_newtran() < 1:
            return  # a repetition that another worker has taken
        _bye(plane, call_id)
    elif method in ("INVITE", "UPDATE", "PRACK", "ACK"):
        _media(method, profiles)
    if method == "NOTIFY":
        K.rr.record_route()
    if K.tm.t_relay() < 0:
        K.sl.sl_reply_error()


def _bye(plane: CallPlane, call_id: str) -> None:
    by, caller_tag = "callee", ksr.text("$tt")
    if _downstream():
        by, caller_tag = "caller", ksr.text("$ft")
    sip_call_id = ksr.text("$ci")
    plane.recorder.event("bye", call_id, sip_call_id, by=by, ft=ksr.text("$ft"), tt=ksr.text("$tt"))
    if is_spare():
        return  # two devices answered at once; the media is the other dialog's
    free_media(plane, call_id, sip_call_id, caller_tag)


def _downstream() -> bool:
    """Whether this request goes from the caller to the callee."""
    return bool(K.rr.is_direction("downstream") > 0)


def free_media(plane: CallPlane, call_id: str, sip_call_id: str, caller_tag: str) -> None:
    """Delete the media session and journal its statistics (MOS, loss in percent, jitter in ms).

    It is deleted by the caller's tag, which all its branches share; by a callee's tag rtpengine would keep
    those of the devices and carriers tried before.
    """
    try:
        found = plane.media.delete(sip_call_id, caller_tag)
    except MediaUnavailable:
        return
    if found is not None:
        plane.recorder.event("media", call_id, sip_call_id, **asdict(found))


def _media(method: str, profiles: str) -> None:
    """Anchor a new offer or answer (hold, codec change, delayed offer) as the call was anchored."""
    caller, called, flags = profiles[:2], profiles[2:4], profiles[4:]
    downstream = _downstream()
    towards, back = (called, caller) if downstream else (caller, called)
    sdp = ksr.has_sdp()
    if method == "ACK" or (method == "PRACK" and downstream and DELAYED in flags):
        if sdp:
            K.rtpengine.rtpengine_answer(answer_flags(towards))
        return
    if sdp:
        K.rtpengine.rtpengine_offer(offer_flags(towards))
    elif method != "INVITE":
        return
    ksr.sets("$avp(back)", back)
    ksr.sets("$avp(o)", "" if sdp else DELAYED)
    ksr.sets("$avp(tag)", ksr.text("$ft") if downstream else ksr.text("$tt"))
    K.tm.t_on_reply("ksr_dialog_reply")


def anchor_reply(towards: str, delayed: bool) -> bool:
    """Anchor the SDP of a reply: an answer, or the offer when the INVITE had none."""
    if delayed:
        return bool(K.rtpengine.rtpengine_offer(offer_flags(towards)) > 0)
    return bool(K.rtpengine.rtpengine_answer(answer_flags(towards)) > 0)


def dialog_reply(plane: CallPlane) -> int:
    """The answer to a re-INVITE or UPDATE."""
    code = int(ksr.get("$rs") or 0)
    if code == 481:  # the dialog has ended, perhaps while the offer made a new media session
        caller_tag = ksr.text("$avp(tag)")
        free_media(plane, ksr.text("$avp(c)"), ksr.text("$ci"), caller_tag)
    elif code < 300 and ksr.has_sdp():
        anchor_reply(ksr.text("$avp(back)") or offered_profile(""), ksr.text("$avp(o)") == DELAYED)
    _alias()
    return 1


def stray_reply(plane: CallPlane) -> int:
    """A reply whose INVITE this edge does not know: sent before a restart, or a 2xx repeated very late."""
    code = int(ksr.get("$rs") or 0)
    if not 180 <= code < 300 or ksr.get("$rm") != "INVITE":
        return 1
    routed = plane.signer.read(ksr.text("$hdr(Record-Route)"), ksr.text("$ci"))
    if routed is None:
        return 1
    call_id, profiles = routed
    new, spare = note_answer(call_id) if code >= 200 else (False, False)
    sdp, anchored = ksr.has_sdp(), False
    if sdp and not spare:
        anchored = anchor_reply(profiles[:2], DELAYED in profiles[4:])
    if new:
        record_answer(plane, codec(ksr.text("$rb")) if sdp else "", anchored)
    _alias()
    return 1


def _alias() -> None:
    if ksr.get("$proto") in ("ws", "wss") or K.nathelper.nat_uac_test(64 + 1) > 0:
        K.nathelper.set_contact_alias()
