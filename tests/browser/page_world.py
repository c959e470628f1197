"""What the walk over every page looks at: the demo world, calls of each kind, and who may open what."""

from __future__ import annotations

import secrets
import time
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from pytest_django.live_server_helper import LiveServer

from kiestoon.adapters.mail_fake import FakeMail
from kiestoon.adapters.number_database_fake import FakeNumberDatabase
from kiestoon.portal.calls.models import Call, Refusal
from kiestoon.portal.compliance.counting import count_decisions
from kiestoon.portal.compliance.models import IdentityRequest
from kiestoon.portal.compliance.services import answer_request, record_request
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.demo.secret import make_world
from kiestoon.portal.demo.world import make_demo_world
from kiestoon.portal.emergency.asking import ask_round
from kiestoon.portal.emergency.mailing import link_token
from kiestoon.portal.emergency.models import Device, LocationQuestion, NetworkTable, Site
from kiestoon.portal.emergency.services import Sayer, say_place
from kiestoon.portal.emergency_log.models import Begun
from kiestoon.portal.emergency_log.services import set_contact, set_reception
from kiestoon.portal.emergency_log.telling import send_waiting as send_mails
from kiestoon.portal.emergency_log.telling import tell
from kiestoon.portal.health.models import Alert, Minute
from kiestoon.portal.identity.services import give_authenticator_app
from kiestoon.portal.malicious_calls.models import Case
from kiestoon.portal.malicious_calls.services import hand_over, mark
from kiestoon.portal.notices.models import Delivery as Notice
from kiestoon.portal.number_counts.models import Count
from kiestoon.portal.number_counts.services import record_agreement, record_report, set_total, take_count
from kiestoon.portal.number_database.services import change_listing, compare, feed
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.people.models import ApiToken, Person
from kiestoon.portal.people.services import create_person, revoke_token
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.webhooks.models import Delivery, Endpoint
from kiestoon.portal.webhooks.services import add_delivery, create_endpoint
from tests.browser.emergency_world import EMERGENCY, make_emergency_world
from tests.browser.routes import Route, routes
from tests.integration.portal.walls.passkey import credential

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
NEWCOMER = "newcomer"
"""Of the operator's people, before setting up a second factor."""
SIGNING_IN = "signing in"
"""Between the password and the code; whoever opens another page starts again, so it opens only STAGES."""
STAGES = ("mfa_authenticate",)
NEW_PASSWORD = secrets.token_urlsafe(16)

NO_PAGE = {
    "set_language": "only leads back to where one was",
    "emergency_drill_progress": "the part of a run's page that is fetched again while it goes on",
    "mfa_index": "another name of account",
    "provisioning": "the settings a phone fetches, once",
    "phone_location": "what the phone in the browser asks, as JSON",
    "mfa_login_webauthn": "answers the script that asks for a passkey",
}
"""Routes that show nothing to anybody, and why."""


def _person() -> dict[str, Any]:
    return {"person_id": Person.objects.get(username="dezon-user").pk}


def _late_request() -> dict[str, Any]:
    return {"pk": IdentityRequest.objects.get(reference="2026/117").pk}


def _customer() -> dict[str, Any]:
    return {"customer_id": Customer.objects.get(name="Bakkerij De Zon").pk}


def _address() -> dict[str, Any]:
    customer = Customer.objects.get(name="Bakkerij De Zon")
    return {"customer_id": customer.pk, "address_id": customer.address_id}


def _webhook() -> dict[str, Any]:
    return {"endpoint_id": Endpoint.objects.get(description="Klantenbestand").pk}


