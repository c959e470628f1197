"""Customer A, whose every value bears a mark, customer B, and everyone who tries A's doors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from kiestoon.duties.duty import belgian_day
from kiestoon.portal.calls.models import Call, Refusal, SecurityEvent
from kiestoon.portal.carriers.models import Operator, SpecialInterface, Trunk
from kiestoon.portal.carriers.services import create_trunk, set_operator, trunk_version
from kiestoon.portal.compliance.services import answer_request, block_numbers, record_request
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Address, Customer
from kiestoon.portal.customers.services import (
    add_address,
    change_customer,
    create_customer,
    customer_version,
)
from kiestoon.portal.emergency.models import Device, Site
from kiestoon.portal.emergency.networks import load_networks
from kiestoon.portal.emergency.services import Sayer, say_place
from kiestoon.portal.emergency.sites import add_site
from kiestoon.portal.emergency_drills.models import AddressCheck, DrillRun
from kiestoon.portal.emergency_log.services import set_contact, set_reception
from kiestoon.portal.emergency_routes.policy import propose_policy
from kiestoon.portal.emergency_routes.services import By, approve_table, load_table, propose_table
from kiestoon.portal.health.models import Alert
from kiestoon.portal.malicious_calls.services import mark
from kiestoon.portal.notices.models import Delivery as Notice
from kiestoon.portal.number_database.models import Batch, Comparison, Difference, Entry, Listing
from kiestoon.portal.number_database.services import change_listing
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import change_user, create_user, user_version
from kiestoon.portal.versions import version_of
from kiestoon.portal.webhooks.models import Delivery
from kiestoon.portal.webhooks.services import add_delivery, create_endpoint
from tests.integration.portal.conftest import accepted
from tests.integration.portal.walls.actors import Actor, actors, person_of

REALM = "demo.kiestoon.test"
WORD = "quetzal"
"""In every text of customer A."""
DIGITS = ("8087170", "8087171", "8087172", "470717171")
"""In every number of customer A, without what may be written differently before and between."""
ANNAS_DIGITS = "8087171"
ANNAS_WORDS = ("quetzal.anna", "quetzalanna")
HELPLINE = "helpline-call"
"""In the id of a call of A to a helpline: no customer sees it, the operator does."""
ON_SITE = "on-site-call"
"""In the id of a call of A to 112: only who may open the protected log sees it."""
EMERGENCY_TABLE: dict[str, Any] = {
    "areas": "key,name_nl,name_fr,name_de,name_en,municipalities\nnorth,N,N,N,N,11002\n",
    "routes": "service,area,trunk,rank,testing\n112,north,emergency,1,yes\n112,,emergency,1,no\n"
    "100,,emergency,1,no\n101,,emergency,1,no\n",
}
_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:[\s\u00a0\u202f./·-]|&nbsp;)+(?=\d)")


@dataclass(frozen=True)
class Planted:
    """Objects of customer A by the name a route's parameter has for them, and the actors."""

    ids: dict[str, str]
    actors: tuple[Actor, ...]


def marks_in(body: str, *, annas_only: bool = False) -> list[str]:
    """Customer A's values in a page or an answer (only Anna's own, when asked)."""
    text = body.lower()
    digits = _BETWEEN_DIGITS.sub("", text)
    if annas_only:
        words: Iterable[str] = ANNAS_WORDS
        numbers: Iterable[str] = (ANNAS_DIGITS,)
    else:
        words, numbers = (WORD,), DIGITS
    return [mark for mark in words if mark in text] + [mark for mark in numbers if mark in digits]


