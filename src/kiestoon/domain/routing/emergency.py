"""The route of an emergency call: two paths to one centre, or the helpline as an ordinary call."""

from __future__ import annotations

from kiestoon.domain.emergency.classify import EmergencyService
from kiestoon.domain.emergency.transport import over_stream
from kiestoon.domain.routing.call import RouteDecision, Stage, Target
from kiestoon.domain.routing.caller import Caller
from kiestoon.domain.routing.carriers import outgoing_carriers
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.trail import Trail
from kiestoon.vocabulary.configuration import Trunk

PATH_REPLY_SECONDS = 3
"""A path that has not said anything after this long is left for the next one."""


def emergency_route(
    service: EmergencyService, caller: Caller, snapshot: Snapshot, trail: Trail
) -> RouteDecision:
    """Route to the emergency service; never refuses.

    On-site services: own interconnect, then the partner operator's path (WEC art. 107/1/1), with name
    and location (WEC art. 107 §4). Remote services: the carriers in order, calling number only (§5).
    A withheld number is sent all the same (WEC arts. 123 §5, 130 §7).
    """
    on_site = service.emergency_class == "on-site"
    trail.add(
        "emergency-class",
        service.emergency_class,
        f"{service.number} is {service.service}: never barred, limited or suspended",
        "emergency-calls",
    )
    if on_site:
        paths = snapshot.trunks("emergency") or outgoing_carriers(snapshot)
        why = "own interconnect to the emergency centre, then the partner operator's path"
    else:
        paths = outgoing_carriers(snapshot)
        why = "the helpline is reached through the carriers in order"
    trail.add("emergency-route", paths[0].name if paths else "none", why, "emergency-calls")
    if caller.hidden:
        trail.add("cli", "shown", "emergency services receive the number even if withheld", "emergency-calls")
    stage: Stage | None = None
    for trunk in reversed(paths):
        target = _target(trunk, service.number, caller.number, on_site)
        stage = Stage(
            (target,), ring_seconds=0, because="emergency", to=service.number, emergency=True, failed=stage
        )
    return RouteDecision(
        outcome="route",
        reasons=trail.reasons(),
        direction="outgoing",
        stage=stage or Stage((), because="emergency", to=service.number, emergency=True),
        emergency_class=service.emergency_class,
        from_number=caller.number,
        to_number=service.number,
        customer_id=caller.customer.customer_id if caller.customer else None,
        calling_customer_id=caller.customer.customer_id if caller.customer else None,
        withheld=caller.hidden,
        caller_name=caller.name if on_site else "",
        caller_organisation=caller.organisation if on_site else "",
        place=caller.place if on_site else None,
    )


def _target(trunk: Trunk, number: str, cli: str | None, on_site: bool) -> Target:
    uri = over_stream(trunk.uri) if on_site else trunk.uri
    return Target(kind="trunk", id=trunk.trunk_id, name=trunk.name, uri=uri, request_user=number, cli=cli)