PARAMETERS: dict[str, Callable[[], dict[str, Any]]] = {
    **EMERGENCY,
    "call": lambda: {"call_id": "answered"},
    "runbook": lambda: {"kind": "trunk-unreachable"},
    "take_alert": lambda: {"pk": Alert.objects.get(kind="trunk-unreachable").pk},
    "show_call_numbers": lambda: {"call_id": "answered"},
    "mfa_remove_webauthn": lambda: {"pk": Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN).pk},
    "end_session": lambda: {"session_id": 1},
    "person": _person,
    "change_person": _person,
    "switch_person": _person,
    "reset_password": _person,
    "reset_second_factors": _person,
    "sign_out_everywhere": _person,
    "revoke_token": lambda: {"token_id": ApiToken.objects.order_by("pk")[0].pk},
    "duty": lambda: {"key": "spoofed-numbers"},
    "duty_counts": lambda: {"key": "spoofed-numbers"},
    "duty_decisions": lambda: {"key": "spoofed-numbers"},
    "identity_request": _late_request,
    "answer_identity_request": _late_request,
    "judge_identity_request": _late_request,
    "block_identity_request": _late_request,
    "customer_notice": _customer,
    "location": lambda: {"device_id": Device.objects.get(instance="<urn:uuid:laptop>").pk},
    "where_now": lambda: {"token": link_token(LocationQuestion.objects.get(channel="mail"))},
    "verify_networks": lambda: {"table_id": NetworkTable.objects.order_by("pk")[0].pk},
    **dict.fromkeys(("sites", "add_site"), lambda: {"trunk_id": "lambert-pbx"}),
    **dict.fromkeys(
        ("edit_site", "remove_site"),
        lambda: {"trunk_id": "lambert-pbx", "site_id": Site.objects.order_by("pk")[0].pk},
    ),
    "emergency_reception": _customer,
    "record_number_count": lambda: {"what": "report"},
    "mark_malicious": lambda: {"call_id": "incoming"},
    "malicious_call": lambda: {"case": Case.objects.get().pk},
    "change_malicious_call": lambda: {"case": Case.objects.get().pk, "what": "close"},
    "notice_version": lambda: {"version": 1},
    "notice_came_back": lambda: {"delivery": Notice.objects.order_by("pk")[0].pk},
    "provisioning": lambda: {"token": "nobody-made-this"},
    **dict.fromkeys(
        (
            *("user", "edit_user", "bar_calls", "lock_user", "suspend_user", "delete_user"),
            *("new_phone_password", "set_up_phone", "remove_device", "forwarding_of"),
        ),
        lambda: {"username": "bram.dezon"},
    ),
    **dict.fromkeys(
        (
            "customer",
            "edit_customer",
            "blocked_numbers",
            "add_address",
            "add_user",
            "give_number",
        ),
        _customer,
    ),
    **dict.fromkeys(
        (
            *("webhook", "change_webhook", "switch_webhook", "rotate_webhook_secret"),
            *("test_webhook", "remove_webhook"),
        ),
        _webhook,
    ),
    "send_delivery_again": lambda: {**_webhook(), "delivery": 1},
    **dict.fromkeys(("edit_address", "choose_address"), _address),
    **dict.fromkeys(("number", "take_back_number", "directory_number"), lambda: {"e164": "+3238080101"}),
    **dict.fromkeys(("trunk", "edit_trunk", "delete_trunk"), lambda: {"trunk_id": "national"}),
    "special_interface": lambda: {"trunk_id": "special"},
    "lift_blocking": lambda: {**_late_request(), "blocking": 1},
}
"""What fills the parameters of a route, by its name."""

MORE: dict[str, tuple[str, ...]] = {
    "access": ("?q=dezon", "?q=nobody-is-called-this"),
    "audit": ("?first=2099-01-01",),
    "calls": ("?q=0470+12+34+56", "?q=0470+99+99+99", "?first=nonsense&direction=incoming"),
    "users": ("?q=Anna", "?q=nobody"),
    "directory": ("?q=0101", "?q=999999"),
    "numbers": ("?q=03", "?q=nobody"),
    "customers": ("?q=zon", "?q=nobody"),
    "locations": ("?state=unknown",),
    "networks": ("?address=127.0.3.1", "?address=nonsense"),
    "emergency_table": ("?day=2027-03-01",),
}
"""Other states of a page worth seeing, as queries, by the first person who may; nonsense is refused."""

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


def _make_webhooks() -> None:
    """One of a customer, failing, with a delivery of each state; one of the operator."""
    zon = Customer.objects.get(name="Bakkerij De Zon")
    url = "https://crm.example.be/calls"
    endpoint, _ = create_endpoint(zon, url=url, events=["call.ended"], description="Klantenbestand")
    create_endpoint(None, url=url, events=["call.started", "call.answered"])
    now = datetime.now(UTC)
    for state in Delivery.State.values:
        delivery = add_delivery(endpoint, "call.ended", "answered", now, {"call_id": "answered"})
        tried = {"attempts": 2, "tried_at": now, "failure": "timeout"} if state != "delivered" else {}
        Delivery.objects.filter(pk=delivery.pk).update(state=state, **tried)
    Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=now)


def _make_notices() -> None:
    """One of each state about a user of De Zon, who was not told in time."""
    zon = Customer.objects.get(name="Bakkerij De Zon")
    now = datetime.now(UTC)
    usual = {"customer_id": zon.pk, "username": "bram.dezon", "user_name": "Bram", "version": 1}
    usual |= {"language": "nl", "sha256": "", "to": "admin", "made_at": now}
    for number, state in enumerate(Notice.State.values):
        due = now - timedelta(days=100 * number)
        sent = {"sent_at": due} if state == "sent" else {}
        address = "" if state == "no-address" else "dezon-admin@demo.kiestoon.test"
        Notice.objects.create(**usual, due_at=due, state=state, address=address, reply="250 kept", **sent)


