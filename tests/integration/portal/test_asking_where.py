"""Asking where a device is: in the browser's phone, by a mailed link, by hand; and the rooms that show it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from kiestoon.adapters.mail_fake import FakeMail
from kiestoon.portal.audit.models import Entry
from kiestoon.portal.emergency.asking import CALL_AFTER, MAIL_AFTER, ask_round
from kiestoon.portal.emergency.mailing import LINK_LIFETIME, link_token, send_waiting
from kiestoon.portal.emergency.models import Device, LocationQuestion, Place
from kiestoon.portal.emergency.networks import load_networks
from kiestoon.portal.emergency.services import say_place
from kiestoon.portal.people.models import Person
from kiestoon.portal.people.services import create_person
from kiestoon.portal.phones.services import change_user
from tests.integration.portal.conftest import World, make_world
from tests.integration.portal.test_emergency_locations import (
    BRAM,
    GHENT,
    LAPTOP,
    LEUVEN,
    OFFICE,
    TABLE,
    TRAIN,
    call,
    registers,
    where,
)

pytestmark = pytest.mark.django_db(transaction=True)

Channel, Sending = LocationQuestion.Channel, LocationQuestion.Sending
ADDRESS = {
    "street": "Korenmarkt", "house_number": "4", "postcode": "9000", "municipality": "Gent", "country": "BE",
}  # fmt: skip


@pytest.fixture
def bram(store: Path) -> World:
    """Bram said that he is in Leuven at the office; he has a sign-in with a mail address."""
    world = make_world()
    change_user(world.bram, nomadic=True)
    load_networks(TABLE, origin="a list", by="nora")
    person = create_person("bram.person", "secret", "customer-user", world.zon, telephone_user=world.bram)
    Person.objects.filter(pk=person.pk).update(email="bram@zon.example", language="nl")
    create_person("an", "secret", "customer-admin", world.zon)
    say_place(registers("bram", OFFICE, datetime.now(UTC) - timedelta(hours=1)), LEUVEN, BRAM)
    return world


@pytest.fixture
def moved(bram: World) -> Device:
    """Bram's laptop is on the train, ten minutes ago."""
    return registers("bram", TRAIN, datetime.now(UTC) - timedelta(minutes=10))


def asked(channel: str) -> list[LocationQuestion]:
    return list(LocationQuestion.objects.filter(channel=channel, closed_at=None))


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(username=name))
    return client


# ------------------------------------------------------------------------------------- by mail


def test_whoever_moved_is_asked_by_mail_once(moved: Device) -> None:
    now = datetime.now(UTC)
    assert ask_round(now) == 1
    assert ask_round(now) == 0
    mail = FakeMail()
    assert send_waiting(now, mail) == 1
    assert send_waiting(now, mail) == 0
    assert [str(message["To"]) for message in mail.sent] == ["bram@zon.example"]
    text = mail.sent[0].get_content()
    assert "Toestel: " in text
    link = re.search(r"http://\S+/where/(\S+)/", text)
    assert link is not None
    for private in ("bram", "Bram", "Leuven", "202", LAPTOP, TRAIN):
        assert private not in link[0], f"{private} in the address of the link"


def test_nobody_is_asked_too_soon_or_about_a_phone_that_is_off(bram: World) -> None:
    now = datetime.now(UTC)
    registers("bram", TRAIN, now)
    assert ask_round(now) == 0
    assert ask_round(now + MAIL_AFTER) == 1
    registers("bram", "203.0.113.9", now + timedelta(hours=1))
    assert ask_round(now + timedelta(hours=9)) == 0


def test_who_came_back_is_not_asked_any_more(moved: Device) -> None:
    now = datetime.now(UTC)
    ask_round(now)
    registers("bram", OFFICE, now)
    ask_round(now)
    assert not LocationQuestion.objects.filter(closed_at=None).exists()
    assert send_waiting(now, FakeMail()) == 0, "the mail that waited is not sent"


def test_the_administrator_is_asked_when_the_user_has_no_address(moved: Device, store: Path) -> None:
    Person.objects.filter(username="bram.person").update(email="")
    Person.objects.filter(username="an").update(email="an@zon.example")
    ask_round(datetime.now(UTC))
    question = asked(Channel.MAIL)[0]
    assert (question.address, question.to_user) == ("an@zon.example", False)
    answer = Client().post(reverse("where_now", args=[link_token(question)]), ADDRESS)
    assert answer.status_code == 200
    assert where(call(store, TRAIN)) == ("Gent", "declared"), "only the user's own word confirms"