def plant(location: Path) -> Planted:
    """Make both customers; `location` is the file of registered contacts."""
    set_operator(realm=REALM, domains=[REALM], blocks=["+323808", "+328188"])
    create_trunk(
        "national", name="national carrier", kind="carrier", uri="sip:127.0.1.1:5060", addresses=["127.0.1.1"]
    )
    a = create_customer("Quetzal Bakkerij", "nl", NewAddress("Quetzalstraat", "1", "2000", "Antwerpen"))
    b = create_customer("Cabinet Lambert", "fr", NewAddress("Rue de Fer", "10", "5000", "Namur"))
    accepted(a)
    accepted(b)
    anna = create_user(a, username="quetzal.anna", password="a", extension="7171", name="QuetzalAnna")
    bram = create_user(a, username="quetzal.bram", password="b", extension="7172", name="QuetzalBram")
    denis = create_user(b, username="denis", password="d", extension="201", name="Denis")
    give_number(a, "+3238087170")
    give_number(a, "+3238087171", anna)
    give_number(a, "+3238087172", bram)
    give_number(b, "+3281880201", denis)
    change_customer(a, main_number="+3238087170", blocked=["+32470717171"])
    change_user(anna, forwarding=[("busy", "+32470717171")])
    create_trunk(
        "quetzal-pbx", name="Quetzal PBX", kind="customer-pbx", uri="sip:127.0.1.3:5060",
        addresses=["127.0.1.3"], customer=a, main_number="+3238087170",
    )  # fmt: skip
    _calls(a, b)
    _refused(anna)
    _register(location, anna)
    ids = _requests() | {
        "call_id": "quetzal-call",
        "customer_id": str(a.pk),
        "username": anna.username,
        "trunk_id": "quetzal-pbx",
        "alert": str(_alert().pk),
        "e164": "+3238087172",
        **_webhook(a),
        "runbook": "trunk-unreachable",
        **_locations(anna),
    }
    ids |= _notices(a, anna) | _emergency(a, anna)
    annas = person_of(anna)
    ids |= annas.ids | rooms_of(a, anna)
    return Planted(ids, tuple(actors(a, b, annas, bram, denis)))


def _webhook(a: Customer) -> dict[str, str]:
    """Where A is told of its calls, and a delivery about Anna's call that was given up."""
    endpoint, _ = create_endpoint(
        a, url="https://quetzal.example/", events=["call.ended"], description="Quetzal programs"
    )
    now = datetime.now(UTC)
    delivery = add_delivery(endpoint, "call.ended", "quetzal-call", now, {"call_id": "quetzal-call"})
    Delivery.objects.filter(pk=delivery.pk).update(state="failed", next_attempt_at=None, attempts=9)
    return {"endpoint_id": endpoint.pk, "delivery": str(delivery.number)}


def _notices(a: Customer, anna: TelephoneUser) -> dict[str, str]:
    """A notice about Anna that was sent."""
    now = datetime.now(UTC)
    row = Notice.objects.create(
        customer_id=a.pk, username=anna.username, user_name=anna.name, version=1, language="nl", sha256="",
        due_at=now, to="user", address="quetzal.anna@example.be", state="sent", made_at=now, sent_at=now,
    )  # fmt: skip
    set_contact(["night@operator.example"], "an", now)
    set_reception(a, enabled=True, addresses=["desk@quetzal.example"], by="an", now=now)
    change_listing(Number.objects.get(e164="+3238087171"), "an", now, company="Quetzal", address_remark="no")
    Entry.objects.create(number="+3238087171", customer_id=a.pk, error="no such postcode", refused_at=now)
    compared = Comparison.objects.create(at=now, there=1, differences=1)
    Difference.objects.create(comparison=compared, number="+3238087171", kind="missing")
    Batch.objects.create(
        batch=uuid4(), sequence=1, made_at=now, body="quetzal", changes=1, next_attempt_at=now
    )
    return {"notice": str(row.pk), "notice_version": "1", "count_form": "agreement", **_malicious(a, anna)}


def _malicious(a: Customer, anna: TelephoneUser) -> dict[str, str]:
    """Two calls Anna received; one she marked."""
    now = datetime.now(UTC)
    calls = [
        Call.objects.create(
            call_id=f"quetzal-received-{n}", direction="incoming", verified=True, started_at=now,
            ended_at=now, talk_ms=0, sip_code=200, stages=[], anomalies=[], events=[], sip_call_ids=[],
            updated_at=now,
            from_number="+32470717171", to_number="+3238087171", dialled="+3238087171", customer_id=a.pk,
            called_customer_id=a.pk, withheld=False,
        )
        for n in (1, 2)
    ]  # fmt: skip
    case = mark(calls[0], a, note="quetzal", by="quetzal.annas", user_id=anna.pk, now=now)
    return {"malicious": str(case.pk), "case_form": "close", "received_call": calls[1].call_id}


