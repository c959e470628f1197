"""Users and devices: who sees whom, adding, locking, removing, and setting up a phone."""

from __future__ import annotations

import re
import sqlite3
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kiestoon.adapters.registrar_fake import FakeRegistrar
from kiestoon.portal.calls.models import Refusal, SecurityEvent
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.phones import devices
from kiestoon.portal.phones.models import ProvisioningLink, TelephoneUser
from kiestoon.portal.phones.services import change_user, create_user, ha1
from tests.integration.portal.conftest import REALM, World, make_world
from tests.integration.portal.rooms import body, send, signed_in, version

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


@pytest.fixture
def registrar(monkeypatch: pytest.MonkeyPatch) -> FakeRegistrar:
    fake = FakeRegistrar(("anna", "sip:anna@192.0.2.1"), ("anna", "sip:anna@192.0.2.2"))
    monkeypatch.setattr(devices, "registrar", lambda: fake)
    return fake


def register(username: str, contact: str, received: str | None = None) -> None:
    """A contact in Kamailio's table, for ten more minutes."""
    now = datetime.now(UTC).timestamp()
    with sqlite3.connect(settings.LOCATION) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS location "
            "(username, contact, received, user_agent, last_modified, expires, instance)"
        )
        julian = [moment / 86400 + 2440587.5 for moment in (now, now + 600)]
        row = (username, contact, received, "Yealink T54W", *julian)
        connection.execute("INSERT INTO location VALUES (?, ?, ?, ?, ?, ?, NULL)", row)
    connection.close()


def refuse(username: str, result: str) -> None:
    now = datetime.now(UTC)
    Refusal.objects.create(
        hour=now, username=username, source="192.0.2.9:5060", result=result, why="the edge's words",
        user_agent="x", first_at=now, last_at=now, count=3,
    )  # fmt: skip


def many(customer: Customer, count: int) -> None:
    TelephoneUser.objects.bulk_create(
        TelephoneUser(
            customer=customer, username=f"u{n:04}", ha1="0" * 32, extension=f"{3000 + n}", name=f"User {n}"
        )
        for n in range(count)
    )


def test_who_is_registered_from_where_with_what(world: World) -> None:
    register("anna", "sip:anna@10.0.0.4:5062", "sip:198.51.100.7:40001;transport=tls")
    page = body(signed_in(world, "customer-admin").get("/en/users/anna/"))
    assert "Yealink T54W" in page
    assert "198.51.100.7:40001" in page
    assert "TLS" in page


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize("path", ["/en/users/", "/en/forwarding/", "/en/numbers/", "/en/customers/"])
def test_a_thousand_users_cost_as_many_queries_as_two(world: World, path: str) -> None:
    client = signed_in(world, "support")
    client.get(path)
    few = queries(client, path)
    many(world.zon, 1000)
    assert queries(client, path) == few


def test_a_thousand_users_on_pages(world: World) -> None:
    many(world.zon, 1000)
    client = signed_in(world, "customer-admin")
    assert "Showing 1–50 of 1002" in body(client.get("/en/users/"))
    assert body(client.get("/en/users/?page=21")).count("/en/users/u09") == 2


@pytest.mark.parametrize("text", ["Bram", "202", "bram", "03 808 01 02", "+3238080102"])
def test_found_by_name_extension_number_and_sip_name(world: World, text: str) -> None:
    page = body(signed_in(world, "support").get("/en/users/", {"q": text}))
    assert "/en/users/bram/" in page
    assert "/en/users/anna/" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "Er zijn al 3 toestellen aangemeld"),
        ("fr", "3 appareils sont déjà enregistrés"),
        ("de", "Es sind schon 3 Geräte angemeldet"),
        ("en", "3 devices are registered already"),
    ],
)
def test_why_a_device_was_refused_in_the_readers_language(world: World, language: str, words: str) -> None:
    refuse("anna", "too-many-devices")
    page = body(signed_in(world, "customer-admin").get(f"/{language}/users/anna/"))
    assert words in page
    assert "the edge's words" not in page


def test_wrong_passwords_are_for_the_operator_to_see(world: World) -> None:
    now = datetime.now(UTC)
    SecurityEvent.objects.create(
        minute=now, source="203.0.113.5", what="wrong-password", username="anna", first_at=now, last_at=now,
        count=9,
    )  # fmt: skip
    assert "Wrong password" in body(signed_in(world, "support").get("/en/users/anna/"))
    assert "203.0.113.5" not in body(signed_in(world, "customer-admin").get("/en/users/anna/"))


