"""Who calls, for an emergency centre: SubscriberInfo of RFC 7852 section 4.4, an xCard (RFC 6351)."""

from __future__ import annotations

from kiestoon.edge.xml import text


def subscriber_info(name: str, organisation: str, number: str, reference: str) -> str:
    """The document. `name` is a person's, given name first; an organisation's own when `organisation` is "".

    `reference` names this call among all of ours (DataProviderReference).
    """
    if organisation:
        given, _, surname = name.partition(" ")
        names = f"<xc:n><xc:surname>{text(surname)}</xc:surname><xc:given>{text(given)}</xc:given>"
        names += "<xc:additional/><xc:prefix/><xc:suffix/></xc:n>"
    else:
        names = ""
    telephone = f"<xc:tel><xc:uri>tel:{text(number)}</xc:uri></xc:tel>" if number else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n'
        '<sub:EmergencyCallData.SubscriberInfo privacyRequested="false" '
        'xmlns:sub="urn:ietf:params:xml:ns:EmergencyCallData:SubscriberInfo" '
        'xmlns:xc="urn:ietf:params:xml:ns:vcard-4.0">'
        f"<sub:DataProviderReference>{text(reference)}</sub:DataProviderReference>"
        "<sub:SubscriberData><xc:vcards><xc:vcard>"
        f"<xc:fn><xc:text>{text(name)}</xc:text></xc:fn>{names}"
        f"<xc:org><xc:text>{text(organisation or name)}</xc:text></xc:org>{telephone}"
        "</xc:vcard></xc:vcards></sub:SubscriberData></sub:EmergencyCallData.SubscriberInfo>"
    )
