"""Who calls, and which number may be shown for it (the CLI guard)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiestoon.belgium.numbering import call_type, may_be_cli, to_e164
from kiestoon.domain.emergency.locate import Located, Origin, behind_pbx, of_user
from kiestoon.domain.routing.call import CallAttempt
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.trail import Trail
from kiestoon.duties.calling_line_identity import DUTY as CLI
from kiestoon.duties.spoofed_numbers import DUTY as SPOOFED_NUMBERS
from kiestoon.duties.spoofed_numbers import IncomingCall, Roaming, judge
from kiestoon.vocabulary.configuration import Customer, Trunk, User


@dataclass(slots=True)
class Caller:
    """The calling party as far as it is known; `customer` is None for calls from a carrier."""

    user: User | None = None
    trunk: Trunk | None = None
    customer: Customer | None = None
    number: str | None = None
    hidden: bool = False
    forwarded: bool = False
    """Somebody forwarded the call to us."""

    spoofed: bool = False
    """RD Spoofing forbids passing this call on."""

    @property
    def customer_id(self) -> int | None:
        return self.customer.customer_id if self.customer else None

    @property
    def outside_prefix(self) -> str:
        return self.customer.outside_prefix if self.customer else ""

    @property
    def suspended(self) -> bool:
        return bool((self.user and self.user.suspended) or (self.customer and self.customer.suspended))

    @property
    def name(self) -> str:
        if self.user is not None:
            return self.user.name
        return self.customer.name if self.customer else ""

    @property
    def organisation(self) -> str:
        """The customer's name when `name` is a person's."""
        return self.customer.name if self.user is not None and self.customer is not None else ""


def identify(call: CallAttempt, snapshot: Snapshot, now: datetime, trail: Trail) -> Caller:
    """Find the caller's user, trunk and customer, and the number shown for it.

    The CLI is a number the customer holds, else its main number (RD Numbering art. 19, 5°; WEC art.
    121 §4). A carrier's number passes unaltered.
    """
    if call.trunk_id is not None:
        return _from_trunk(call, call.trunk_id, snapshot, now, trail)
    user = snapshot.user(call.username) if call.username else None
    if user is None:
        trail.add("caller", "unknown", "no user of ours stands behind this call")
        return Caller()
    customer = snapshot.customer(user.customer_id)
    how = "authenticated" if call.verified else "claimed, not verified"
    trail.add("caller", how, f"user {user.username} of customer {user.customer_id}")
    main = customer.main_number if customer else None
    caller = Caller(user=user, customer=customer, number=user.number or main)
    caller.hidden = user.clir or call.anonymous
    own = {user.username, user.extension, ""}
    if call.verified and call.presented not in own:
        caller.number = _guarded(call.presented, user.customer_id, caller.number, snapshot, trail)
    return caller


def locate(call: CallAttempt, caller: Caller, snapshot: Snapshot) -> Located:
    """The emergency location of the device that calls."""
    if caller.user is not None:
        network = snapshot.network(call.source) if call.source and caller.user.nomadic else None
        return of_user(caller.user, caller.customer, Origin(call.source, call.instance, network))
    if caller.trunk is not None and caller.trunk.kind == "customer-pbx":
        return behind_pbx(caller.trunk, caller.customer, call.presented, caller.number)
    return Located("unknown", None, "nobody we know stands behind this call")


def line_of(claim: str, snapshot: Snapshot) -> str | None:
    """The user whose name or number this is; what a call without valid credentials may claim."""
    user = snapshot.user(claim)
    if user is not None:
        return user.username
    e164 = to_e164(claim) or to_e164("+" + claim)
    held = snapshot.number(e164) if e164 else None
    return held.target if held is not None and held.kind == "user" else None


def _from_trunk(call: CallAttempt, trunk_id: str, snapshot: Snapshot, now: datetime, trail: Trail) -> Caller:
    trunk = snapshot.trunk(trunk_id)
    if trunk is None:
        trail.add("caller", "unknown", "the trunk is no longer configured")
        return Caller()
    trail.add("caller", "trunk", f"{trunk.name} ({trunk.interface} interface)")
    if trunk.kind == "customer-pbx" and trunk.customer_id is not None:
        customer = snapshot.customer(trunk.customer_id)
        main = trunk.main_number or (customer.main_number if customer else None)
        caller = Caller(trunk=trunk, customer=customer, hidden=call.anonymous)
        caller.number = _guarded(call.presented, trunk.customer_id, main, snapshot, trail)
        return caller
    number = _carrier_number(call.presented, trunk)
    caller = Caller(
        trunk=trunk, number=number, hidden=call.anonymous, forwarded=call.forwarded_by is not None
    )
    return _unspoofed(call, caller, trunk, snapshot, now, trail)


def _unspoofed(
    call: CallAttempt, caller: Caller, trunk: Trunk, snapshot: Snapshot, now: datetime, trail: Trail
) -> Caller:
    """The caller as RD Spoofing lets it pass: unchanged, without its number, or marked as blocked."""
    incoming = IncomingCall(
        interface=trunk.interface,
        number=caller.number,
        well_formed=call.well_formed,
        forwarded_by=to_e164(call.forwarded_by) if call.forwarded_by else None,
    )
    roaming: Roaming = "infeasible" if snapshot.operator().roaming_check else "at-home"
    verdict = judge(incoming, roaming, trunk.special, now)
    if trunk.interface != "national":
        trail.add("spoofed-number", verdict.action, f"{verdict.article}: {verdict.why}", SPOOFED_NUMBERS.key)
    if verdict.action == "pass-without-number":
        caller.number, caller.hidden = None, True
    caller.spoofed = verdict.action == "block"
    return caller


def _carrier_number(presented: str, trunk: Trunk) -> str | None:
    """E.164 of what a carrier presents: national, international, or international without its plus."""
    number = to_e164(presented)
    if number is None and presented.isascii() and presented.isdigit():
        bare = "+" + presented
        belgian = presented.startswith("32") and call_type(bare) is not None
        if belgian or (trunk.interface == "international" and call_type(bare) == "international"):
            return bare
    return number


def _guarded(
    presented: str, customer_id: int, fallback: str | None, snapshot: Snapshot, trail: Trail
) -> str | None:
    number = to_e164(presented) or to_e164("+" + presented)
    held = snapshot.number(number) if number else None
    if number and held is not None and held.customer_id == customer_id and may_be_cli(number):
        trail.add("cli-guard", "own number", "the number presented is held by the customer", CLI.key)
        return number
    why = "the number presented is not the customer's; its own is shown instead"
    trail.add("cli-guard", "replaced", why, CLI.key)
    return fallback
