"""Where does this call go? One pure function."""

from __future__ import annotations

from datetime import datetime

from kiestoon.belgium.numbering import is_short, strip_separators, to_e164
from kiestoon.domain.emergency.classify import EmergencyService, classify
from kiestoon.domain.emergency.clir_code import without_clir_code
from kiestoon.domain.emergency.testing import service_tested
from kiestoon.domain.routing.announcing import CHECK_ADDRESS, announced, check_address, number_unreachable
from kiestoon.domain.routing.call import CallAttempt, Direction, RouteDecision, Stage
from kiestoon.domain.routing.call_back import call_back_route, is_call_back
from kiestoon.domain.routing.caller import Caller, identify, locate
from kiestoon.domain.routing.destination import from_carrier, from_customer
from kiestoon.domain.routing.emergency import emergency_route
from kiestoon.domain.routing.reach import Reach
from kiestoon.domain.routing.refusal import Refused
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.testing import route_for_test
from kiestoon.domain.routing.trail import Trail
from kiestoon.duties.spoofed_numbers import DUTY as SPOOFED_NUMBERS


def decide(call: CallAttempt, snapshot: Snapshot, now: datetime) -> RouteDecision:
    """Return the route for one call attempt, with its reasons.

    Pure: reads only its arguments. On-site emergency calls (RD Emergency art. 2) are never refused,
    whatever the configuration, but for duties.nomadic_emergency_calls under a recorded decision; remote ones
    only when the caller is unknown.
    """
    trail = Trail()
    caller = identify(call, snapshot, now, trail)
    dialled, hidden = without_clir_code(call.dialled.partition(";")[0].strip())
    caller.hidden = caller.hidden if hidden is None else hidden
    service = classify(dialled, caller.outside_prefix)
    if service is not None and _may_reach(service.emergency_class, call, caller):
        located = locate(call, caller, snapshot)
        return emergency_route(service, caller, located, snapshot, now, trail, verified=call.verified)
    try:
        if is_call_back(call, caller, snapshot):
            return call_back_route(call, caller, snapshot, trail)
    except Refused as refused:
        return _rejection(refused, dialled, service, caller, trail)
    tested = service_tested(call.dialled)
    if service is None:
        trail.add("emergency-class", "no", "not an emergency number or service")
    else:
        trail.add("emergency-class", "not for this caller", "only our own known lines reach it through us")
    reach = Reach(snapshot, caller, trail)
    try:
        _is_known(call, caller)
        if tested is not None and caller.customer is not None:
            place = locate(call, caller, snapshot)
            return route_for_test(tested, call.drill, caller, place, snapshot, now, trail)
        if caller.customer is not None and strip_separators(dialled) == CHECK_ADDRESS:
            return check_address(caller, locate(call, caller, snapshot), trail)
        if caller.customer is not None:
            stage, to_number = from_customer(dialled, caller, snapshot, reach, trail)
        else:
            stage, to_number = from_carrier(dialled, snapshot, reach, trail)
    except Refused as refused:
        trail.add(refused.step, "refused", refused.why, refused.duty)
        announcement = number_unreachable(refused, caller, snapshot, trail)
        decision = _rejection(refused, dialled, service, caller, trail)
        return announced(decision, announcement) if announcement is not None else decision
    return RouteDecision(
        outcome="route",
        reasons=trail.reasons(),
        direction=_direction(caller, stage, reach),
        stage=stage,
        from_number=caller.number,
        to_number=to_number,
        customer_id=caller.customer_id if caller.customer else reach.customer_id,
        called_customer_id=reach.customer_id,
        calling_customer_id=caller.customer_id,
        withheld=caller.hidden,
        caller_name=caller.name,
        forwarded_from=stage.forwarded_from,
    )


def _may_reach(emergency_class: str, call: CallAttempt, caller: Caller) -> bool:
    if call.trunk_id is not None and caller.customer is None:
        return False  # a carrier asks us for our numbers, not for our emergency centres
    return emergency_class == "on-site" or (call.verified and caller.customer is not None)


def _is_known(call: CallAttempt, caller: Caller) -> None:
    if not call.verified or (caller.user is None and caller.trunk is None):
        raise Refused("caller", 403, "Forbidden", "the caller is not one of our users or trunks")
    if caller.spoofed:
        raise Refused(
            "spoofed-number", 403, "Forbidden", "a Belgian number from abroad", duty=SPOOFED_NUMBERS.key
        )
    if caller.suspended:
        raise Refused("caller", 403, "Suspended", "the user or customer is suspended: only emergency calls")


def _rejection(
    refused: Refused, dialled: str, service: EmergencyService | None, caller: Caller, trail: Trail
) -> RouteDecision:
    number = strip_separators(dialled)
    return RouteDecision(
        outcome="reject",
        reasons=trail.reasons(),
        direction="incoming" if caller.customer is None else "outgoing",
        sip_code=refused.code,
        sip_reason=refused.phrase,
        # A call to a helpline is in no list a customer sees, a refused one neither.
        emergency_class="remote" if service and service.emergency_class == "remote" else None,
        from_number=caller.number,
        to_number=refused.to_number or to_e164(number) or (number if is_short(number) else None),
        customer_id=caller.customer_id if caller.customer else refused.customer_id,
        calling_customer_id=caller.customer_id,
        withheld=caller.hidden,
        caller_name=caller.name,
    )


def _direction(caller: Caller, stage: Stage, reach: Reach) -> Direction:
    leaves = stage.targets[0].id in reach.carriers
    if leaves and stage.forwarded_from:
        return "forwarded"
    if caller.customer is None:
        return "incoming"
    return "outgoing" if leaves else "internal"
