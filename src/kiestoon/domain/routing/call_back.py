"""An emergency centre calls back somebody who called it (RFC 7090): nothing diverts or refuses the call."""

from __future__ import annotations

from typing import Final

from kiestoon.domain.emergency.classify import is_on_site
from kiestoon.domain.routing.call import CallAttempt, RouteDecision, Stage, Target
from kiestoon.domain.routing.caller import Caller
from kiestoon.domain.routing.destination import asked_by_carrier
from kiestoon.domain.routing.refusal import Refused
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.targets import to_trunk, to_user
from kiestoon.domain.routing.trail import Trail
from kiestoon.vocabulary.configuration import Number

HELPED_SECONDS: Final = 24 * 3600
"""How long after a 112 call a call-back still finds who called. To verify: RFC 7090 asks for a bounded time
and names none."""
RING_SECONDS: Final = 60
DUTY: Final = "emergency-calls"


def is_call_back(call: CallAttempt, caller: Caller, snapshot: Snapshot) -> bool:
    """Whether a centre calls: over a trunk of its own, or by its number to somebody who called 112 lately.

    `Priority: psap-callback` alone is believed of nobody: any carrier's customer can write it.
    """
    trunk = caller.trunk
    if trunk is None or trunk.kind == "customer-pbx":
        return False
    if trunk.kind == "emergency":
        return True
    if call.helped is None or caller.number is None or caller.spoofed:
        return False
    return any(caller.number in centre.call_back_numbers for centre in snapshot.trunks("emergency"))


def call_back_route(call: CallAttempt, caller: Caller, snapshot: Snapshot, trail: Trail) -> RouteDecision:
    """Ring whoever called 112 with the number the centre calls now, else whom the number belongs to.

    Raises Refused when the number is nobody's.
    """
    number = asked_by_carrier(call.dialled)
    held = snapshot.number(number) if number else None
    if held is None:
        raise Refused("destination", 404, "Not Found", "not a number of ours", to_number=number)
    cli = caller.number or (call.presented if is_on_site(call.presented) else None)
    why = "an emergency centre calls back: forwarding, blocking, rejection and suspension are not asked"
    trail.add("call-back", "rings through", why, DUTY)
    own = _targets_of(held, snapshot, cli, caller.hidden)
    helped = _helped(call.helped, held, snapshot, cli, caller.hidden)
    stage = Stage(own, RING_SECONDS, because="call-back", to=held.e164)
    if helped is not None and (helped,) != own:
        trail.add("call-back", "caller known", f"{helped.name} called 112 with this number lately", DUTY)
        stage = Stage(
            (helped,),
            RING_SECONDS,
            because="call-back",
            to=held.e164,
            failed=stage,
            busy=stage,
            no_answer=stage,
            unreachable=stage,
        )
    return RouteDecision(
        outcome="route",
        reasons=trail.reasons(),
        direction="incoming",
        stage=stage,
        from_number=caller.number,
        to_number=held.e164,
        customer_id=held.customer_id,
        called_customer_id=held.customer_id,
        withheld=caller.hidden,
        call_back=True,
    )


def _helped(
    helped: str | None, held: Number, snapshot: Snapshot, cli: str | None, hidden: bool
) -> Target | None:
    """Who called 112, as long as the number still is the same customer's."""
    kind, _, name = (helped or "").partition(":")
    if kind == "user":
        user = snapshot.user(name)
        return (
            to_user(user, cli, anonymous=hidden)
            if user is not None and user.customer_id == held.customer_id
            else None
        )
    trunk = snapshot.trunk(name) if kind == "trunk" else None
    if trunk is None or trunk.customer_id != held.customer_id:
        return None
    return to_trunk(trunk, held.e164, cli, anonymous=hidden)


def _targets_of(held: Number, snapshot: Snapshot, cli: str | None, hidden: bool) -> tuple[Target, ...]:
    """Whom the number belongs to; all of the customer's users when that one is gone."""
    if held.kind == "trunk" and (trunk := snapshot.trunk(held.target)) is not None:
        return (to_trunk(trunk, held.e164, cli, anonymous=hidden),)
    user = snapshot.user(held.target) if held.kind == "user" else None
    users = (user,) if user is not None else snapshot.users_of(held.customer_id)
    return tuple(to_user(one, cli, anonymous=hidden) for one in users)
