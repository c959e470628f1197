"""What the edge asks of the media relay, and how it goes on when the relay hangs.

A hung relay costs whoever asks it 150 ms of a SIP worker. After one such wait ordinary calls ask again only
after two seconds, and emergency calls, which go on without it, only after ten.
"""

from __future__ import annotations

import time

from kiestoon.adapters.rtpengine import MediaEnds, MediaUnavailable, Quality
from kiestoon.edge import ksr
from kiestoon.edge.ksr import K
from kiestoon.edge.media import answer_flags, offer_flags

_HUNG_SECONDS = 0.1
"""An error that took longer was a wait in vain, not a refusal."""
_AT_ONCE_SECONDS = 0.02
ASK_AGAIN, ASK_AGAIN_EMERGENCY = 20, 100
"""Tenths of a second."""


def is_full() -> bool:
    """Whether the relay has ports for emergency calls only."""
    return ksr.get("$sht(relay=>full)") is not None


def offer(towards: str, emergency: bool = False) -> bool:
    if _hangs(emergency):
        return False
    started = time.monotonic()
    result = K.rtpengine.rtpengine_offer(offer_flags(towards))
    if result < 0 and time.monotonic() - started < _AT_ONCE_SECONDS:
        # Refused without a wait: what the socket reports may be the absence of a relay since restarted.
        result = K.rtpengine.rtpengine_offer(offer_flags(towards))
    return _note(result, started)


def answer(towards: str, emergency: bool = False) -> bool:
    if _hangs(emergency):
        return False
    started = time.monotonic()
    return _note(K.rtpengine.rtpengine_answer(answer_flags(towards)), started)


def delete(ends: MediaEnds, sip_call_id: str, caller_tag: str) -> Quality | None:
    """Delete the whole call, by the tag that all its branches share; None when there was no session."""
    if _hangs(emergency=True):
        return None
    started = time.monotonic()
    try:
        found = ends.delete(sip_call_id, caller_tag)
    except MediaUnavailable:
        _note(-1, started)
        return None
    _note(1, started)
    return found


def _hangs(emergency: bool) -> bool:
    since = ksr.get("$sht(relay=>hung)")
    if since is None:
        return False
    wait = ASK_AGAIN_EMERGENCY if emergency else ASK_AGAIN
    return 0 <= int(time.monotonic() * 10) - int(since) < wait


def _note(result: int, started: float) -> bool:
    if result > 0:
        if ksr.get("$sht(relay=>hung)") is not None:
            K.htable.sht_rm("relay", "hung")
        return True
    now = time.monotonic()
    if now - started > _HUNG_SECONDS:
        ksr.log("warning", "media-relay-silent")
        K.pv.seti("$sht(relay=>hung)", int(now * 10))
    return False
