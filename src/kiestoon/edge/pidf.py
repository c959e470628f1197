"""PIDF-LO (RFC 4119, RFC 5491) with a civic address (RFC 5139): what an emergency centre reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from kiestoon.vocabulary.address import CivicAddress

_ORDER = ("country", "A1", "A3", "RD", "HNO", "HNS", "PC", "UNIT")


def pidf_lo(address: CivicAddress, number: str, name: str, now: datetime | None = None) -> str:
    """The document; `number` is E.164, `name` the end user's name (WEC art. 107 §4)."""
    at = now or datetime.now(UTC)
    civic = "".join(
        f"<ca:{field}>{escape(value)}</ca:{field}>" for field in _ORDER if (value := getattr(address, field))
    )
    expires = (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    device = uuid5(NAMESPACE_URL, f"tel:{number}").urn
    entity = f"sip:{number}@kiestoon.invalid" if number else "sip:anonymous@anonymous.invalid"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
        'xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy" '
        f'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" entity="{escape(entity)}">'
        '<dm:device id="line"><gp:geopriv><gp:location-info>'
        f"<ca:civicAddress>{civic}</ca:civicAddress></gp:location-info>"
        f"<gp:usage-rules><gbp:retransmission-allowed>true</gbp:retransmission-allowed>"
        f"<gbp:retention-expiry>{expires}</gbp:retention-expiry></gp:usage-rules>"
        "<gp:method>Manual</gp:method></gp:geopriv>"
        f"<dm:deviceID>{device}</dm:deviceID>"
        f"<dm:note>{escape(name)}</dm:note>"
        f"<dm:timestamp>{at.strftime('%Y-%m-%dT%H:%M:%SZ')}</dm:timestamp></dm:device></presence>"
    )
