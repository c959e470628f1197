"""On-site emergency calls: who is told at once, and that nobody else ever sees them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from kiestoon.adapters.mail_fake import FakeMail
from kiestoon.portal.audit.models import Entry
from kiestoon.portal.calls.models import Call
from kiestoon.portal.carriers.services import create_trunk
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.services import add_address
from kiestoon.portal.emergency.models import Place
from kiestoon.portal.emergency_log.models import Begun, Told
from kiestoon.portal.emergency_log.services import set_contact, set_reception
from kiestoon.portal.emergency_log.telling import letter, send_waiting, tell
from kiestoon.portal.health.models import Alert
from kiestoon.portal.health.services import end_alerts
from kiestoon.portal.phones.services import change_user
from kiestoon.portal.webhooks.models import Delivery, Event
from kiestoon.portal.webhooks.outbox import spread_events
from kiestoon.portal.webhooks.services import create_endpoint
from tests.integration.portal.conftest import World, api_client, make_world
from tests.integration.portal.rooms import body, signed_in
from tests.integration.portal.test_pages import make_call

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def emergency(world: World, call_id: str = "e1", **fields: object) -> Call:
    """Anna called 112, as ingest writes it."""
    given = {"customer_id": world.zon.pk, "username": "anna", "dialled": "112", "to_number": None}
    call = make_call(call_id, emergency_class="on-site", **{**given, **fields})
    Begun.objects.create(call_id=call_id, begun_at=call.started_at)
    return call


def at_the_desk(world: World) -> None:
    """Anna sits on the second floor."""
    address = NewAddress("Meir", "1", "2000", "Antwerpen", floor="2", room="lokaal 7")
    change_user(world.anna, address=add_address(world.zon, address))


# ------------------------------------------------------------------ told at once


def test_the_operators_contact_learns_who_which_extension_and_which_floor(world: World) -> None:
    set_contact(["night@operator.example"], "an", NOW)
    at_the_desk(world)
    emergency(world)
    mail = FakeMail()
    assert tell(NOW) == 1
    assert send_waiting(NOW, mail) == 1
    (sent,) = mail.sent
    assert sent["To"] == "night@operator.example"
    assert "Anna" not in sent["Subject"]
    text = sent.get_content()
    for fact in ("Zon", "Anna", "201", "03 808 01 01", "Meir 1, 2000 Antwerpen", "floor 2, room lokaal 7"):
        assert fact in text
    alert = Alert.objects.get(kind="emergency-call")
    assert (alert.subject, alert.severity, alert.closed_at) == ("e1", "page", None)
    assert tell(NOW) == 0
    assert send_waiting(NOW, mail) == 0
    assert Alert.objects.count() == 1


def test_of_a_nomadic_user_it_is_told_where_that_user_last_said_to_be(world: World) -> None:
    change_user(world.anna, nomadic=True)
    said = {"customer": world.zon, "user": world.anna, "confirmed": True, "said_by": "anna", "how": "page"}
    civic = {"municipality": "Leuven", "street": "Bondgenotenlaan", "house_number": "5", "postcode": "3000"}
    for days, street in ((9, "Oude straat"), (1, "Bondgenotenlaan")):
        at = NOW - timedelta(days=days)
        Place.objects.create(**said, **{**civic, "street": street}, said_at=at, floor="4")
    text = letter(emergency(world), Told.To.RECEPTION)[1]
    assert "Bondgenotenlaan 5, 3000 Leuven" in text
    assert "Verdieping, lokaal of bus: verdieping 4" in text


def test_the_reception_learns_it_only_if_the_customer_wishes(world: World) -> None:
    mail = FakeMail()
    emergency(world)
    tell(NOW)
    set_reception(world.zon, enabled=False, addresses=["desk@zon.example"], by="an", now=NOW)
    emergency(world, "e2")
    tell(NOW)
    assert send_waiting(NOW, mail) == 0
    set_reception(world.zon, enabled=True, addresses=["desk@zon.example"], by="an", now=NOW)
    set_reception(world.lambert, enabled=True, addresses=["accueil@lambert.example"], by="an", now=NOW)
    emergency(world, "e3")
    tell(NOW)
    assert send_waiting(NOW, mail) == 1
    (sent,) = mail.sent
    assert sent["To"] == "desk@zon.example"
    assert sent["Subject"].startswith("Noodoproep naar 112 om ")
    assert "Anna" in sent.get_content()
    assert "emergency-calls" not in sent.get_content()


def test_the_customers_own_program_hears_of_it_and_no_other(world: World) -> None:
    ours, _ = create_endpoint(world.zon, url="https://zon.example/", events=["emergency.call"])
    create_endpoint(world.zon, url="https://zon.example/calls", events=["call.started"])
    create_endpoint(world.lambert, url="https://lambert.example/", events=["emergency.call"])
    emergency(world)
    tell(NOW)
    assert Delivery.objects.count() == 0, "not without the wish"
    set_reception(world.zon, enabled=True, addresses=[], by="an", now=NOW)
    at_the_desk(world)
    emergency(world, "e2")
    tell(NOW)
    row = Delivery.objects.get()
    assert (row.endpoint_id, row.kind) == (ours.pk, "emergency.call")
    told = json.loads(row.body)["data"]
    assert told["user"] == "Anna"
    assert (told["extension"], told["place"]) == ("201", "floor 2, room lokaal 7")


def test_the_operators_webhook_cannot_ask_for_it(world: World) -> None:
    data = {"url": "https://crm.example/", "events": ["emergency.call"]}
    answer = api_client("admin").post("/api/webhooks", data, content_type="application/json")
    assert answer.status_code == 422
    assert "Only a customer's own webhook" in answer.content.decode()


def test_a_call_from_a_customers_own_exchange_names_the_exchange(world: World) -> None:
    create_trunk(
        "pbx",
        name="PBX Zon",
        kind="customer-pbx",
        uri="sip:1.2.3.4",
        addresses=["1.2.3.4"],
        customer=world.zon,
    )
    call = emergency(world, username=None, trunk_in_id="pbx", from_number="+3238080107", cli="+3238080107")
    text = letter(call, Told.To.RECEPTION)[1]
    assert "PBX Zon" in text
    assert "03 808 01 07" in text


def test_a_mail_server_that_is_down_delays_the_mail_and_not_the_alert(world: World) -> None:
    set_contact(["night@operator.example"], "an", NOW)
    emergency(world)
    mail = FakeMail(is_away=True)
    tell(NOW)
    assert send_waiting(NOW, mail) == 0
    assert Alert.objects.filter(kind="emergency-call").exists()
    mail.is_away = False
    assert send_waiting(NOW + timedelta(seconds=29), mail) == 0
    assert send_waiting(NOW + timedelta(seconds=30), mail) == 1


def test_a_mail_that_comes_hours_late_is_not_sent(world: World) -> None:
    set_contact(["night@operator.example"], "an", NOW)
    emergency(world)
    tell(NOW)
    assert send_waiting(NOW + timedelta(hours=5), FakeMail(is_away=True)) == 0
    assert Told.objects.get().state == "too-late"


def test_taking_the_alert_ends_it_and_so_does_a_day(world: World) -> None:
    emergency(world)
    emergency(world, "e2")
    tell(NOW - timedelta(days=2))
    alert = Alert.objects.get(subject="e1")
    path = reverse("take_alert", args=[alert.pk])
    assert signed_in(world, "network").post(path).status_code == 302
    alert.refresh_from_db()
    assert alert.closed_at is not None
    assert end_alerts("emergency-call", NOW - timedelta(days=1), NOW) == 1
    assert Alert.objects.filter(kind="emergency-call", closed_at=None).count() == 0


def test_of_a_call_that_was_set_aside_the_alert_still_tells(world: World) -> None:
    Begun.objects.create(call_id="unreadable", begun_at=NOW)
    assert tell(NOW) == 1
    assert Alert.objects.get().subject == "unreadable"


# ------------------------------------------------------------------ seen by nobody else

OPERATOR = ("support", "network", "compliance", "admin")


@pytest.mark.parametrize("role", [*OPERATOR, "customer-admin"])
def test_it_is_in_no_list_export_or_answer(world: World, role: str) -> None:
    emergency(world)
    make_call("ordinary", customer_id=world.zon.pk, username="anna")
    client = signed_in(world, role)
    for path in ("/en/calls/", "/en/calls/?q=112", "/en/calls/?q=e1", "/en/calls/live/"):
        assert "/calls/e1/" not in body(client.get(path, follow=True)), path
    export = b"".join(client.get("/en/calls/export/").streaming_content).decode()  # type: ignore[attr-defined]
    assert len(export.strip().splitlines()) == 2
    api = api_client(role, world.zon if role.startswith("customer") else None)
    assert [one["call_id"] for one in api.get("/api/calls").json()["items"]] == ["ordinary"]
    assert api.get("/api/calls/e1").status_code == 404


def test_no_webhook_tells_of_it_as_of_a_call(world: World) -> None:
    create_endpoint(world.zon, url="https://zon.example/", events=["call.started"])
    create_endpoint(None, url="https://operator.example/", events=["call.started"])
    emergency(world)
    Event.objects.create(kind="call.started", call_id="e1", customer_id=world.zon.pk, happened_at=NOW)
    assert spread_events() == 1
    assert Delivery.objects.count() == 0


def test_only_compliance_opens_the_log_and_each_look_is_recorded(world: World) -> None:
    set_contact(["night@operator.example"], "an", NOW)
    emergency(world)
    make_call("helpline", emergency_class="remote", customer_id=world.zon.pk, dialled="106")
    tell(NOW)
    send_waiting(NOW, FakeMail())
    for role in ("support", "network", "finance", "admin", "customer-admin", "customer-user"):
        client = signed_in(world, role)
        assert client.get("/en/emergency-calls/").status_code == 403
        assert client.get("/en/calls/e1/").status_code in (403, 404)
    assert not Entry.objects.filter(action__startswith="open-emergency").exists()
    client = signed_in(world, "compliance")
    page = body(client.get("/en/emergency-calls/"))
    assert "Anna" in page
    assert "We were told" in page
    assert "helpline" not in page
    assert client.get("/en/calls/e1/").status_code == 200
    looks = Entry.objects.filter(action__startswith="open-emergency").order_by("pk")
    assert [(one.action, one.customer_id) for one in looks] == [
        ("open-emergency-log", None),
        ("open-emergency-call", None),
    ]
    assert looks[1].ids == {"call_id": "e1"}


def test_a_customers_administrator_does_not_read_in_the_audit_log_that_it_was_opened(world: World) -> None:
    emergency(world)
    signed_in(world, "compliance").get("/en/calls/e1/")
    assert "Opened an emergency call" not in body(signed_in(world, "customer-admin").get("/en/audit/"))


def test_the_customer_switches_it_on_and_wrong_addresses_are_refused(world: World) -> None:
    client = signed_in(world, "customer-admin")
    path = f"/en/customers/{world.zon.pk}/emergency-calls/"
    assert client.get(path).status_code == 200
    answer = client.post(path, {"enabled": "on", "addresses": "desk@zon.example\nnonsense"})
    assert answer.status_code == 422
    assert "“nonsense” is no mail address." in body(answer)
    assert client.post(path, {"enabled": "on", "addresses": "desk@zon.example"}).status_code == 302
    assert "checked" in body(client.get(path))
    assert client.get(f"/en/customers/{world.lambert.pk}/emergency-calls/").status_code == 404
    contact = signed_in(world, "compliance")
    assert contact.post("/en/emergency-calls/contact/", {"addresses": "a@b.example"}).status_code == 302
    assert Client().get(path).status_code == 302