def test_the_mailed_link_answers(moved: Device, store: Path) -> None:
    ask_round(datetime.now(UTC))
    question = asked(Channel.MAIL)[0]
    page = reverse("where_now", args=[link_token(question)])
    client = Client()
    shown = client.get(page).content.decode()
    assert "Bondgenotenlaan 20" in shown
    assert "Meir 1" in shown
    wrong = client.post(page, ADDRESS | {"postcode": "2000"})
    assert wrong.status_code == 422
    assert "Postcode 2000 is of" in wrong.content.decode()
    assert client.post(page, {"place": "999"}).status_code == 200
    assert Place.objects.count() == 1
    assert client.post(page, ADDRESS).status_code == 200
    assert where(call(store, TRAIN)) == ("Gent", "confirmed")
    place = Place.objects.get(how="mail-link")
    assert (place.said_by, place.confirmed) == ("bram@zon.example", True)
    question.refresh_from_db()
    assert question.answer == place
    assert Entry.objects.filter(action="where_now", ids__device_id=moved.pk).exists()
    assert not Entry.objects.filter(ids__has_key="token").exists()


def test_the_answer_is_kept_for_the_network_it_was_asked_about(moved: Device, store: Path) -> None:
    ask_round(datetime.now(UTC))
    question = asked(Channel.MAIL)[0]
    registers("bram", "127.0.4.9")
    page = reverse("where_now", args=[link_token(question)])
    assert "in another network by now" in Client().get(page).content.decode()
    Client().post(page, ADDRESS)
    assert where(call(store, TRAIN)) == ("Gent", "confirmed")
    assert where(call(store, "127.0.4.9"))[1] == "stale"


