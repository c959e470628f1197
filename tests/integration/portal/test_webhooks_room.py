"""The room of webhooks: made, tried, changed and removed by people, in their language."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.people.services import create_person
from kiestoon.portal.webhooks import services, signing
from kiestoon.portal.webhooks.models import Delivery, Endpoint
from tests.integration.portal.conftest import World, make_world

pytestmark = pytest.mark.django_db

URL = "https://192.0.2.10/calls"


@pytest.fixture
def world(store: Path, settings: Settings) -> World:
    settings.WEBHOOK_NETWORKS = (ip_network("192.0.2.0/24"),)
    return make_world()


def signed_in(role: str, customer: Customer | None = None) -> Client:
    client = Client()
    client.force_login(create_person(f"{role}-{customer}", "secret", role, customer))
    return client


def test_a_customers_administrator_adds_tries_and_removes_a_webhook(world: World) -> None:
    client = signed_in("customer-admin", world.zon)
    assert "No webhooks yet" in client.get("/en/webhooks/").content.decode()
    answer = client.post("/en/webhooks/add/", {"url": URL, "events": ["call.ended"], "description": "CRM"})
    body = answer.content.decode()
    shown = re.search(r'id="secret">(whsec_[^<]+)<', body)
    assert shown is not None
    assert answer["Cache-Control"] == "no-store"
    endpoint = Endpoint.objects.get()
    assert signing.shown(signing.read(bytes(endpoint.secret))) == shown[1]
    assert (endpoint.customer, endpoint.events) == (world.zon, ["call.ended"])
    page = f"/en/webhooks/{endpoint.pk}/"
    assert shown[1] not in client.get(page).content.decode(), "shown once"
    assert client.post(f"{page}test/")["Location"] == page
    assert "Waiting" in client.get(page).content.decode()
    client.post(f"{page}secret/")
    endpoint.refresh_from_db()
    assert endpoint.previous_secret is not None
    client.post(f"{page}switch/")
    body = client.get(page).content.decode()
    assert "Switched off" in body
    assert "Switch webhook on" in body
    said = client.post(f"{page}test/", follow=True).content.decode()
    assert "switch it on first" in said
    assert client.post(f"{page}remove/")["Location"] == "/en/webhooks/"
    assert not Endpoint.objects.exists()


def test_what_is_wrong_is_said_beside_the_field_and_kept(world: World) -> None:
    client = signed_in("customer-admin", world.zon)
    wrong = {"url": "https://10.0.0.1/", "events": ["call.ended"], "description": "kept"}
    answer = client.post("/en/webhooks/add/", wrong)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "is not an address of the public internet" in body
    assert 'value="kept"' in body
    assert client.post("/en/webhooks/add/", {"url": URL}).status_code == 422
    assert not Endpoint.objects.exists()
    endpoint, _ = services.create_endpoint(world.zon, url=URL, events=["call.ended"])
    changed = client.post(f"/en/webhooks/{endpoint.pk}/change/", {**wrong, "url": "http://example.com/"})
    assert changed.status_code == 422
    endpoint.refresh_from_db()
    assert endpoint.url == URL
    assert client.post(f"/en/webhooks/{endpoint.pk}/change/", {**wrong, "url": URL}).status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.description == "kept"


def test_the_operator_chooses_whose_calls(world: World) -> None:
    client = signed_in("admin")
    for customer in ("", str(world.lambert.pk)):
        body = {"url": URL, "events": ["call.started"], "customer": customer}
        assert client.post("/en/webhooks/add/", body).status_code == 200
    assert [one.customer for one in Endpoint.objects.order_by("created_at")] == [None, world.lambert]
    page = client.get("/en/webhooks/").content.decode()
    assert "Of every customer (operator)" in page
    assert "Lambert" in page


def test_support_looks_and_changes_nothing(world: World) -> None:
    endpoint, _ = services.create_endpoint(world.zon, url=URL, events=["call.ended"])
    client = signed_in("support")
    page = client.get(f"/en/webhooks/{endpoint.pk}/").content.decode()
    assert URL in page
    assert "<button" not in page.partition("<main")[2]
    assert client.post(f"/en/webhooks/{endpoint.pk}/remove/").status_code == 403
    assert signed_in("finance").get("/en/webhooks/").status_code == 403


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "Opgegeven"), ("fr", "Abandonné"), ("de", "Aufgegeben"), ("en", "Given up")],
)
def test_a_delivery_given_up_is_shown_in_four_languages_and_sent_again(
    world: World, language: str, words: str
) -> None:
    endpoint, _ = services.create_endpoint(world.zon, url=URL, events=["call.ended"])
    services.send_test(endpoint)
    Delivery.objects.update(state="failed", next_attempt_at=None, attempts=3, failure="timeout")
    client = signed_in("customer-admin", world.zon)
    page = f"/{language}/webhooks/{endpoint.pk}/"
    assert words in client.get(page).content.decode()
    assert client.post(f"{page}deliveries/1/again/")["Location"] == page
    assert Delivery.objects.get().state == "pending"
    assert client.post(f"{page}deliveries/99/again/").status_code == 404
