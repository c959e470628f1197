"""Calls the attendant takes: refusals it says aloud first, and service codes."""

from __future__ import annotations

from dataclasses import replace

from kiestoon.domain.emergency.locate import Located
from kiestoon.domain.emergency.spoken import address_file
from kiestoon.domain.routing.call import Announcement, RouteDecision, Stage, Target
from kiestoon.domain.routing.caller import Caller
from kiestoon.domain.routing.refusal import Refused
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.trail import Trail
from kiestoon.vocabulary.attendant import LANGUAGES, URI

CHECK_ADDRESS = "*55"
"""Service code: hear the address the emergency centre would see. It looks like no emergency number. A service
code goes before an extension of the same digits, which is dialled without its star."""
EARLY_SECONDS = 14
ANSWERED_SECONDS = 90
"""How long the edge lets an announcement last; longer than any the attendant makes."""


def announced(decision: RouteDecision, announcement: Announcement) -> RouteDecision:
    """The decision, taken by the attendant; `sip_code` stays what the call ends with when that is early."""
    return replace(decision, outcome="attendant", announcement=announcement)


def attendant_stage(decision: RouteDecision, announcement: Announcement) -> Stage:
    """The attendant as the place to go."""
    target = Target("attendant", "attendant", announcement.name, URI, announcement.name, decision.from_number)
    return Stage(
        (target,),
        ring_seconds=EARLY_SECONDS if announcement.early else ANSWERED_SECONDS,
        because="announcement",
        to=decision.to_number,
        announcement=announcement,
        refusal=(decision.sip_code or 480, decision.sip_reason or "Temporarily Unavailable"),
    )


def number_unreachable(
    refused: Refused, caller: Caller, snapshot: Snapshot, trail: Trail
) -> Announcement | None:
    """What the caller hears before this refusal, in its language; from outside, in that of who was called."""
    if not refused.announced:
        return None
    trail.add("announcement", "number-unreachable", "said before the call is refused, free of charge")
    customer = caller.customer
    if customer is None and refused.customer_id is not None:
        customer = snapshot.customer(refused.customer_id)
    return Announcement("number-unreachable", language_of(customer.language if customer else ""))


def check_address(caller: Caller, located: Located, trail: Trail) -> RouteDecision:
    """The service code CHECK_ADDRESS of one of our own callers."""
    assert caller.customer is not None
    trail.add("announcement", "address-read-back", "the caller asks which address the emergency centre sees")
    trail.add("emergency-location", located.state, located.why)
    language = language_of(caller.customer.language)
    address = located.address
    return RouteDecision(
        outcome="attendant",
        reasons=trail.reasons(),
        direction="internal",
        sip_code=480,
        sip_reason="Temporarily Unavailable",
        from_number=caller.number,
        to_number=CHECK_ADDRESS,
        customer_id=caller.customer_id,
        calling_customer_id=caller.customer_id,
        withheld=caller.hidden,
        caller_name=caller.name,
        announcement=Announcement(
            "address-read-back",
            language,
            early=False,
            text_file=address_file(address, language) if address is not None else "",
        ),
    )


def language_of(wanted: str) -> str:
    """A language there are prompts in; Dutch when nothing better is known."""
    return wanted if wanted in LANGUAGES else LANGUAGES[0]
