"""The route of an emergency call: two paths to one centre, or the helpline as an ordinary call."""

from __future__ import annotations

from datetime import datetime

from kiestoon.domain.emergency.classify import EmergencyService
from kiestoon.domain.emergency.locate import Located
from kiestoon.domain.emergency.paths import Path, paths_to
from kiestoon.domain.routing.announcing import language_of
from kiestoon.domain.routing.call import Announcement, RouteDecision, Stage
from kiestoon.domain.routing.caller import Caller
from kiestoon.domain.routing.carriers import outgoing_carriers
from kiestoon.domain.routing.emergency_paths import in_turn
from kiestoon.domain.routing.snapshot import Snapshot
from kiestoon.domain.routing.trail import Trail
from kiestoon.duties.duty import belgian_day
from kiestoon.duties.nomadic_emergency_calls import DUTY as NOMADIC
from kiestoon.duties.nomadic_emergency_calls import NomadicCall, judge


def emergency_route(
    service: EmergencyService,
    caller: Caller,
    located: Located,
    snapshot: Snapshot,
    now: datetime,
    trail: Trail,
    *,
    verified: bool,
) -> RouteDecision:
    """Route to the emergency service; refuses only as `duties.nomadic_emergency_calls` says.

    On-site services: the competent centre of the place by our own interconnect, then by the partner
    operator's path (RD Emergency art. 4; WEC art. 107/1/1), with name and location (WEC art. 107 §4).
    Remote services: the carriers in order, calling number only (§5). A withheld number is sent all the
    same (WEC arts. 123 §5, 130 §7).
    """
    on_site = service.emergency_class == "on-site"
    trail.add(
        "emergency-class",
        service.emergency_class,
        f"{service.number} is {service.service}: never barred, limited or suspended",
        "emergency-calls",
    )
    carriers = tuple(Path(trunk, service.number) for trunk in outgoing_carriers(snapshot))
    if on_site:
        trail.add("emergency-location", located.state, located.why, "emergency-calls")
        to_centre = paths_to(service.number, located.address, snapshot, belgian_day(now))
        paths, why = to_centre.paths or carriers, to_centre.why
    else:
        paths, why = carriers, "the helpline is reached through the carriers in order"
    trail.add("emergency-route", paths[0].trunk.name if paths else "none", why, "emergency-calls")
    if caller.hidden:
        trail.add("cli", "shown", "emergency services receive the number even if withheld", "emergency-calls")
    if on_site and (refused := _announced_instead(service, caller, located, verified, snapshot, trail)):
        return refused
    stage = in_turn(paths, caller.number, "emergency", to=service.number, to_centre=on_site)
    return RouteDecision(
        outcome="route",
        reasons=trail.reasons(),
        direction="outgoing",
        stage=stage or Stage((), because="emergency", to=service.number, emergency=True),
        emergency_class=service.emergency_class,
        from_number=caller.number,
        to_number=service.number,
        customer_id=caller.customer_id,
        calling_customer_id=caller.customer_id,
        withheld=caller.hidden,
        caller_name=caller.name if on_site else "",
        caller_organisation=caller.organisation if on_site else "",
        location=located.address if on_site else None,
        location_state=located.state if on_site else None,
        location_note=located.why if on_site else "",
    )


def _announced_instead(
    service: EmergencyService,
    caller: Caller,
    located: Located,
    verified: bool,
    snapshot: Snapshot,
    trail: Trail,
) -> RouteDecision | None:
    """The call as a refusal that is said aloud, when RD Numbering art. 43 is applied; None: it is routed."""
    operator = snapshot.operator()
    call = NomadicCall(
        nomadic=caller.user is not None and caller.user.nomadic,
        known_device=verified,
        state=located.state,
    )
    verdict = judge(call, operator.emergency_policy, operator.emergency_policy_document)
    if verdict.applies:
        trail.add("nomadic-place", verdict.action, f"{verdict.article}: {verdict.why}", NOMADIC.key)
    if verdict.action == "route":
        return None
    return RouteDecision(
        outcome="attendant",
        reasons=trail.reasons(),
        direction="outgoing",
        sip_code=403,
        sip_reason="Location Unknown",
        emergency_class="on-site",
        from_number=caller.number,
        to_number=service.number,
        customer_id=caller.customer_id,
        calling_customer_id=caller.customer_id,
        withheld=caller.hidden,
        caller_name=caller.name,
        location_state=located.state,
        announcement=Announcement(
            "location-unknown", language_of(caller.customer.language if caller.customer else "")
        ),
    )
