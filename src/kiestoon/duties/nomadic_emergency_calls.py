"""112 from a nomadic device whose place is not known: routed, or announced (RD Numbering art. 43).

WEC art. 107 §3 asks for access always; RD Numbering art. 43 asks to prevent calls to 100, 101 and 112 with
nomadic numbers as long as identification and routing are not ensured. The tension is the operator's to settle
with the authorities (docs/law/nomadic-emergency-calls.md): calls are routed unless a document says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from kiestoon.duties.calling_line_identity import NUMBERING
from kiestoon.duties.duty import Duty, Source
from kiestoon.duties.emergency_calls import WEC, WEC_READ
from kiestoon.vocabulary.emergency import EmergencyPolicy, LocationState

DUTY: Final = Duty(
    key="nomadic-emergency-calls",
    title="112 from a nomadic device whose place is not known",
    summary="A call to 100, 101 or 112 from a nomadic device whose place is out of date or unknown goes to "
    "the centre of the last known address, which is told so; only under a recorded decision with its "
    "document does the caller hear an announcement instead. Every other emergency call is routed.",
    sources=(
        Source("RD Numbering art. 43", NUMBERING, "P", date(2023, 7, 27), "copy read"),
        Source("WEC art. 107 §3", WEC, "P", WEC_READ, "copy read"),
    ),
    module="kiestoon.duties.nomadic_emergency_calls",
    test="tests/unit/duties/test_nomadic_emergency_calls.py::test_an_uncertain_place",
    evidence="the nomadic-place reason of each emergency call from a nomadic device, and the decisions on "
    "the policy",
    applied_at="kiestoon.domain.routing.emergency:judge",
)

Action = Literal["route", "announce"]


@dataclass(frozen=True, slots=True)
class NomadicCall:
    """An on-site emergency call from a device of one of our users.

    `known_device`: its credentials were right, or it is registered at the address it calls from. Of anybody
    else it is not known that the device is nomadic at all.
    """

    nomadic: bool
    known_device: bool
    state: LocationState


@dataclass(frozen=True, slots=True)
class Verdict:
    """`article` is the provision that decided; `applies`: the call is one the duty is about."""

    action: Action
    article: str
    why: str
    applies: bool = True


def judge(call: NomadicCall, policy: EmergencyPolicy, document: str) -> Verdict:
    """Whether the call goes to a centre; `document` is the recorded decision behind "announce"."""
    if not call.nomadic:
        return Verdict("route", "art. 107 §3", "not from a nomadic device", applies=False)
    if call.state in ("confirmed", "declared"):
        return Verdict("route", "art. 107 §3", "the place of the nomadic device is known")
    if not call.known_device:
        return Verdict("route", "art. 107 §3", "the device has not proved whose it is")
    if policy == "announce" and document:
        return Verdict("announce", "art. 43", f"the operator's recorded decision: {document}")
    if policy == "announce":
        return Verdict("route", "art. 107 §3", "no document stands behind announcing: calls are routed")
    return Verdict("route", "art. 107 §3", "routed by the last known address, which is told so")
