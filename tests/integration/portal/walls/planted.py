"""Customer A, whose every value bears a mark, customer B, and everyone who tries A's doors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.test import Client

from kiestoon.portal.calls.models import Call, Refusal, SecurityEvent
from kiestoon.portal.carriers.services import create_trunk, set_operator
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import NewAddress, change_customer, create_customer
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.people.access import GRANTS
from kiestoon.portal.people.models import CUSTOMER_ROLES, Person, Role
from kiestoon.portal.people.services import create_person, create_token
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import change_user, create_user

REALM = "demo.kiestoon.test"
WORD = "quetzal"
"""In every text of customer A."""
DIGITS = ("8087170", "8087171", "8087172", "470717171")
"""In every number of customer A, without what may be written differently before and between."""
ANNAS_DIGITS = "8087171"
ANNAS_WORDS = ("quetzal.anna", "quetzalanna")
HELPLINE = "helpline-call"
"""In the id of a call of A to a helpline: no customer sees it, the operator does."""
_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:[\s\u00a0\u202f./·-]|&nbsp;)+(?=\d)")


@dataclass(frozen=True)
class Actor:
    """Someone who tries: by pages with a session, by the API with a token."""

    name: str
    role: str = ""
    customer: str = ""
    page: Client = field(default_factory=Client)
    api: Client = field(default_factory=Client)

    def may(self, scope: str) -> bool:
        return bool(self.role) and scope in GRANTS[self.role]

    @property
    def is_operator(self) -> bool:
        return bool(self.role) and self.role not in CUSTOMER_ROLES


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
    ids = {
        "call_id": "quetzal-call",
        "customer_id": str(a.pk),
        "username": anna.username,
        "trunk_id": "quetzal-pbx",
        "source": "192.0.2.66",
    }
    return Planted(ids, tuple(_actors(a, b, anna, bram, denis)))


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
    Call.objects.create(
        call_id="lambert-call", from_number="+3281880201", to_number="+32470000000", dialled="0470000000",
        username="denis", customer_id=b.pk, sip_call_ids=[], events=[], **common,
    )  # fmt: skip


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
        "CREATE TABLE location (username, contact, received, user_agent, last_modified, expires)"
    )
    row = (user.username, "sip:quetzal@192.0.2.1", None, "Quetzal phone", *julian)
    connection.execute("INSERT INTO location VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()


def _actors(
    a: Customer, b: Customer, anna: TelephoneUser, bram: TelephoneUser, denis: TelephoneUser
) -> Iterable[Actor]:
    """Nobody, each role of B, each role of A, each role of the operator."""
    yield Actor("nobody")
    create_person("quetzal.annas", "secret", Role.CUSTOMER_USER, a, telephone_user=anna)
    people: tuple[tuple[str, Role, Customer | None, TelephoneUser | None], ...] = (
        ("admin of B", Role.CUSTOMER_ADMIN, b, None),
        ("user of B", Role.CUSTOMER_USER, b, denis),
        ("admin of A", Role.CUSTOMER_ADMIN, a, None),
        ("user of A", Role.CUSTOMER_USER, a, bram),
        *((role.value, role, None, None) for role in Role if role not in CUSTOMER_ROLES),
    )
    for name, role, customer, user in people:
        person = create_person(name.replace(" ", "-"), "secret", role, customer, telephone_user=user)
        whose = "" if customer is None else "A" if customer == a else "B"
        yield Actor(name, role, whose, _signed_in(person), _token(person))


def _signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _token(person: Person) -> Client:
    value = create_token("walk", person.role, person.customer, person=person)
    return Client(headers={"Authorization": f"Bearer {value}"})
