"""PIDF-LO (RFC 4119, RFC 5491) with a civic address (RFC 5139): what an emergency centre reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from kiestoon.domain.emergency.place import PlaceSaid
from kiestoon.edge.xml import attribute, text

_ORDER = (
    *("country", "A1", "A2", "A3", "A4", "RD", "HNO", "HNS", "LOC", "FLR", "NAM", "PC", "BLD", "UNIT"),
    "ROOM",
)
"""Of RFC 5139 section 4; its schema has a sequence."""
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def pidf_lo(place: PlaceSaid, number: str, now: datetime | None = None) -> str:
    """The document about a place that has an address; `number` is E.164, "" when none is known.

    How sure we are stands in confidence (RFC 7459) and, in words, in the device's note. The timestamp is when
    the place was last confirmed or declared, where that is known.
    """
    assert place.address is not None
    at = now or datetime.now(UTC)
    civic = "".join(
        f"<ca:{field}>{text(value)}</ca:{field}>"
        for field in _ORDER
        if (value := getattr(place.address, field))
    )
    expires = (at + timedelta(hours=1)).strftime(_MOMENT)
    device = uuid5(NAMESPACE_URL, f"tel:{number}").urn
    entity = f"sip:{number}@kiestoon.invalid" if number else "sip:anonymous@anonymous.invalid"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
        'xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy" '
        'xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" '
        f'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" entity="{attribute(entity)}">'
        '<dm:device id="line"><gp:geopriv><gp:location-info>'
        f"<ca:civicAddress>{civic}</ca:civicAddress>"
        f"<con:confidence>{place.confidence}</con:confidence></gp:location-info>"
        f"<gp:usage-rules><gbp:retransmission-allowed>true</gbp:retransmission-allowed>"
        f"<gbp:retention-expiry>{expires}</gbp:retention-expiry></gp:usage-rules>"
        "<gp:method>Manual</gp:method></gp:geopriv>"
        f"<dm:deviceID>{device}</dm:deviceID>"
        f'<dm:note xml:lang="en">{text(place.text)}</dm:note>'
        f"<dm:timestamp>{(place.at or at).astimezone(UTC).strftime(_MOMENT)}</dm:timestamp>"
        "</dm:device></presence>"
    )
