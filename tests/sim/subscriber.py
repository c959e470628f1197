"""Who an emergency call says it is from: Call-Info and the SubscriberInfo it points to (RFC 7852)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from tests.sim.location import against_schema
from tests.sim.sip.message import Request, parts

SCHEMA = Path(__file__).parent / "schemas" / "subscriberInfo.xsd"
PURPOSE = "EmergencyCallData.SubscriberInfo"
MEDIA_TYPE = "application/emergencycalldata.subscriberinfo+xml"
SUBSCRIBER = "{urn:ietf:params:xml:ns:EmergencyCallData:SubscriberInfo}"
CARD = "{urn:ietf:params:xml:ns:vcard-4.0}"
_REFERENCE = re.compile(r"<cid:([^>]+)>\s*;\s*purpose=EmergencyCallData\.SubscriberInfo\b", re.IGNORECASE)


@dataclass
class SubscriberReport:
    """What an INVITE said about who calls; `data` is {} when it said nothing."""

    data: dict[str, str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


def find_subscriber(invite: Request) -> SubscriberReport:
    """Find the block Call-Info points to, and judge it."""
    report = SubscriberReport()
    by_id = {
        part.headers.get("Content-ID").strip().strip("<>"): part
        for part in parts(invite)
        if part.content_type == MEDIA_TYPE
    }
    references = [found for value in invite.headers.all("Call-Info") for found in _REFERENCE.findall(value)]
    if not by_id and not references:
        return report
    if set(by_id) != set(references):
        report.violations.append(f"RFC 7852 5: Call-Info names {references}, the body has {list(by_id)}")
    for part in by_id.values():
        if part.headers.get("Content-Disposition").partition(";")[0].strip() != "by-reference":
            report.violations.append("RFC 7852 6.2: a block without Content-Disposition by-reference")
        report.violations += judge_subscriber(part.body)
        try:
            report.data = read_subscriber(part.body)
        except ElementTree.ParseError:
            return report
    return report


def judge_subscriber(document: bytes) -> list[str]:
    """Everything wrong with a SubscriberInfo document."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        return [f"RFC 7852 4.4: not well-formed XML: {error}"]
    found = against_schema(document, SCHEMA)
    if root.tag != f"{SUBSCRIBER}EmergencyCallData.SubscriberInfo":
        found.append(f"RFC 7852 4.4: the root is {root.tag}")
    if not (root.findtext(f"{SUBSCRIBER}DataProviderReference") or "").strip():
        found.append("RFC 7852 4.1: no DataProviderReference")
    if not root.findall(f".//{CARD}vcard/{CARD}fn"):
        found.append("RFC 6350 6.2.1: a vCard without fn")
    return found


def read_subscriber(document: bytes) -> dict[str, str]:
    """Names, organisation, telephone and reference; "" for what it does not say."""
    root = ElementTree.fromstring(document)

    def text(path: str) -> str:
        return root.findtext(f".//{CARD}vcard/" + "/".join(f"{CARD}{name}" for name in path.split("/"))) or ""

    return {
        "name": text("fn/text"),
        "given": text("n/given"),
        "surname": text("n/surname"),
        "organisation": text("org/text"),
        "telephone": text("tel/uri") or text("tel/text"),
        "reference": root.findtext(f"{SUBSCRIBER}DataProviderReference") or "",
    }
