"""Requests within a dialog: from Call-ID, tags and our signed Record-Route parameter alone."""

from __future__ import annotations

import re
from dataclasses import asdict

from kiestoon.edge import ksr, lines, relay
from kiestoon.edge.answers import is_spare, note_answer, record_answer
from kiestoon.edge.hiding import HIDDEN, hide_caller, hide_in_reply, uncover_request_uri
from kiestoon.edge.ksr import K
from kiestoon.edge.media import (
    DELAYED,
    FROM_TRUNK,
    TO_ATTENDANT,
    TO_TRUNK,
    UNANCHORED,
    codec,
)
from kiestoon.edge.nat import remember_source
from kiestoon.edge.plane import CallPlane


def in_dialog(plane: CallPlane, method: str) -> None:
    """Relay along the route set; a BYE ends the call in the journal and frees its media."""
    routed = plane.signer.read(ksr.text("$hdr(Route)"), ksr.text("$ci"))
    if routed is None:
        if method == "ACK":
            if K.tm.t_check_trans() > 0:
                K.tm.t_relay()
            return
        if not plane.gate.refuses(method):
            ksr.reply(481, "Call/Transaction Does Not Exist")
        return
    call_id, profiles = routed
    flags = profiles[4:]
    from_caller = _tag_of_caller() == ksr.text("$ft")
    hidden = HIDDEN in flags
    remember_source((FROM_TRUNK if from_caller else TO_TRUNK) in flags)
    if hidden and from_caller:
        hide_caller(plane.cover, call_id, own=True)
    if K.rr.loose_route() < 0:
        ksr.reply(404, "Not Here")
        return
    if not K.isdsturiset():
        K.nathelper.handle_ruri_alias()
    ksr.sets("$avp(c)", call_id)
    if method not in ("ACK", "BYE"):
        ksr.sets("$avp(to)", TO_TRUNK if (TO_TRUNK if from_caller else FROM_TRUNK) in flags else "")
        K.tm.t_on_reply("ksr_dialog_reply")
    if hidden and not from_caller:
        uncover_request_uri(plane.cover, call_id)
        ksr.sets("$avp(h)", HIDDEN)
        K.tm.t_on_reply("ksr_dialog_reply")
    if method == "BYE":
        if K.tm.t_newtran() < 1:
            return  # a repetition that another worker has taken
        _bye(plane, call_id, from_caller, flags)
    elif method in ("INVITE", "UPDATE", "PRACK", "ACK") and UNANCHORED not in flags:
        _media(method, profiles, from_caller)
    if method == "NOTIFY":
        K.rr.record_route()
    if K.tm.t_relay() < 0:
        K.sl.sl_reply_error()


def _bye(plane: CallPlane, call_id: str, from_caller: bool, flags: str) -> None:
    by = "caller" if from_caller else "system" if TO_ATTENDANT in flags else "callee"
    caller_tag = ksr.text("$ft") if from_caller else ksr.text("$tt")
    sip_call_id = ksr.text("$ci")
    plane.recorder.event("bye", call_id, sip_call_id, by=by, ft=ksr.text("$ft"), tt=ksr.text("$tt"))
    if UNANCHORED in flags or is_spare():
        return  # two devices answered at once; the media is the other dialog's
    lines.free(call_id)
    free_media(plane, call_id, sip_call_id, caller_tag)


_FTAG = re.compile(r";ftag=([^;>, ]+)")


def _tag_of_caller() -> str:
    """The caller's tag as our Record-Route kept it; known before loose routing."""
    found = _FTAG.search(ksr.text("$hdr(Route)"))
    return found.group(1) if found else ""


def free_media(plane: CallPlane, call_id: str, sip_call_id: str, caller_tag: str) -> None:
    """Delete the media session and journal what was measured (MOS, loss in percent, jitter in ms).

    It is deleted by the caller's tag, which all its branches share; by a callee's tag rtpengine would keep
    those of the devices and carriers tried before.
    """
    found = relay.delete(plane.media, sip_call_id, caller_tag)
    if found is not None:
        plane.recorder.event("media", call_id, sip_call_id, **asdict(found))


def _media(method: str, profiles: str, from_caller: bool) -> None:
    """Anchor a new offer or answer (hold, codec change, delayed offer) as the call was anchored."""
    caller, called, flags = profiles[:2], profiles[2:4], profiles[4:]
    towards, back = (called, caller) if from_caller else (caller, called)
    sdp = ksr.has_sdp()
    if method == "ACK" or (method == "PRACK" and from_caller and DELAYED in flags):
        if sdp:
            relay.answer(towards)
        return
    if sdp:
        relay.offer(towards)
    elif method != "INVITE":
        return
    ksr.sets("$avp(back)", back)
    ksr.sets("$avp(o)", "" if sdp else DELAYED)
    ksr.sets("$avp(tag)", ksr.text("$ft") if from_caller else ksr.text("$tt"))


def anchor_reply(towards: str, delayed: bool, emergency: bool = False) -> bool:
    """Anchor the SDP of a reply: an answer, or the offer when the INVITE had none."""
    return (relay.offer if delayed else relay.answer)(towards, emergency)


def dialog_reply(plane: CallPlane) -> int:
    """A reply within a dialog, such as the answer to a re-INVITE or UPDATE."""
    code = int(ksr.get("$rs") or 0)
    if ksr.text("$avp(h)"):
        hide_in_reply(plane.cover, ksr.text("$avp(c)"))
    if code == 481:  # the dialog has ended, perhaps while the offer made a new media session
        caller_tag = ksr.text("$avp(tag)")
        free_media(plane, ksr.text("$avp(c)"), ksr.text("$ci"), caller_tag)
    elif code < 300 and (back := ksr.text("$avp(back)")) and ksr.has_sdp():
        anchor_reply(back, ksr.text("$avp(o)") == DELAYED)
    remember_source(bool(ksr.text("$avp(to)")))
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
    if sdp and not spare and UNANCHORED not in profiles[4:]:
        anchored = anchor_reply(profiles[:2], DELAYED in profiles[4:])
    if new:
        record_answer(plane, codec(ksr.text("$rb")) if sdp else "", anchored)
    remember_source(TO_TRUNK in profiles[4:])
    return 1