def _make_feed() -> None:
    """A feed that was answered but for one record, and a database that lost one and altered another."""
    now = datetime.now(UTC)
    there = FakeNumberDatabase(refuses={"+3238080103"})
    feed(now - timedelta(hours=5), there)
    del there.held["+3238080101"]
    there.held["+3238080102"] |= {"street": "Kerkstraat", "postcode": "2018"}
    compare(now, there)
    number = Number.objects.get(e164="+3238080104")
    change_listing(number, "dezon-admin", now, address_remark="Bus 3, niet bus 2", directory=True)
    there.is_away = True
    feed(now, there, at_once=True)


def _make_locations() -> None:
    """Bram's laptop, which moved and about which everybody was asked; Chloé's phone, which is confirmed."""
    now = datetime.now(UTC)
    for username, instance, source, prefix in (
        ("bram.dezon", "<urn:uuid:laptop>", "127.0.0.5", "127.0.0.0/24"),
        ("chloe.dezon", "", "127.0.2.9", "127.0.2.0/24"),
    ):
        user = TelephoneUser.objects.get(username=username)
        device = Device.objects.create(
            customer_id=user.customer_id,
            user=user,
            instance=instance,
            address=source,
            prefix=prefix,
            user_agent="Kiestoon softphone",
            state="confirmed",
            first_seen=now,
            last_seen=now,
            moved_at=now - timedelta(days=1),
        )
        home = NewAddress("Turnhoutsebaan", "92", "2100", "Deurne", floor="3", unit="7")
        say_place(device, home, Sayer(username, "softphone", True))
    Person.objects.filter(username="dezon-user").update(email="bram@zon.example", language="nl")
    Device.objects.filter(user__username="bram.dezon").update(
        address="127.0.3.7", prefix="127.0.3.0/24", moved_at=now - timedelta(hours=6), judged_at=None
    )
    ask_round(now)
    LocationQuestion.objects.update(asked_at=now - timedelta(hours=5))
    ask_round(now)


def _make_told() -> None:
    """The emergency call was told to ours and to the reception, whose address is refused."""
    zon = Customer.objects.get(name="Bakkerij De Zon")
    now = datetime.now(UTC)
    set_contact(["nacht@demo.kiestoon.test"], "compliance", now)
    set_reception(zon, enabled=True, addresses=["balie@dezon.example"], by="dezon-admin", now=now)
    Begun.objects.create(call_id="emergency", begun_at=now)
    tell(now)
    send_mails(now, FakeMail(refuses={"balie@dezon.example"}))


def _make_counts() -> None:
    """Two years, one reported; and an agreement."""
    now = datetime.now(UTC)
    year = now.year
    take_count(datetime(year, 11, 24, tzinfo=UTC))
    Count.objects.create(
        year=year - 1, taken_at=now - timedelta(days=365), numbers=20, by_kind={"geographic": 20},
        ported_in=1, active_users=5,
    )  # fmt: skip
    day = datetime(year - 1, 12, 1, tzinfo=UTC).date()
    record_report(year - 1, reported_on=day, reference="ontvangstbewijs 12", by="compliance", now=now)
    set_total(year, numbers=1900, origin="BIPT", confirmed=False, by="compliance", now=now)
    record_agreement(partner="Partner", document="map 7", since=day, until=None, by="compliance", now=now)


def _make_malicious() -> None:
    """A call to De Zon, marked and handed over."""
    zon = Customer.objects.get(name="Bakkerij De Zon")
    now = datetime.now(UTC)
    Call.objects.filter(pk="incoming").update(called_customer_id=zon.pk, withheld=True)
    call = Call.objects.get(pk="incoming")
    call.pk = "incoming-2"
    call.save(force_insert=True)
    case = mark(call, zon, note="Bedreigde mij", by="dezon-admin", user_id=None, now=now)
    hand_over(case.pk, to_whom="Politie Antwerpen", reference="PV 12", what="Nummer", by="an", now=now)


@contextmanager
def portal() -> Iterator[tuple[str, dict[str, Opened], dict[str, str]]]:
    """(address, pages by route name, session keys by person) of a portal with a filled database."""
    make_demo_world(make_world(), new_secrets=True)
    _make_calls()
    _make_requests()
    _make_locations()
    _make_webhooks()
    _make_notices()
    _make_feed()
    _make_told()
    _make_counts()
    _make_malicious()
    _make_alerts()
    _make_passkey()
    make_emergency_world()
    found = routes()
    # Before the first request: it leaves its wall in this connection.
    fillings = {route.name: PARAMETERS.get(route.name, dict)() for route in found}
    clients = {NOBODY: Client(raise_request_exception=False)}
    clients |= {name: _client(Person.objects.get(username=name)) for name in PEOPLE}
    clients[NEWCOMER] = _client(create_person(NEWCOMER, NEW_PASSWORD, "support"))
    clients[SIGNING_IN] = _half_signed_in()
    pages = {route.name: _opened(route, fillings[route.name], clients) for route in found}
    key = settings.SESSION_COOKIE_NAME
    sessions = {name: client.cookies[key].value for name, client in clients.items() if key in client.cookies}
    server = LiveServer("localhost")
    server._live_server_modified_settings.enable()
    try:
        yield server.url, pages, sessions
    finally:
        server._live_server_modified_settings.disable()
        server.stop()


