"""What the walk over every page looks at: the demo world, calls of each kind, and who may open what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from pytest_django.live_server_helper import LiveServer

from kiestoon.portal.calls.models import Call, Refusal
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.demo.secret import make_world
from kiestoon.portal.demo.world import make_demo_world
from kiestoon.portal.people.models import Person
from tests.browser.routes import Route, routes

PEOPLE = (
    "support",
    "network",
    "compliance",
    "finance",
    "admin",
    "dezon-admin",
    "dezon-user",
)
"""One person of each role; nobody is walked too."""
NOBODY = ""

PARAMETERS: dict[str, Callable[[], dict[str, Any]]] = {
    "call": lambda: {"call_id": "answered"},
}
"""What fills the parameters of a route, by its name."""

MORE: dict[str, tuple[str, ...]] = {
    "calls": ("?number=0470+12+34+56", "?number=0470+99+99+99", "?number=nonsense"),
}
"""Other states of a page worth seeing, as queries; seen as the first person who may."""

REASONS = [
    {"step": "caller", "result": "authenticated", "why": "user anna of customer 1"},
    {"step": "emergency-class", "result": "no", "why": "not an emergency number or service"},
    {"step": "call-type", "result": "mobile", "why": "allowed for this caller"},
]


@dataclass
class Opened:
    """A page and who may open it: addresses without the language by person ("" is nobody)."""

    route: Route
    by: dict[str, list[str]] = field(default_factory=dict)
    fault: str = ""


@contextmanager
def portal() -> Iterator[tuple[str, dict[str, Opened], dict[str, str]]]:
    """(address, pages by route name, session keys by person) of a portal with a filled database."""
    make_demo_world(make_world(), new_secrets=True)
    _make_calls()
    clients = {name: _client(name) for name in PEOPLE}
    pages = {route.name: _opened(route, {NOBODY: Client(), **clients}) for route in routes()}
    sessions = {name: client.cookies[settings.SESSION_COOKIE_NAME].value for name, client in clients.items()}
    server = LiveServer("localhost")
    server._live_server_modified_settings.enable()
    try:
        yield server.url, pages, sessions
    finally:
        server._live_server_modified_settings.disable()
        server.stop()


def _client(username: str) -> Client:
    client = Client()
    client.force_login(
        Person.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def _opened(route: Route, clients: dict[str, Client]) -> Opened:
    opened = Opened(route)
    filling = PARAMETERS.get(route.name, dict)()
    if missing := set(route.parameters) - set(filling):
        opened.fault = f"say in tests/browser/page_world.py PARAMETERS what fills {sorted(missing)}"
        return opened
    with translation.override("en"):
        try:
            address = reverse(route.name, kwargs=filling)
        except NoReverseMatch as error:
            opened.fault = f"it cannot be addressed: {error}"
            return opened
    answers = {who: client.get(address) for who, client in clients.items()}
    for who, answer in answers.items():
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            more = () if opened.by else MORE.get(route.name, ())
            opened.by[who] = [address.removeprefix("/en") + query for query in ("", *more)]
    if not opened.by and 403 in {answer.status_code for answer in answers.values()}:
        opened.fault = f"{address} is open to none of {PEOPLE}"
    statuses = {answer.status_code for answer in answers.values()}
    if (404 in statuses and not opened.by) or max(statuses) >= 500:
        opened.fault = f"{address} answers {sorted(statuses)}: what fills its parameters must exist"
    return opened


def _make_calls() -> None:
    """One call of each kind a list can show."""
    zon = Customer.objects.get(name="Bakkerij De Zon")
    now = datetime.now(UTC)
    usual = {
        "direction": "outgoing",
        "from_number": "+3238080101",
        "to_number": "+32470123456",
        "dialled": "0470123456",
        "cli": "+3238080101",
        "customer_id": zon.pk,
        "username": "anna",
        "source": "127.0.0.1:40000",
        "user_agent": "Yealink SIP-T46U 108.86.0.90",
        "verified": True,
        "trunk_id": "national",
        "trunk_name": "national carrier",
        "started_at": now - timedelta(minutes=5),
        "answered_at": None,
        "ended_at": now - timedelta(minutes=1),
        "talk_ms": 0,
        "sip_code": 486,
        "hung_up_by": "callee",
        "sip_call_ids": ["1-2-3@127.0.0.1"],
        "stages": [],
        "anomalies": [],
        "events": [{"e": "attempt", "t": 1_700_000_000_000, "i": "1-2-3@127.0.0.1", "reasons": REASONS}],
        "updated_at": now,
    }
    spoofed = {
        "step": "spoofed-number",
        "result": "block",
        "why": "art. 1: a Belgian geographic or non-geographic number from abroad",
        "duty": "spoofed-numbers",
    }
    kinds: dict[str, dict[str, Any]] = {
        "answered": {
            "answered_at": now - timedelta(minutes=4),
            "talk_ms": 3 * 60 * 1000,
            "sip_code": 200,
            "mos": 4.1,
            "loss": 0.2,
            "jitter_ms": 6.0,
            "codec": "PCMA",
        },
        "busy": {},
        "going-on": {"ended_at": None, "sip_code": None, "hung_up_by": None},
        "incoming": {
            "direction": "incoming",
            "from_number": "+33123456789",
            "cli": "+33123456789",
            "to_number": "+3238080101",
            "customer_id": None,
            "called_customer_id": zon.pk,
            "username": None,
            "trunk_id": None,
            "trunk_name": None,
        },
        "spoofed": {
            "direction": "incoming",
            "from_number": "+3225551234",
            "cli": None,
            "to_number": "+3238080101",
            "customer_id": None,
            "username": None,
            "trunk_in_id": "international",
            "sip_code": 403,
            "events": [
                {
                    "e": "attempt",
                    "t": 1_700_000_000_000,
                    "outcome": "reject",
                    "reasons": [spoofed],
                    "code": 403,
                }
            ],
        },
    }
    for call_id, fields in kinds.items():
        Call.objects.create(call_id=call_id, **{**usual, **fields})
    Refusal.objects.create(
        hour=now.replace(minute=0, second=0, microsecond=0),
        username="anna",
        source="203.0.113.9:5060",
        result="wrong-password",
        why="the password is not right",
        user_agent="friendly-scanner",
        first_at=now,
        last_at=now,
        count=12,
    )
