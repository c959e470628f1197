"""Blocking of calls from abroad that show a Belgian number (RD Spoofing, RD of 12 May 2024).

Pure: a call as it came in, the recorded facts about its interface, and the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from kiestoon.belgium.numbering import call_type, is_short
from kiestoon.duties.duty import Duty, Source, belgian_day
from kiestoon.vocabulary.configuration import InterfaceClass, SpecialInterface

LINK: Final = "https://www.ejustice.just.fgov.be/eli/arrete/2024/05/12/2024005253/justel"
IN_FORCE: Final = date(2024, 9, 1)
MOBILE_IN_FORCE: Final = date(2024, 12, 1)
ANSWER_WITHIN: Final = timedelta(hours=24)
"""Art. 4 §2: from BIPT's request to the identification of the user of a call."""
BLOCK_WITHIN: Final = timedelta(hours=24)
"""Art. 4 §2: for the receiving operator to block all calls of a user who was not identified."""

DUTY: Final = Duty(
    key="spoofed-numbers",
    title="Calls from abroad with a Belgian number are blocked",
    summary="A call that comes in on an international interface with a Belgian number as calling line "
    "identity is blocked, except where article 3 or the special interface of article 4 lets it pass; a "
    "Belgian mobile number passes when its subscriber is abroad, or without the number when that provably "
    "cannot be checked. Who made a call over the special interface is told to BIPT within 24 hours.",
    sources=(
        Source("RD Spoofing arts. 1-5", LINK, "P", IN_FORCE),
        Source("RD Spoofing art. 1, mobile numbers", LINK, "P", MOBILE_IN_FORCE),
    ),
    module="kiestoon.duties.spoofed_numbers",
    test="tests/unit/duties/test_spoofed_numbers.py::test_a_belgian_number_from_abroad_is_blocked",
    evidence="the reasons of every call that came in on an international or special interface",
    applied_at="kiestoon.domain.routing.caller:judge",
)

Action = Literal["pass", "pass-without-number", "block"]
Roaming = Literal["abroad", "at-home", "infeasible"]
"""Where a Belgian mobile subscriber is; infeasible: the check provably cannot be made (art. 1)."""


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A call as a carrier handed it to us. Numbers are E.164 with +."""

    interface: InterfaceClass
    number: str | None
    """What the calling line identity says; None when there is none (nothing is claimed, art. 1 is silent)."""
    well_formed: bool = True
    """The identity is an international number as ITU-T E.157 wants it."""
    forwarded_by: str | None = None
    """Number that forwarded the call to Belgium (Diversion or History-Info)."""


Standing = Literal["open", "answered", "late", "answered-late", "incomplete", "wrong"]
"""Of an answer to BIPT (art. 4 §2); from "late" on the receiving operator blocks the user's calls."""


def answer_due(asked_at: datetime) -> datetime:
    """Art. 4 §2: hours run through nights and weekends alike."""
    return asked_at + ANSWER_WITHIN


def standing(
    asked_at: datetime,
    answered_at: datetime | None,
    found: Literal["", "incomplete", "wrong"],
    now: datetime,
) -> Standing:
    """Where a request stands; `found` is what BIPT said of the answer, "" when nothing."""
    if answered_at is None:
        return "open" if now <= answer_due(asked_at) else "late"
    if found:
        return found
    return "answered" if answered_at <= answer_due(asked_at) else "answered-late"


def must_block(state: Standing) -> bool:
    """Art. 4 §2: late, incomplete or wrong, all calls of the user are blocked; an answer ends it."""
    return state in ("late", "incomplete", "wrong")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`article` is the provision that decided."""

    action: Action
    article: str
    why: str


def judge(call: IncomingCall, roaming: Roaming, special: SpecialInterface | None, now: datetime) -> Verdict:
    """Whether the call may be passed on, and with its number or without.

    `special` is the recorded agreement of the special interface the call came in by; without one, or while
    BIPT has suspended it (art. 5), the interface counts as international.
    """
    day = belgian_day(now)
    if call.interface == "national":
        return Verdict("pass", "art. 2", "came in on a national interface, apart from international ones")
    if day < IN_FORCE:
        return Verdict("pass", "art. 1", "before the decree was in force")
    if call.interface == "special" and special is not None and not special.suspended:
        return _over_special_interface(call, special)
    return _from_abroad(call, roaming, day)


def _from_abroad(call: IncomingCall, roaming: Roaming, day: date) -> Verdict:
    if call.number is None and call.well_formed:
        return Verdict("pass", "art. 1", "no number is shown, so none is forged")
    if call.number is None or not call.well_formed:
        return Verdict("block", "art. 1", "the number is no international number (ITU-T E.157)")
    if not call.number.startswith("+32"):
        return Verdict("pass", "art. 1", "the number is not Belgian")
    kind = call_type(call.number)
    if kind == "short" or is_short(call.number[3:]):
        return Verdict("block", "art. 1", "a Belgian short number cannot call")
    if kind is None:
        return Verdict("block", "art. 1", "no Belgian number has this form and length")
    if kind in ("geographic", "mobile") and _forwarded_back(call):
        return Verdict("pass", "art. 3", "called from Belgium and forwarded back from abroad")
    if kind != "mobile":
        return Verdict("block", "art. 1", "a Belgian geographic or non-geographic number from abroad")
    return _mobile(roaming, day)


def _forwarded_back(call: IncomingCall) -> bool:
    """Art. 3: a roamer's late forwarding, or a foreign number forwarded to a Belgian one."""
    by = call.forwarded_by
    return by is not None and (not by.startswith("+32") or call_type(by) == "mobile")


def _mobile(roaming: Roaming, day: date) -> Verdict:
    if day < MOBILE_IN_FORCE:
        return Verdict("pass", "art. 1", "before the rule on mobile numbers was in force")
    if roaming == "abroad":
        return Verdict("pass", "art. 1", "the mobile subscriber is abroad")
    if roaming == "infeasible":
        return Verdict("pass-without-number", "art. 1", "roaming provably cannot be checked: number removed")
    return Verdict("block", "art. 1", "the mobile subscriber is not abroad")


def _over_special_interface(call: IncomingCall, special: SpecialInterface) -> Verdict:
    if (
        call.number is None
        or not call.well_formed
        or call_type(call.number) != "geographic"
        or not call.number.startswith("+32")
    ):
        return Verdict("block", "art. 4", "only Belgian geographic numbers pass the special interface")
    if call.number in special.blocked:
        return Verdict("block", "art. 4 §2", "its user was not identified to BIPT within 24 hours")
    if call.number in special.cloud_numbers:
        return Verdict("pass", "art. 4 §3", "on the agreement's list of cloud service numbers")
    if special.nomadic:
        return Verdict("pass", "art. 4", "a nomadic call the originating operator answers for")
    return Verdict("block", "art. 4 §3", "not on the agreement's list, which does not cover nomadic calls")