def _client(person: Person) -> Client:
    """Signed in just now: pages that ask for the password again are open."""
    client = Client(raise_request_exception=False)
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


def _half_signed_in() -> Client:
    """Somebody whose password was right and whose code is still awaited."""
    person = Person.objects.get(username="support")
    person.set_password(NEW_PASSWORD)
    person.save()
    client = Client(raise_request_exception=False)
    client.post(reverse("account_login"), {"username": person.username, "password": NEW_PASSWORD})
    return client


def _opened(route: Route, filling: dict[str, Any], clients: dict[str, Client]) -> Opened:
    opened = Opened(route)
    if missing := set(route.parameters) - set(filling):
        opened.fault = f"say in tests/browser/page_world.py, PARAMETERS, what fills {sorted(missing)}"
        return opened
    with translation.override("en"):
        try:
            address = reverse(route.name, kwargs=filling)
        except NoReverseMatch as error:
            opened.fault = f"it cannot be addressed: {error}"
            return opened
    answers = {
        who: client.get(address)
        for who, client in clients.items()
        if who != SIGNING_IN or route.name in STAGES
    }
    kinds = {who: answer.headers.get("Content-Type", "") for who, answer in answers.items()}
    for who, answer in answers.items():
        if answer.status_code == 200 and kinds[who].startswith("text/html"):
            more = () if opened.by else MORE.get(route.name, ())
            opened.by[who] = [address.removeprefix("/en") + query for query in ("", *more)]
    statuses = {answer.status_code for answer in answers.values()}
    is_file = any(answer.status_code == 200 and who not in opened.by for who, answer in answers.items())
    if max(statuses) >= 500:
        opened.fault = f"{address} breaks: {sorted(statuses)}"
    elif not (opened.by or is_file or 405 in statuses or route.name in NO_PAGE):
        opened.fault = f"nobody opens {address}: {sorted(statuses)}"
    return opened


def _make_passkey() -> None:
    """A customer's admin with every way to sign in, and a token that was revoked."""
    person = Person.objects.get(username="dezon-admin")
    give_authenticator_app(person, b32encode(secrets.token_bytes(20)).decode())
    RecoveryCodes.activate(person)
    revoke_token(ApiToken.objects.get(name="demo finance"))
    passkey = {"name": "Laptop", "credential": credential()}
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=passkey)


def _make_alerts() -> None:
    """One that is open, one that is over, and figures of some minutes for the charts."""
    now = datetime.now(UTC)
    begun = now - timedelta(minutes=7)
    usual = {"severity": "page", "began_at": begun, "opened_at": begun}
    Alert.objects.create(kind="trunk-unreachable", subject="national", **usual)
    Alert.objects.create(kind="ingest-behind", closed_at=now, **{**usual, "severity": "notify"})
    this = now.replace(second=0, microsecond=0)
    for ago, attempts in ((2, 5), (3, 9), (4, 4), (9, 1)):
        Minute.objects.create(
            minute=this - timedelta(minutes=ago),
            attempts=attempts,
            answered=attempts - 1,
            ended=attempts,
            setup_p99_ms=1234,
        )


def _make_requests() -> None:
    """One late, one answered; and what the duties decided about the calls."""
    now = datetime.now(UTC)
    record_request(
        "compliance",
        asked_by="BIPT",
        reference="2026/117",
        asked_at=now - timedelta(hours=30),
        number="+3238080101",
        moment=now - timedelta(minutes=5),
        tolerance_seconds=600,
    )
    answered = record_request(
        "compliance", asked_by="BIPT", reference="2026/118", asked_at=now, call_id="busy"
    )
    answer_request(answered.pk, "compliance", call=Call.objects.get(pk="busy"), note="by mail")
    count_decisions(now)


def _make_calls() -> None:
    """One call of each kind a list can show."""
    zon = Customer.objects.get(name="Bakkerij De Zon")
    anna = zon.users.order_by("extension")[0]
    now = datetime.now(UTC)
    usual = {
        "direction": "outgoing",
        "from_number": "+3238080101",
        "to_number": "+32470123456",
        "dialled": "0470123456",
        "cli": "+3238080101",
        "customer_id": zon.pk,
        "username": anna.username,
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
        "emergency": {
            "emergency_class": "on-site",
            "to_number": None,
            "dialled": "112",
            "trunk_id": "emergency",
            "answered_at": now - timedelta(minutes=4),
            "sip_code": 200,
        },
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