def _locations(anna: TelephoneUser) -> dict[str, str]:
    """Where Anna's laptop is, who was asked, the networks, and a site behind A's exchange."""
    change_user(anna, nomadic=True)
    now = datetime.now(UTC)
    device = Device.objects.create(
        customer_id=anna.customer_id, user=anna, instance="quetzal-laptop", address="192.0.2.7",
        prefix="192.0.2.7/32", user_agent="QuetzalAnna laptop", state="stale",
        first_seen=now, last_seen=now, moved_at=now,
    )  # fmt: skip
    home = NewAddress("Quetzalstraat", "7", "2000", "Antwerpen")
    place = say_place(device, home, Sayer("QuetzalAnna", "portal", True))
    table = load_networks("prefix,asn,country,name\n192.0.2.0/24,64500,BE,x", origin="x", by="x")
    trunk = Trunk.objects.get(pk="quetzal-pbx")
    site = add_site(trunk, prefix="71", name="Quetzal", address=home)
    return {
        "device_id": str(device.pk),
        "place": str(place.pk),
        "table_id": str(table.pk),
        "site_id": str(site.pk),
        "site_version": version_of(site).tag,
        "no_site_version": version_of(Site(trunk=trunk)).tag,
    }


def rooms_of(a: Customer, anna: TelephoneUser) -> dict[str, str]:
    """What the rooms about phones, numbers, trunks and customers name, and the versions their forms carry."""
    second = add_address(a, NewAddress("Quetzalstraat", "2", "2000", "Antwerpen"))
    spare = create_user(a, username="quetzal.spare", password="s", extension="7173", name="QuetzalSpare")
    a.refresh_from_db()
    number = Number.objects.get(e164="+3238087171")
    versions = {
        "user_version": user_version(anna),
        "spare_version": user_version(spare),
        "number_version": version_of(number),
        "listing_version": version_of(Listing.objects.get(number=number)),
        "trunk_version": trunk_version(Trunk.objects.get(pk="quetzal-pbx")),
        "no_trunk_version": trunk_version(Trunk()),
        "special_version": version_of(SpecialInterface.objects.get()),
        "operator_version": version_of(Operator.objects.get()),
        "customer_version": customer_version(a),
        "address_version": version_of(a.addresses.exclude(pk=second.pk).get()),
        "no_address_version": version_of(Address(customer=a)),
    }
    return {
        "e164": number.e164,
        "token": "nobody-made-this",
        "special_trunk": "special",
        "spare_user": spare.username,
        "address_id": str(a.address_id),
        "second_address": str(second.pk),
        **{name: version.tag for name, version in versions.items()},
    }


def _requests() -> dict[str, str]:
    """BIPT asked who of A called: late and blocked, and answered."""
    create_trunk(
        "special", name="special interface", kind="carrier", uri="sip:127.0.1.4:5060",
        addresses=["127.0.1.4"], interface="special", special={"agreement": "agreement 7"},
    )  # fmt: skip
    asked_at = datetime.now(UTC) - timedelta(hours=30)
    late, answered = (
        record_request(
            "an", asked_by="BIPT", reference=f"quetzal {n}", asked_at=asked_at, call_id="quetzal-call"
        )
        for n in (1, 2)
    )
    answer_request(answered.pk, "an", call=None, note="quetzal")
    blocking = block_numbers(late.pk, "an", ["+3238087171"])
    return {
        "key": "spoofed-numbers",
        "request": str(late.pk),
        "answered_request": str(answered.pk),
        "blocking": str(blocking.pk),
        "source": "192.0.2.66",
    }


