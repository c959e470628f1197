"""The route of a test call (RFC 6881): as an emergency call's, but never to a centre that was not asked."""

from __future__ import annotations

from datetime import datetime

from kiestoon.domain.emergency.locate import Located
from kiestoon.domain.emergency.testing import paths_for_test
from kiestoon.domain.routing.call import RouteDecision
from kiestoon.domain.routing.caller import Caller
from kiestoon.domain.routing.emergency_paths import in_turn
from kiestoon.domain.routing.refusal import Refused
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.trail import Trail
from kiestoon.duties.duty import belgian_day


def route_for_test(
    service: str,
    only: str,
    caller: Caller,
    located: Located,
    snapshot: Snapshot,
    now: datetime,
    trail: Trail,
) -> RouteDecision:
    """Over routes marked for testing, with name and place; raises Refused when there is none.

    `only` names the one trunk a drill wants to try. The call is no emergency call in any record.
    """
    trail.add("emergency-location", located.state, located.why)
    paths = paths_for_test(service, located.address, snapshot, belgian_day(now), only)
    if not paths:
        raise Refused("emergency-test", 403, "No Test Route", "no route of the place is marked for testing")
    trail.add(
        "emergency-test",
        paths[0].trunk.name,
        f"a test call to {service}, over routes marked for testing only",
    )
    return RouteDecision(
        outcome="route",
        reasons=trail.reasons(),
        direction="outgoing",
        stage=in_turn(paths, caller.number, "emergency-test"),
        from_number=caller.number,
        customer_id=caller.customer_id,
        calling_customer_id=caller.customer_id,
        withheld=caller.hidden,
        caller_name=caller.name,
        caller_organisation=caller.organisation,
        location=located.address,
        location_state=located.state,
        location_note=located.why,
        test=True,
    )
