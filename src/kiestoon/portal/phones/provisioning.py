"""Setting up a phone: what to type in, and the file a soft phone fetches after scanning a QR code.

The file is Linphone's remote provisioning (an XML form of linphonerc): the open soft phone whose QR scanner
takes an address of ours. It holds the HA1, never the password, which is kept nowhere.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from io import BytesIO

import segno
from django.conf import settings

from kiestoon.portal.carriers.services import operator
from kiestoon.portal.phones.models import TelephoneUser

NAMESPACE = "http://www.linphone.org/xsds/lpconfig.xsd"


@dataclass(frozen=True)
class PhoneSettings:
    """What is typed into a desk phone; `server` is "" where the domain's DNS leads to the edge."""

    domain: str
    server: str
    username: str
    realm: str
    transports: tuple[tuple[str, int], ...] = (("TLS", 5061), ("TCP", 5060), ("UDP", 5060))


def phone_settings(user: TelephoneUser) -> PhoneSettings:
    row = operator()
    domain = row.domains[0] if row.domains else row.realm
    return PhoneSettings(domain, settings.PHONE_SIP_SERVER, user.username, row.realm)


def linphone_file(user: TelephoneUser) -> bytes:
    """linphonerc as XML: account and credentials.

    Over TLS when DNS leads to the edge; to an address that is told, whose certificate would have another
    name, over UDP.
    """
    told = phone_settings(user)
    transport, encryption = ("udp", "none") if told.server else ("tls", "srtp")
    address = f"<sip:{told.server or told.domain};transport={transport}>"
    name = user.name.replace("\\", "").replace('"', "")
    root = ElementTree.Element("config", {"xmlns": NAMESPACE})
    _section(root, "sip", {"default_proxy": "0", "media_encryption": encryption})
    _section(
        root,
        "proxy_0",
        {
            "reg_identity": f'"{name}" <sip:{user.username}@{told.domain}>',
            "reg_proxy": address,
            "reg_route": address,
            "reg_sendregister": "1",
            "reg_expires": "3600",
            "realm": told.realm,
        },
    )
    _section(
        root,
        "auth_info_0",
        {
            "username": user.username,
            "ha1": user.ha1,
            "realm": told.realm,
            "domain": told.domain,
            "algorithm": "MD5",
        },
    )
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def qr_code(text: str) -> str:
    """An inline SVG without a title; whoever shows it says beside it what it is."""
    out = BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, scale=4, border=4, svgclass="k-qr", lineclass=None,
        omitsize=True, nl=False,
    )  # fmt: skip
    return out.getvalue().decode()


def _section(root: ElementTree.Element, name: str, entries: dict[str, str]) -> None:
    section = ElementTree.SubElement(root, "section", {"name": name})
    for key, value in entries.items():
        ElementTree.SubElement(section, "entry", {"name": key, "overwrite": "true"}).text = value
