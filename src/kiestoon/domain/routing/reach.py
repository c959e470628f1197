"""How a number, a user or the outside world is reached, with forwarding."""

from __future__ import annotations

from dataclasses import replace

from kiestoon.belgium.numbering import call_type, may_be_cli
from kiestoon.domain.emergency.classify import classify
from kiestoon.domain.routing.call import Diversion, Stage, Target
from kiestoon.domain.routing.caller import Caller
from kiestoon.domain.routing.carriers import outgoing_carriers
from kiestoon.domain.routing.refusal import Refused
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.targets import to_trunk, to_user
from kiestoon.domain.routing.trail import Trail
from kiestoon.vocabulary.configuration import Customer, Number, Trunk, User

MAX_FORWARDS = 5
"""Forwardings followed in one call; a longer chain is a mistake."""
GROUP_RING_SECONDS = 30


def _ignored(why: str) -> Refused:
    return Refused("forwarding", 404, "Not Found", why)


def _diverted(stage: Stage, number: str, condition: str) -> Stage:
    """The stage and all that may follow it, with one more forwarding in their past."""

    def later(following: Stage | None) -> Stage | None:
        return _diverted(following, number, condition) if following else None

    return replace(
        stage,
        diversions=(*stage.diversions, Diversion(number, condition)),
        failed=later(stage.failed),
        busy=later(stage.busy),
        no_answer=later(stage.no_answer),
        unreachable=later(stage.unreachable),
    )


def _tried_because(stage: Stage, condition: str) -> Stage:
    """The stage and its fail-over, tried because of this condition."""
    failed = _tried_because(stage.failed, condition) if stage.failed else None
    return replace(stage, because=condition, failed=failed)