def _emergency(a: Customer, anna: TelephoneUser) -> dict[str, str]:
    """A routing table in each state, a policy that waits, a drill, and Anna's address called wrong."""
    create_trunk(
        "emergency", name="centre", kind="emergency", uri="sip:127.0.1.112:5060", addresses=["127.0.1.112"]
    )
    now, an = datetime.now(UTC), By("an", None)
    today = belgian_day(now)
    areas, routes = EMERGENCY_TABLE["areas"], EMERGENCY_TABLE["routes"]
    in_force, proposed, draft = (
        load_table(an, areas=areas, routes=routes, origin="letter") for _ in range(3)
    )
    approve_table(propose_table(in_force, an, today), By("bea", 0))
    propose_table(proposed, an, today + timedelta(days=9))
    run = DrillRun.objects.create(asked_at=now, asked_by="an", ended_at=now)
    usual = {"at": now, "customer_id": a.pk, "username": anna.username}
    check = AddressCheck.objects.create(call_id="quetzal-check", result="wrong", **usual)
    return {
        "draft_table": str(draft.pk),
        "proposed_table": str(proposed.pk),
        "area_id": str(draft.areas.get().pk),
        "route_id": str(draft.routes.get(area="north").pk),
        "part": "areas",
        "decision_id": str(propose_policy(an, policy="route", reason="as before").pk),
        "run_id": str(run.pk),
        "address_check": check.call_id,
        "in_a_year": (today + timedelta(days=365)).isoformat(),
        **EMERGENCY_TABLE,
    }


def _calls(a: Customer, b: Customer) -> None:
    now = datetime.now(UTC)
    attempt = {"e": "attempt", "t": 0, "reasons": [{"step": "s", "result": "quetzal", "why": "quetzal"}]}
    common: dict[str, Any] = {
        "direction": "outgoing", "verified": True, "started_at": now - timedelta(minutes=2), "ended_at": now,
        "talk_ms": 0, "sip_code": 486, "stages": [], "anomalies": [], "updated_at": now,
    }  # fmt: skip
    annas = {
        "from_number": "+3238087171", "to_number": "+32470717171", "dialled": "0470717171",
        "cli": "+3238087171", "username": "quetzal.anna", "customer_id": a.pk, "user_agent": "quetzal phone",
        "sip_call_ids": ["quetzal-sip"], "events": [attempt],
    }  # fmt: skip
    Call.objects.create(call_id="quetzal-call", **common, **annas)
    Call.objects.create(call_id=f"quetzal-{HELPLINE}", emergency_class="remote", **common, **annas)
    Call.objects.create(call_id=f"quetzal-{ON_SITE}", emergency_class="on-site", **common, **annas)
    Call.objects.create(
        call_id="lambert-call", from_number="+3281880201", to_number="+32470000000", dialled="0470000000",
        username="denis", customer_id=b.pk, sip_call_ids=[], events=[], **common,
    )  # fmt: skip


def _alert() -> Alert:
    """One that is open: about no customer."""
    now = datetime.now(UTC)
    return Alert.objects.create(
        kind="process-down", subject="x", severity="page", began_at=now, opened_at=now
    )


def _refused(anna: TelephoneUser) -> None:
    now = datetime.now(UTC)
    seen = {"username": anna.username, "source": "quetzal", "first_at": now, "last_at": now, "count": 3}
    Refusal.objects.create(hour=now, result="too-many-devices", why="quetzal", user_agent="quetzal", **seen)
    SecurityEvent.objects.create(minute=now, what="wrong-password", **seen)


def _register(location: Path, user: TelephoneUser) -> None:
    """Kamailio's table, with one contact of the user."""
    now = datetime.now(UTC).timestamp()
    julian = [moment / 86400 + 2440587.5 for moment in (now, now + 600)]
    connection = sqlite3.connect(location)
    connection.execute(
        "CREATE TABLE location (username, contact, received, user_agent, last_modified, expires, instance)"
    )
    row = (user.username, "sip:quetzal@192.0.2.1", None, "Quetzal phone", *julian, None)
    connection.execute("INSERT INTO location VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()