def test_a_link_ends_and_cannot_be_made(moved: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_round(datetime.now(UTC))
    question = asked(Channel.MAIL)[0]
    token = link_token(question)
    forged = signing.dumps([question.pk, question.customer_id], key="other", salt="kiestoon.emergency.where")
    for one in (token[:-1], forged, "x"):
        assert Client().get(reverse("where_now", args=[one])).status_code == 410
    long_ago = (datetime.now(UTC) - LINK_LIFETIME - timedelta(minutes=1)).timestamp()
    with monkeypatch.context() as then:
        then.setattr("time.time", lambda: long_ago)
        old = link_token(question)
    assert Client().post(reverse("where_now", args=[old]), ADDRESS).status_code == 410
    question.delete()
    assert Client().get(reverse("where_now", args=[token])).status_code == 410
    assert Place.objects.count() == 1


# -------------------------------------------------------------------------------- when that fails


def test_a_mail_server_that_is_away_is_tried_again(moved: Device) -> None:
    now = datetime.now(UTC)
    ask_round(now)
    mail = FakeMail(is_away=True)
    assert send_waiting(now, mail) == 0
    mail.is_away = False
    assert send_waiting(now, mail) == 0
    assert send_waiting(now + timedelta(minutes=2), mail) == 1
    assert LocationQuestion.objects.get().attempts == 2


def test_without_an_answer_somebody_telephones(moved: Device, store: Path) -> None:
    now = datetime.now(UTC)
    ask_round(now)
    send_waiting(now, FakeMail())
    later = now + CALL_AFTER
    Device.objects.update(last_seen=later)
    assert ask_round(later) == 1
    assert ask_round(later) == 0
    create_person("sara", "secret", "support")
    staff = signed_in("sara")
    assert "Bram" in staff.get(reverse("locations")).content.decode().split("Devices")[0]
    page = reverse("location", args=[moved.pk])
    assert staff.post(page, ADDRESS | {"asked": "on"}).status_code == 302
    assert where(call(store, TRAIN)) == ("Gent", "confirmed")
    assert Place.objects.filter(how="call", said_by="sara", confirmed=True).exists()
    assert not LocationQuestion.objects.filter(closed_at=None).exists()


def test_without_any_mail_address_somebody_telephones_at_once(moved: Device) -> None:
    Person.objects.update(email="")
    now = datetime.now(UTC)
    assert ask_round(now) == 2
    assert [one.sending for one in asked(Channel.MAIL)] == [Sending.NO_ADDRESS]
    assert len(asked(Channel.CALL)) == 1


def test_a_refused_address_means_a_call_too(moved: Device) -> None:
    now = datetime.now(UTC)
    ask_round(now)
    send_waiting(now, FakeMail(refuses={"bram@zon.example"}))
    assert ask_round(now) == 1
    assert len(asked(Channel.CALL)) == 1


# ------------------------------------------------------------------------------- in the browser


def ask_phone(client: Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(reverse("phone_location"), {"instance": LAPTOP}).json()
    return answer


def test_the_phone_in_the_browser_asks_and_answers(moved: Device, store: Path) -> None:
    client = signed_in("bram.person")
    told = ask_phone(client)
    assert (told["asks"], told["state"], told["address"]) == (
        True,
        "stale",
        "Bondgenotenlaan 20, 3000 Leuven",
    )
    assert [one["words"] for one in told["places"]] == [
        "Bondgenotenlaan 20, 3000 Leuven",
        "Meir 1, 2000 Antwerpen",
    ]
    ask_phone(client)
    assert len(asked(Channel.BROWSER)) == 1
    url = reverse("phone_location")
    wrong = client.post(url, {"instance": LAPTOP, **ADDRESS, "house_number": ""})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["house_number"])
    wrong = client.post(url, {"instance": LAPTOP, **ADDRESS, "postcode": "9999"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["postcode"])
    assert client.post(url, {"instance": LAPTOP, "place": "x"}).json()["errors"].keys() == {""}
    key = told["places"][0]["key"]
    answer = client.post(url, {"instance": LAPTOP, "place": key}).json()
    assert (answer["asks"], answer["state"]) == (False, "confirmed")
    assert where(call(store, TRAIN)) == ("Leuven", "confirmed")
    question = LocationQuestion.objects.get(channel=Channel.BROWSER)
    assert question.answer is not None
    assert question.answer.how == "softphone"


def test_a_place_abroad_is_said_plainly(moved: Device) -> None:
    client = signed_in("bram.person")
    body = {"instance": LAPTOP, **ADDRESS, "postcode": "59000", "municipality": "Lille", "country": "FR"}
    answer = client.post(reverse("phone_location"), body).json()
    assert "not in Belgium" in answer["notice"]


def test_a_phone_nobody_has_heard_of_is_not_asked(bram: World) -> None:
    client = signed_in("bram.person")
    unheard = client.get(reverse("phone_location"), {"instance": "<urn:uuid:2>"}).json()
    assert unheard == {"device": False, "asks": False}
    assert ask_phone(signed_in("an")) == {"device": False, "asks": False}
    assert ask_phone(client)["asks"] is False, "at the office it is confirmed"


def test_the_page_of_a_phone_that_moves_knows_where_to_ask(bram: World) -> None:
    assert "phone/location" in signed_in("bram.person").get(reverse("phone")).content.decode()
    change_user(bram.bram, nomadic=False)
    assert "phone/location" not in signed_in("bram.person").get(reverse("phone")).content.decode()


# ------------------------------------------------------------------------------------ the rooms


def test_an_administrator_declares_and_the_user_confirms(moved: Device, store: Path) -> None:
    page = reverse("location", args=[moved.pk])
    admin = signed_in("an")
    assert "Moved since" in admin.get(reverse("locations")).content.decode()
    assert admin.post(page, {"place": "installation"}).status_code == 302
    assert where(call(store, TRAIN)) == ("Antwerpen", "declared")
    user = signed_in("bram.person")
    assert user.post(page, {"place": "installation"}).status_code == 302
    assert where(call(store, TRAIN)) == ("Antwerpen", "confirmed")
    assert user.post(page, ADDRESS).status_code == 302
    assert "contradicts what was said before" in user.get(page).content.decode()


def test_a_form_that_cannot_be_done_says_why(moved: Device) -> None:
    page = reverse("location", args=[moved.pk])
    answer = signed_in("an").post(page, ADDRESS | {"municipality": "Antwerpen"})
    assert answer.status_code == 422
    assert "Postcode 9000 is of Gent / Gand" in answer.content.decode()
    assert Place.objects.count() == 1


def test_staff_find_devices_by_state(moved: Device) -> None:
    ask_round(datetime.now(UTC))
    create_person("sara", "secret", "support")
    staff = signed_in("sara")
    assert "Bram" in staff.get(reverse("locations"), {"state": "stale"}).content.decode()
    assert "Linphone" not in staff.get(reverse("locations"), {"state": "unknown"}).content.decode()


def test_a_table_of_networks_is_loaded_on_its_page(moved: Device) -> None:
    create_person("nora", "secret", "network")
    client, page = signed_in("nora"), reverse("networks")
    assert "train" in client.get(page, {"address": TRAIN}).content.decode()
    assert client.post(page, {"origin": "x"}).status_code == 422
    refused = client.post(page, {"origin": "x", "pasted": f"{TABLE}bad"})
    assert "Line 6: 1 columns instead of 4" in refused.content.decode()
    assert client.post(page, {"origin": "the registry", "pasted": TABLE}).status_code == 302
    shown = client.get(page).content.decode()
    assert "To verify" in shown
    table = re.search(r"/networks/(\d+)/verified/", shown)
    assert table is not None
    client.post(table[0] if table[0].startswith("/en") else f"/en{table[0]}")
    assert "To verify" not in client.get(page).content.decode()


def test_an_answer_for_ghent_is_offered_next_time(moved: Device) -> None:
    say_place(moved, GHENT, BRAM)
    words = [one["words"] for one in ask_phone(signed_in("bram.person"))["places"]]
    assert words[0] == "Veldstraat 3, 9000 Gent"
