"""The one file that knows KSR: what the edge asks of Kamailio, in the edge's words.

`KSR` exists only inside Kamailio; tests put a fake in `sys.modules` before importing this.
"""

from __future__ import annotations

import traceback
from typing import Any

import KSR as _KSR

from kiestoon.edge.bodies import holds_sdp

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


def log_error(message: str) -> None:
    """For operators: never a number, a name or digits in the text."""
    K.err(message + "\n")


def log_failure(step: str, error: Exception) -> None:
    """Where a step failed; not the exception's text, which may quote a header."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log_error(f"{step} failed: {type(error).__name__} in {place.filename.rpartition('/')[2]}:{place.lineno}")


def log_info(message: str) -> None:
    K.info(message + "\n")


def has_sdp() -> bool:
    if K.sdpops.sdp_content() < 0:
        return False
    return holds_sdp(text("$cT"), text("$rb"))  # Kamailio finds SDP in any multipart body


def reply(code: int, phrase: str) -> None:
    """Answer the request of the present transaction, or statelessly when there is none."""
    K.sl.send_reply(code, phrase)
