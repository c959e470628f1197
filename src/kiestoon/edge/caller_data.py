"""Name and place of whoever dials 112, put into the INVITE before its media offer is made.

Where a part cannot be built, the call goes without it.
"""

from __future__ import annotations

from collections.abc import Callable

from kiestoon.domain.emergency.place import PlaceSaid
from kiestoon.domain.routing.call import RouteDecision
from kiestoon.edge import ksr
from kiestoon.edge.bodies import SDP_TYPE, multipart, split_sdp
from kiestoon.edge.ksr import K
from kiestoon.edge.pidf import pidf_lo
from kiestoon.edge.subscriber import subscriber_info

_LOCATION, _SUBSCRIBER = "location@kiestoon.invalid", "subscriber@kiestoon.invalid"
_OF_THE_DEVICE = ("Geolocation", "Geolocation-Routing", "Geolocation-Error", "Call-Info", "Priority")
"""What a device says of these is not passed on: the centre could not tell it from ours, and of several
locations a recipient believes the one it likes (RFC 6442)."""


def add_caller_data(decision: RouteDecision, call_id: str) -> list[str]:
    """Replace the body of the INVITE at hand by SDP, place (RFC 6442) and subscriber (RFC 7852).

    Returns what the device had sent besides SDP, which the call goes without: media types, and
    "geolocation" for a reference to a location elsewhere.
    """
    sdp, dropped = split_sdp(ksr.text("$cT"), ksr.text("$rb"))
    if ksr.get("$hdr(Geolocation)") is not None:
        dropped.append("geolocation")
    for name in _OF_THE_DEVICE:
        K.hdr.remove(name)
    parts = [f"Content-Type: {SDP_TYPE}\r\n\r\n{sdp}"] if sdp else []
    headers = ""
    number = decision.from_number or ""
    if decision.location is not None:
        place = PlaceSaid(decision.location, decision.location_state or "declared", decision.location_note)
        located = _built("application/pidf+xml", _LOCATION, lambda: pidf_lo(place, number))
        if located:
            parts.append(located)
            headers += f"Geolocation: <cid:{_LOCATION}>\r\nGeolocation-Routing: yes\r\n"
    if decision.caller_name:
        kind = "EmergencyCallData.SubscriberInfo"
        reference = f"{call_id}@kiestoon.invalid"
        name, organisation = decision.caller_name, decision.caller_organisation
        known = _built(
            f"application/{kind}+xml",
            _SUBSCRIBER,
            lambda: subscriber_info(name, organisation, number, reference),
        )
        if known:
            parts.append(known)
            headers += f"Call-Info: <cid:{_SUBSCRIBER}>;purpose={kind}\r\n"
    if headers:
        content_type, body = multipart(parts)
        K.textops.set_body(body, content_type)
        K.hdr.append(headers)
    elif dropped and sdp:
        K.textops.set_body(sdp, SDP_TYPE)
    K.textopsx.msg_apply_changes()
    return dropped


def _built(content_type: str, content_id: str, build: Callable[[], str]) -> str:
    """A body part, "" when it cannot be built."""
    try:
        document = build()
    except Exception as error:  # without it rather than not at all
        ksr.log_failure("caller data", error)
        return ""
    return (
        f"Content-Type: {content_type}\r\nContent-ID: <{content_id}>\r\n"
        f"Content-Disposition: by-reference;handling=optional\r\n\r\n{document}"
    )