def test_a_customers_user_sees_nobody_else(world: World) -> None:
    client = signed_in(world, "customer-user")
    page = body(client.get("/en/users/"))
    assert "Bram" in page
    assert "Anna" not in page
    assert client.get("/en/users/anna/").status_code == 404
    assert client.get("/en/users/bram/change/").status_code == 403
    assert client.get("/en/users/bram/suspension/").status_code == 403


def test_a_user_is_added_and_the_password_is_shown_once(world: World) -> None:
    client = signed_in(world, "customer-admin")
    answer = client.post(
        f"/en/customers/{world.zon.pk}/add-user/", {"name": "Zoë Peeters", "extension": "203", "username": ""}
    )
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    password = re.search(r'id="password">(\w+)<', body(answer))
    assert password
    made = TelephoneUser.objects.get(username="zoepeeters.zon")
    assert made.ha1 == ha1("zoepeeters.zon", REALM, password[1])
    assert password[1] not in body(client.get("/en/users/zoepeeters.zon/"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"extension": "201"}, "Extension 201 is already used in this company."),
        ({"extension": "2"}, "Enter an extension of 2 to 6 digits. You entered “2”."),
        ({"username": "12345"}, "with at least one letter"),
        ({"username": "anna"}, "already exists"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_user_that_cannot_be(world: World, fields: dict[str, str], words: str) -> None:
    before = TelephoneUser.objects.count()
    given = {"name": "New", "extension": "203", "username": "new", **fields}
    answer = signed_in(world, "support").post(f"/en/customers/{world.zon.pk}/add-user/", given)
    assert answer.status_code == 422
    assert words in body(answer)
    assert "Nothing was changed yet" in body(answer)
    assert TelephoneUser.objects.count() == before


def test_nobody_adds_users_to_another_company(world: World) -> None:
    given = {"name": "New", "extension": "203", "username": "new"}
    path = f"/en/customers/{world.lambert.pk}/add-user/"
    assert signed_in(world, "customer-admin").post(path, given).status_code == 404


def test_two_admins_change_one_user(world: World) -> None:
    """The second is told what is there now, and overwrites it only by sending again."""
    client = signed_in(world, "support")
    path = "/en/users/anna/change/"
    seen = version(client, path)
    change_user(world.anna, name="Ann")
    given = {"name": "Annie", "extension": "201", "srtp": "auto"}
    answer = client.post(path, {"version": seen, **given})
    assert answer.status_code == 422
    assert "It now says: Ann." in body(answer)
    assert TelephoneUser.objects.get(pk=world.anna.pk).name == "Ann"
    assert send(client, path, **given).status_code == 302
    assert TelephoneUser.objects.get(pk=world.anna.pk).name == "Annie"


def test_locked_then_unlocked(world: World) -> None:
    client = signed_in(world, "customer-admin")
    send(client, "/en/users/anna/lock/")
    assert len(TelephoneUser.objects.get(pk=world.anna.pk).barred) == 8
    assert "Locked" in body(client.get("/en/users/"))
    send(client, "/en/users/anna/lock/")
    assert TelephoneUser.objects.get(pk=world.anna.pk).barred == []
    send(client, "/en/users/anna/barring/", barred=["premium", "international"])
    assert TelephoneUser.objects.get(pk=world.anna.pk).barred == ["premium", "international"]


def test_only_the_operator_suspends(world: World) -> None:
    assert signed_in(world, "customer-admin").get("/en/users/anna/suspension/").status_code == 403
    client = signed_in(world, "support")
    send(client, "/en/users/anna/suspension/")
    assert TelephoneUser.objects.get(pk=world.anna.pk).suspended
    send(client, "/en/users/anna/suspension/")
    assert not TelephoneUser.objects.get(pk=world.anna.pk).suspended


def test_a_new_password_switches_the_phones_off(
    world: World, registrar: FakeRegistrar, django_capture_on_commit_callbacks: object
) -> None:
    client = signed_in(world, "customer-admin")
    before = world.anna.ha1
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = send(client, "/en/users/anna/password/")
    assert "The old password no longer works." in body(answer)
    assert TelephoneUser.objects.get(pk=world.anna.pk).ha1 != before
    assert registrar.contacts == set()


def test_reloading_the_page_with_the_password_makes_no_other_one(
    world: World, registrar: FakeRegistrar
) -> None:
    client = signed_in(world, "customer-admin")
    seen = version(client, "/en/users/anna/password/")
    client.post("/en/users/anna/password/", {"version": seen})
    after = TelephoneUser.objects.get(pk=world.anna.pk).ha1
    assert client.post("/en/users/anna/password/", {"version": seen}).status_code == 422
    assert TelephoneUser.objects.get(pk=world.anna.pk).ha1 == after


def test_one_device_is_switched_off(world: World, registrar: FakeRegistrar) -> None:
    client = signed_in(world, "support")
    answer = client.post("/en/users/anna/device/", {"uri": "sip:anna@192.0.2.1"}, follow=True)
    assert "The device is off, until it registers again." in body(answer)
    assert registrar.contacts == {("anna", "sip:anna@192.0.2.2")}
    answer = client.post("/en/users/anna/device/", {"uri": "sip:anna@192.0.2.1"}, follow=True)
    assert "no longer registered" in body(answer)


def test_no_device_is_switched_off_while_the_exchange_is_silent(
    world: World, registrar: FakeRegistrar
) -> None:
    registrar.up = False
    answer = signed_in(world, "support").post(
        "/en/users/anna/device/", {"uri": "sip:anna@192.0.2.1"}, follow=True
    )
    assert "The exchange does not answer: the device was not switched off." in body(answer)
    assert len(registrar.contacts) == 2


def test_removing_says_what_it_takes_with_it(world: World) -> None:
    change_user(world.bram, forwarding=[("busy", "201")])
    client = signed_in(world, "customer-admin")
    page = body(client.get("/en/users/anna/remove/"))
    assert "03 808 01 01" in page
    assert "Bram&#x27;s forwarding will no longer work: When busy: to 201." in page
    answer = send(client, "/en/users/anna/remove/")
    assert answer.status_code == 422
    assert "Numbers still ring this user" in body(answer)
    assert TelephoneUser.objects.filter(username="anna").exists()


def test_a_removed_user_is_gone_and_its_devices_are_off(
    world: World, registrar: FakeRegistrar, django_capture_on_commit_callbacks: object
) -> None:
    create_user(world.zon, username="carl", password="c", extension="203", name="Carl")
    registrar.contacts.add(("carl", "sip:carl@192.0.2.1"))
    client = signed_in(world, "customer-admin")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert send(client, "/en/users/carl/remove/").status_code == 302
    assert not TelephoneUser.objects.filter(username="carl").exists()
    assert ("carl", "sip:carl@192.0.2.1") not in registrar.contacts


def set_up_link(client: Client) -> str:
    """Path of the link a QR code of anna leads to."""
    page = body(client.post("/en/users/anna/set-up/"))
    found = re.search(r"http://testserver(/provisioning/[\w-]+/)", page)
    assert found
    return found[1]


def test_a_soft_phone_fetches_its_settings_once(world: World) -> None:
    path = set_up_link(signed_in(world, "customer-admin"))
    answer = Client().get(path)
    assert answer["Content-Type"] == "application/xml"
    entries = {
        (section.get("name"), entry.get("name")): entry.text
        for section in ElementTree.fromstring(answer.content)
        for entry in section
    }
    assert entries["auth_info_0", "username"] == "anna"
    assert entries["auth_info_0", "ha1"] == world.anna.ha1
    assert entries["proxy_0", "reg_identity"] == f'"Anna" <sip:anna@{REALM}>'
    again = Client().get(path)
    assert again.status_code == 410
    assert world.anna.ha1 not in body(again)


def test_a_link_for_a_phone_grows_old_and_gives_way_to_a_newer_one(world: World) -> None:
    client = signed_in(world, "customer-admin")
    first, second = set_up_link(client), set_up_link(client)
    assert Client().get(first).status_code == 410
    ProvisioningLink.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert Client().get(second).status_code == 410
    assert Client().get("/provisioning/nonsense/").status_code == 410


def test_the_link_is_kept_as_a_digest(world: World) -> None:
    path = set_up_link(signed_in(world, "customer-admin"))
    token = path.split("/")[2]
    assert token not in str(ProvisioningLink.objects.values_list().get())