class Reach:
    """Builds stages for one decision; remembers what it learned on the way."""

    def __init__(self, snapshot: Snapshot, caller: Caller, trail: Trail) -> None:
        self._snapshot = snapshot
        self._caller = caller
        self._trail = trail
        self.customer_id: int | None = None
        self.carriers: frozenset[str] = frozenset()

    def number(self, number: Number, hops: tuple[str, ...] = ()) -> Stage:
        """The stage for one of our customers' numbers."""
        customer = self._called_customer(number)
        if number.kind == "user":
            user = self._snapshot.user(number.target)
            if user is None:
                raise self._refused(
                    "destination", 404, "Not Found", "the number's user no longer exists", number
                )
            return self.user(user, number.e164, hops)
        if number.kind == "trunk":
            trunk = self._snapshot.trunk(number.target)
            if trunk is None:
                raise self._refused(
                    "destination", 404, "Not Found", "the number's trunk no longer exists", number
                )
            self._trail.add("destination", "customer's PBX", f"trunk {trunk.name}")
            return Stage((self._trunk_target(trunk, number.e164),), to=number.e164)
        users = [u for u in self._snapshot.users_of(customer.customer_id) if not u.suspended]
        if not users:
            raise self._refused("destination", 480, "Temporarily Unavailable", "no user to ring", number)
        refusals = [self._refusal_of(user, number.e164, hops) for user in users]
        willing = [user for user, refusal in zip(users, refusals, strict=True) if refusal is None]
        if refusals[0] is not None and not willing:
            raise refusals[0]
        users = willing
        self._trail.add("destination", "everyone", f"the main number rings {len(users)} users")
        targets = tuple(self._user_target(u) for u in users)
        return Stage(targets, GROUP_RING_SECONDS, to=number.e164)

    def user(self, user: User, to: str | None, hops: tuple[str, ...] = ()) -> Stage:
        """The stage for one user: its devices, and what follows when they don't answer."""
        if self.customer_id is None:
            self.customer_id = user.customer_id
        if user.suspended:
            raise Refused(
                "destination",
                480,
                "Temporarily Unavailable",
                "the called user is suspended",
                to_number=to,
                customer_id=user.customer_id,
                announced=True,
            )
        refusal = self._refusal_of(user, to, hops)
        if refusal is not None:
            raise refusal
        here = (*hops, user.username)
        by = {f.condition: f.target for f in user.forwarding}
        if "always" in by:
            stage = self._forward(user, "always", by["always"], here)
            if stage is not None:
                return stage
        if not hops:
            self._trail.add("destination", "user", f"rings the devices of {user.username}")
        return Stage(
            (self._user_target(user),),
            user.ring_seconds,
            to=to,
            busy=self._forward(user, "busy", by.get("busy"), here),
            no_answer=self._forward(user, "no-answer", by.get("no-answer"), here),
            unreachable=self._forward(user, "unreachable", by.get("unreachable"), here),
        )

    def _refusal_of(self, user: User, to: str | None, hops: tuple[str, ...]) -> Refused | None:
        """What the called user asked to be spared (WEC arts. 130, 131), when this call is such a call."""
        if user.reject_anonymous and self._anonymous_to_called:
            return Refused(
                "anonymous",
                433,
                "Anonymity Disallowed",
                "the called user rejects calls without a number",
                duty="calling-line-identity",
                to_number=to,
                customer_id=user.customer_id,
            )
        if user.stop_forwarding and (hops or self._caller.forwarded):
            return Refused(
                "third-party-forwarding",
                603,
                "Decline",
                "the called user stopped third-party forwarding",
                duty="calling-line-identity",
                to_number=to,
                customer_id=user.customer_id,
            )
        return None

    def outside_number(self, e164: str) -> Stage:
        """The carriers in order for a number that is not ours."""
        routing_number = self._snapshot.ported(e164)
        request_user = e164
        if routing_number is not None:
            request_user = f"{e164};rn={routing_number};npdi"
            self._trail.add("ported-number", "ported", "a routing number is known for it")
        stage: Stage | None = None
        carriers = outgoing_carriers(self._snapshot)
        self.carriers = frozenset(t.trunk_id for t in carriers)
        for trunk in reversed(carriers):
            target = self._trunk_target(trunk, request_user)
            stage = Stage((target,), to=e164, failed=stage)
        if stage is None:
            raise Refused("route", 503, "No carrier", "no carrier is configured", to_number=e164)
        names = ", then ".join(t.name for t in carriers)
        self._trail.add("route", carriers[0].name, f"carriers in order: {names}")
        return stage

    def _called_customer(self, number: Number) -> Customer:
        if self.customer_id is None:
            self.customer_id = number.customer_id
        customer = self._snapshot.customer(number.customer_id)
        if customer is None or customer.suspended:
            raise self._refused(
                "destination", 480, "Temporarily Unavailable", "the called customer is suspended", number
            )
        if self._caller.number is not None and self._caller.number in customer.blocked:
            raise self._refused(
                "block-list", 603, "Decline", "the calling number is on the customer's block list", number
            )
        return customer

    @staticmethod
    def _refused(step: str, code: int, phrase: str, why: str, number: Number) -> Refused:
        return Refused(
            step,
            code,
            phrase,
            why,
            to_number=number.e164,
            customer_id=number.customer_id,
            announced=step == "destination",
        )

    @property
    def _anonymous_to_called(self) -> bool:
        return self._caller.hidden or self._caller.number is None

    def _forward(self, user: User, condition: str, target: str | None, hops: tuple[str, ...]) -> Stage | None:
        """The stage a forwarding leads to; None when there is none or it cannot be followed.

        A forwarding that cannot be followed never ends the call: the user's own devices ring.
        """
        if not target:
            return None
        try:
            if len(hops) > MAX_FORWARDS:
                raise _ignored(f"more than {MAX_FORWARDS} forwardings in one call")
            stage = self._forward_target(user, condition, target, hops)
        except Refused as refused:
            self._trail.add("forwarding", "ignored", refused.why)
            return None
        number = user.number or self._main_number(user.customer_id)
        return _tried_because(_diverted(stage, number, condition), condition) if number else stage

    def _forward_target(self, user: User, condition: str, target: str, hops: tuple[str, ...]) -> Stage:
        """An extension (digits) or an E.164 number (with +)."""
        if not target.startswith("+"):
            colleague = self._snapshot.user_by_extension(user.customer_id, target.removeprefix("*"))
            if colleague is None:
                raise _ignored("the customer has no extension of this number")
            if colleague.username in hops:
                raise _ignored("the forwardings go in a circle")
            self._trail.add("forwarding", condition, f"forwards to {colleague.username}")
            return self.user(colleague, colleague.number, hops)
        if classify(target) is not None:
            raise _ignored("a forwarding never goes to an emergency number")
        held = self._snapshot.number(target)
        if held is not None:
            if held.kind == "user" and held.target in hops:
                raise _ignored("the forwardings go in a circle")
            self._trail.add("forwarding", condition, "forwards to a number of ours")
            return self.number(held, hops)
        kind = call_type(target)
        if kind is None or kind in ("premium", "short") or kind in user.barred:
            raise _ignored("the target is no number this user's calls may be forwarded to")
        if any(target.startswith(block) for block in self._snapshot.operator().blocks):
            raise _ignored("the target is a number of our own blocks that nobody has")
        self._trail.add("forwarding", condition, "forwards to a number outside, original caller shown")
        return self.outside_number(target)

    def _main_number(self, customer_id: int) -> str:
        customer = self._snapshot.customer(customer_id)
        return customer.main_number if customer else ""

    def _user_target(self, user: User) -> Target:
        cli = None if self._caller.hidden else self._caller.number
        return to_user(user, cli, anonymous=self._anonymous_to_called)

    def _trunk_target(self, trunk: Trunk, request_user: str) -> Target:
        number = self._caller.number
        if number is not None and trunk.kind == "carrier" and not may_be_cli(number):
            number = None
        target = to_trunk(trunk, request_user, number, anonymous=self._caller.hidden)
        return replace(target, max_calls=trunk.max_calls, reserved_calls=trunk.reserved_calls)
