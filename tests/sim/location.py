"""The location of an emergency call: Geolocation (RFC 6442) and the PIDF-LO it points to."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.sim.sip.message import Request, parts

SCHEMA = Path(__file__).parent / "schemas" / "pidf-lo.xsd"
PIDF = "{urn:ietf:params:xml:ns:pidf}"
MODEL = "{urn:ietf:params:xml:ns:pidf:data-model}"
GEOPRIV = "{urn:ietf:params:xml:ns:pidf:geopriv10}"
BASIC = "{urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy}"
CIVIC = "{urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr}"
CONFIDENCE = "{urn:ietf:params:xml:ns:geopriv:conf}"
STATES = ("confirmed", "declared", "stale", "unknown")
"""What this centre agreed with operators: a device's note begins with one of these words and a colon."""
CIVIC_ORDER = (
    *("country", "A1", "A2", "A3", "A4", "A5", "A6", "PRM", "PRD", "RD", "STS", "POD", "POM", "RDSEC"),
    *("RDBR", "RDSUBBR", "HNO", "HNS", "LMK", "LOC", "FLR", "NAM", "PC", "BLD", "UNIT", "ROOM", "SEAT"),
    *("PLC", "PCN", "POBOX", "ADDCODE"),
)
"""The elements of RFC 5139 section 4, in the order its schema wants."""


@dataclass
class LocationReport:
    """What an INVITE said about where the caller is."""

    valid: bool = False
    civic: dict[str, str] = field(default_factory=dict)
    note: str = ""
    state: str = ""
    """The first word of the note, when it is one of STATES."""
    confidence: str = ""
    """RFC 7459: a percentage, "unknown", or "" when nothing is said."""
    timestamp: str = ""
    document: str = ""
    validated_by: str = ""
    violations: list[str] = field(default_factory=list)


def read_location(invite: Request) -> LocationReport:
    """Find the document the Geolocation header points to, and judge it."""
    report = LocationReport()
    by_id = {
        part.headers.get("Content-ID").strip().strip("<>"): part.body
        for part in parts(invite)
        if part.content_type == "application/pidf+xml"
    }
    references = [value.partition("<")[2].partition(">")[0] for value in invite.headers.values("Geolocation")]
    if not by_id and not references:
        return report
    found = report.violations
    if not references:
        found.append("RFC 6442 4.1: a PIDF-LO body without Geolocation header")
    if invite.headers.get("Geolocation-Routing") not in ("yes", "no"):
        found.append(f"RFC 6442 4.2: Geolocation-Routing {invite.headers.get('Geolocation-Routing')!r}")
    body = next(iter(by_id.values()), b"")
    for reference in references:
        if not reference.startswith("cid:"):
            continue
        if reference[4:] in by_id:
            body = by_id[reference[4:]]
        else:
            found.append(f"RFC 6442 4.1: {reference} names no body part")
    if not body:
        return report
    wrong = judge(body)
    report = read_document(body)
    report.validated_by = "RFC schemas and structure" if schema_validator() else "structure"
    report.violations = [*found, *wrong]
    report.valid = not wrong
    if len(by_id) > 1:
        report.violations.append(f"RFC 6442 3: {len(by_id)} locations, and nothing says which is whose")
    return report


def read_document(body: bytes) -> LocationReport:
    """What a PIDF-LO document says; nothing of one that is not well-formed."""
    report = LocationReport(document=body.decode(errors="replace"))
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return report
    address = root.find(f".//{CIVIC}civicAddress")
    if address is not None:
        report.civic = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in address}
    report.note = root.findtext(f".//{MODEL}note") or ""
    word = report.note.partition(":")[0]
    report.state = word if word in STATES else ""
    report.confidence = (root.findtext(f".//{CONFIDENCE}confidence") or "").strip()
    report.timestamp = root.findtext(f".//{MODEL}timestamp") or ""
    return report


def judge(document: bytes) -> list[str]:
    """Everything wrong with a PIDF-LO document with a civic address."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        return [f"RFC 3863: not well-formed XML: {error}"]
    return _structure(root) + against_schema(document, SCHEMA)


def against_schema(document: bytes, schema: Path) -> list[str]:
    """What xmllint finds; nothing on a machine without it."""
    validator = schema_validator()
    if validator is None:
        return []
    done = subprocess.run(
        [validator, "--nonet", "--noout", "--schema", str(schema), "-"],
        input=document,
        capture_output=True,
        check=False,
    )
    lines = done.stderr.decode(errors="replace").splitlines() if done.returncode else []
    return [f"schema: {line[:300]}" for line in lines if "error" in line]


def schema_validator() -> str | None:
    return shutil.which("xmllint") if SCHEMA.exists() else None


def _structure(root: ElementTree.Element) -> list[str]:
    found = []
    if root.tag != f"{PIDF}presence":
        return [f"RFC 3863 4.1.1: the root is {root.tag}"]
    if not re.match(r"(pres|sip|sips|tel):\S+$", root.get("entity", "")):
        found.append(f"RFC 3863 4.1.2: entity {root.get('entity')!r}")
    holders = list(root.iter(f"{GEOPRIV}geopriv"))
    if not holders:
        return [*found, "RFC 4119 2.2.1: no geopriv element"]
    for geopriv in holders:
        children = [child.tag for child in geopriv]
        if children[:2] != [f"{GEOPRIV}location-info", f"{GEOPRIV}usage-rules"]:
            found.append("RFC 4119 2.2.1: geopriv holds location-info, then usage-rules")
        rules = geopriv.find(f"{GEOPRIV}usage-rules")
        allowed = rules.find(f"{BASIC}retransmission-allowed") if rules is not None else None
        if allowed is not None and (allowed.text or "").strip() not in ("yes", "no", "true", "false"):
            found.append(f"RFC 4119 2.2.3: retransmission-allowed {allowed.text!r}")
        expiry = rules.find(f"{BASIC}retention-expiry") if rules is not None else None
        if expiry is not None and not _is_moment(expiry.text or ""):
            found.append(f"RFC 4119 2.2.3: retention-expiry {expiry.text!r}")
    device = root.find(f"{MODEL}device")
    if device is not None and device.find(f"{MODEL}deviceID") is None:
        found.append("RFC 4479 5.3: device without deviceID")
    addresses = list(root.iter(f"{CIVIC}civicAddress"))
    if len(addresses) != 1:
        found.append(f"RFC 5491 3.4: {len(addresses)} civic addresses in one document")
    for address in addresses:
        found += _civic(address)
    return found


def _civic(address: ElementTree.Element) -> list[str]:
    found = []
    names = [child.tag.removeprefix(CIVIC) for child in address if child.tag.startswith(CIVIC)]
    unknown = [name for name in names if name not in CIVIC_ORDER]
    if unknown:
        found.append(f"RFC 5139 4: unknown civic elements {', '.join(unknown)}")
    places = [CIVIC_ORDER.index(name) for name in names if name in CIVIC_ORDER]
    if places != sorted(places):
        found.append(f"RFC 5139 4: civic elements out of order: {' '.join(names)}")
    country = (address.findtext(f"{CIVIC}country") or "").strip()
    if not re.fullmatch(r"[A-Z]{2}", country):
        found.append(f"RFC 5139 3.3: country {country!r}")
    for name in ("A3", "RD", "HNO", "PC"):
        if not (address.findtext(f"{CIVIC}{name}") or "").strip():
            found.append(f"WEC art. 107: the address has no {name}")
    return found


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text.strip()).tzinfo is not None
    except ValueError:
        return False
