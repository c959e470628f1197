"""The one file that knows KSR: what the edge asks of Kamailio, in the edge's words.

`KSR` exists only inside Kamailio; tests put a fake in `sys.modules` before importing this.
"""

from __future__ import annotations

from typing import Any, Unpack

import KSR as _KSR

from kiestoon.edge.bodies import holds_sdp
from kiestoon.vocabulary.log_line import Fields, failure, line

K: Any = _KSR
_get: Any = K.pv.get
sets: Any = K.pv.sets


def get(name: str) -> Any:
    """Value of a pseudo-variable, None when null; text that is not UTF-8 is read as Latin-1."""
    try:
        return _get(name)
    except UnicodeDecodeError as error:  # a phone may send any byte, and its call must go on
        return bytes(error.object).decode("latin-1")


def text(name: str) -> str:
    """A pseudo-variable as text, "" when null."""
    value = get(name)
    return "" if value is None else str(value)


def log(level: str, event: str, **fields: Unpack[Fields]) -> None:
    """One line for operators (vocabulary.log_line), with the call's id where it is known."""
    if call_id := text("$avp(c)"):
        fields["call_id"] = call_id
    if sip_call_id := text("$ci"):
        fields["sip_call_id"] = sip_call_id
    write = K.err if level == "error" else K.warn if level == "warning" else K.info
    write(line("edge", level, event, **fields) + "\n")


def log_failure(step: str, error: Exception) -> None:
    """Where a step failed; not the exception's text, which may quote a header."""
    log("error", "step-failed", step=step, **failure(error))


def has_sdp() -> bool:
    if K.sdpops.sdp_content() < 0:
        return False
    return holds_sdp(text("$cT"), text("$rb"))  # Kamailio finds SDP in any multipart body


def reply(code: int, phrase: str) -> None:
    """Answer the request of the present transaction, or statelessly when there is none."""
    K.sl.send_reply(code, phrase)
