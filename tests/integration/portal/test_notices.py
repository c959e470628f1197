"""What people are told about emergency calls: accepted before anything is active, told again each quarter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client

from kiestoon.adapters.mail_fake import FakeMail
from kiestoon.portal.compliance.board import state_of
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import create_customer
from kiestoon.portal.notices.delivering import make_due, send_waiting
from kiestoon.portal.notices.listing import not_reached
from kiestoon.portal.notices.models import Acceptance, Delivery
from kiestoon.portal.notices.services import accept_notice, record_came_back
from kiestoon.portal.notices.texts import notice_in_force
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.people.models import Person
from kiestoon.portal.people.services import create_person
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import change_user, create_user, make_provisioning_link
from tests.integration.portal.conftest import World, accepted, api_client, make_world
from tests.integration.portal.rooms import body, signed_in

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


@pytest.fixture
def maan(world: World) -> Customer:
    """A customer that has accepted nothing yet."""
    return create_customer("De Maan", "nl", NewAddress("Meir", "12", "2000", "Antwerpen"))


def told(customer: Customer, days_ago: int) -> None:
    """As if the customer had signed so long ago."""
    when = NOW - days_ago * DAY
    accept_notice(customer, version=1, language=customer.language, by="An", now=when)


def nomadic(world: World, days_ago: int) -> TelephoneUser:
    """Bram, whose customer signed so long ago."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("TRUNCATE notices_acceptance")
    told(world.zon, days_ago)
    return change_user(world.bram, nomadic=True)


# ------------------------------------------------------------------ activation


def test_no_accepted_notice_no_number_no_user_no_phone(world: World, maan: Customer) -> None:
    for add in (
        lambda: give_number(maan, "+3238080150"),
        lambda: create_user(maan, username="mia", password="x", extension="201", name="M"),
    ):
        with pytest.raises(ValidationError) as refused:
            add()
        assert "De Maan has not accepted what we tell about emergency calls." in str(refused.value)
        assert "WEC art. 108 §1 3° a" in str(refused.value)
    accepted(maan)
    user = create_user(maan, username="mia", password="x", extension="201", name="M")
    assert give_number(maan, "+3238080150", user).e164 == "+3238080150"
    assert make_provisioning_link(user)


def test_an_older_version_does_not_serve_for_what_comes_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = notice_in_force(NOW)
    monkeypatch.setattr(
        "kiestoon.portal.notices.services.notice_in_force",
        lambda now: type(newer)(2, newer.since, newer.texts),
    )
    with pytest.raises(ValidationError, match="has not accepted"):
        give_number(world.zon, "+3238080150")
    with pytest.raises(ValidationError, match="has not accepted"):
        make_provisioning_link(world.anna)
    with pytest.raises(ValidationError, match="has not accepted"):
        change_user(world.anna, nomadic=True)
    change_user(world.anna, name="Anna B")  # what is active goes on


def test_an_incomplete_address_is_no_address(world: World) -> None:
    assert world.zon.address is not None
    world.zon.address.house_number = ""
    world.zon.address.save()
    with pytest.raises(ValidationError, match="Nobody could tell an emergency centre"):
        give_number(world.zon, "+3238080150")


def test_the_customers_administrator_reads_accepts_and_goes_on(world: World, maan: Customer) -> None:
    person = create_person("maan", "secret", "customer-admin", maan)
    client = Client()
    client.force_login(person)
    answer = client.get(f"/nl/customers/{maan.pk}/add-user/", follow=True)
    path = f"/nl/customers/{maan.pk}/emergency-notice/?then=add_user&key={maan.pk}"
    assert answer.redirect_chain == [(path, 302)]
    page = body(answer)
    assert "Geen stroom of geen internet, geen oproep." in page
    form = {"version": "1", "language": "nl"}
    assert client.post(path, form).status_code == 422
    answer = client.post(path, {**form, "agree": "on"})
    assert answer["Location"] == f"/nl/customers/{maan.pk}/add-user/"
    row = Acceptance.objects.get(customer_id=maan.pk)
    assert (row.version, row.language, row.how, row.by) == (1, "nl", "portal", "maan")
    assert row.sha256 == notice_in_force(NOW).texts["nl"].sha256
    assert client.get(f"/nl/customers/{maan.pk}/add-user/").status_code == 200


def test_the_operator_records_who_signed_and_where_it_is_kept(world: World, maan: Customer) -> None:
    client = signed_in(world, "support")
    path = f"/en/customers/{maan.pk}/emergency-notice/"
    form = {"version": "1", "language": "nl", "by": "An Peeters", "document": ""}
    assert client.post(path, form).status_code == 422
    assert client.post(path, {**form, "document": "contract 2026/7"}).status_code == 302
    assert Acceptance.objects.get(customer_id=maan.pk).document == "contract 2026/7"
    assert "An Peeters" in body(client.get(path))


def test_a_program_accepts_for_a_customer_and_only_its_own(world: World, maan: Customer) -> None:
    data = {"customer_id": maan.pk, "version": 1, "language": "nl", "by": "An"}
    answer = api_client("support").post("/api/notice/acceptances", data, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "document"
    zons = api_client("customer-admin", world.zon)
    assert zons.post("/api/notice/acceptances", data, content_type="application/json").status_code == 422
    data |= {"customer_id": world.zon.pk, "version": 9}
    assert zons.post("/api/notice/acceptances", data, content_type="application/json").status_code == 422
    data["version"] = zons.get("/api/notice").json()["version"]
    made = zons.post("/api/notice/acceptances", data, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["how"] == "api"
    found = zons.get("/api/notice/acceptances").json()["items"]
    assert {one["customer_name"] for one in found} == {"Zon"}


def test_an_acceptance_is_never_changed(world: World) -> None:
    with pytest.raises(DatabaseError, match="evidence"), transaction.atomic():
        Acceptance.objects.update(by="somebody else")
    with pytest.raises(DatabaseError, match="evidence"), transaction.atomic():
        Acceptance.objects.all().delete()


def test_every_role_reads_the_notice_in_its_own_language(world: World) -> None:
    assert "Emergency calls over this telephone service" in body(
        signed_in(world, "customer-user").get("/en/emergency-notice/")
    )
    assert "Notrufe über diesen Telefondienst" in body(
        signed_in(world, "finance").get("/de/emergency-notice/")
    )
    assert signed_in(world, "network").get("/fr/emergency-notice/versions/1/").status_code == 200


# ------------------------------------------------------------------ individually, each quarter


def test_a_nomadic_user_is_told_each_quarter_by_mail_and_each_mail_is_evidence(world: World) -> None:
    bram = nomadic(world, 84)
    create_person("b", "x", "customer-user", world.zon, telephone_user=bram, email="bram@zon.example")
    mail = FakeMail()
    assert make_due(NOW - DAY) == 0
    assert make_due(NOW) == 1
    assert make_due(NOW) == 0
    assert send_waiting(NOW, mail) == 1
    assert send_waiting(NOW, mail) == 0
    letter = mail.sent[0]
    assert letter["To"] == "bram@zon.example"
    assert letter["Subject"] == "Noodoproepen via deze telefoondienst"
    assert "Geen stroom of geen internet" in letter.get_content()
    row = Delivery.objects.get()
    assert (row.state, row.to, row.username, row.reply) == ("sent", "user", "bram", "250 kept")
    assert row.due_at == NOW - 84 * DAY + 91 * DAY
    assert make_due(NOW + 83 * DAY) == 0
    assert make_due(NOW + 84 * DAY) == 1
    results = [row["result"] for row in REGISTER.evidence("emergency-notice").rows(NOW - DAY, NOW + DAY)]
    assert results == ["sent"]


def test_of_a_user_without_a_mail_address_the_administrator_gets_the_names(world: World) -> None:
    nomadic(world, 90)
    change_user(world.anna, nomadic=True)
    create_person("chef", "x", "customer-admin", world.zon, email="chef@zon.example", language="fr")
    mail = FakeMail()
    assert make_due(NOW) == 2
    assert send_waiting(NOW, mail) == 1
    letter = mail.sent[0].get_content()
    assert "Anna, Bram" in letter
    assert "Sans courant ou sans internet" in letter
    assert not_reached(NOW + 2 * DAY) == []


def test_who_was_not_reached_is_on_the_page_and_on_the_board(world: World) -> None:
    nomadic(world, 92)
    make_due(NOW)
    assert Delivery.objects.get().state == "no-address"
    client = signed_in(world, "compliance")
    page = body(client.get("/en/emergency-notice/deliveries/"))
    assert "Neither the user nor an administrator has a mail address" in page
    assert "1 user was not told in time" in body(client.get("/en/duties/"))
    Person.objects.filter(username="a-compliance").update(email="x@y.example")  # the operator's: no matter
    create_person("chef", "x", "customer-admin", world.zon, email="chef@zon.example")
    assert make_due(NOW + timedelta(hours=1)) == 1
    assert send_waiting(NOW + timedelta(hours=1), FakeMail()) == 1
    assert not_reached(NOW + timedelta(hours=2)) == []
    page = body(client.get("/en/emergency-notice/deliveries/"))
    assert "Everybody was told in time" in page


def test_a_mail_server_that_is_down_delays_and_loses_nothing(world: World) -> None:
    nomadic(world, 85)
    create_person("chef", "x", "customer-admin", world.zon, email="chef@zon.example")
    mail = FakeMail(is_away=True)
    make_due(NOW)
    assert send_waiting(NOW, mail) == 0
    assert send_waiting(NOW + timedelta(minutes=4), mail) == 0
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.reply) == ("waiting", 1, "ConnectionRefusedError")
    mail.is_away = False
    assert send_waiting(NOW + timedelta(minutes=5), mail) == 1


def test_a_refused_and_a_returned_mail_reach_nobody(world: World) -> None:
    nomadic(world, 92)
    create_person("chef", "x", "customer-admin", world.zon, email="chef@zon.example")
    create_person("boss", "x", "customer-admin", world.zon, email="boss@zon.example")
    make_due(NOW)
    send_waiting(NOW, FakeMail(refuses={"chef@zon.example"}))
    assert dict(Delivery.objects.values_list("address", "state")) == {
        "chef@zon.example": "refused",
        "boss@zon.example": "sent",
    }
    assert not_reached(NOW) == []
    sent = Delivery.objects.get(state="sent")
    client = signed_in(world, "compliance")
    assert client.post(f"/en/emergency-notice/deliveries/{sent.pk}/came-back/").status_code == 302
    late = not_reached(NOW)
    assert [one.user.username for one in late] == ["bram"]
    with pytest.raises(ValidationError, match="Only a notice that was sent can come back"):
        record_came_back(sent.pk, "an", NOW)


def test_the_duty_is_in_order_when_everybody_was_told(world: World) -> None:
    make_due(NOW)
    from kiestoon.duties.register import duty

    assert state_of(duty("emergency-notice"), NOW).key == "ok"
    assert state_of(duty("emergency-notice"), NOW + timedelta(hours=3)).key == "off"
    counts = REGISTER.evidence("emergency-notice").counts((NOW - DAY).date(), (NOW + DAY).date())
    assert sum(one.decisions for one in counts if one.step == "acceptance") == 2


# ------------------------------------------------------------------ printed


def test_stickers_are_in_the_customers_language_with_number_and_address(world: World) -> None:
    change_user(world.bram, nomadic=True)
    page = body(
        signed_in(world, "customer-admin").get(f"/en/emergency-notice/stickers/?customer={world.zon.pk}")
    )
    assert "03 808 01 01" in page
    assert "Meir 1, 2000 Antwerpen" in page
    assert page.count("112 werkt op dit toestel") == 3
    assert page.count("Elders gebruikt? Zeg waar je bent") == 1


def test_a_user_prints_the_own_sticker_and_no_colleagues(world: World) -> None:
    client = signed_in(world, "customer-user")
    page = body(client.get(f"/en/emergency-notice/stickers/?customer={world.zon.pk}"))
    assert "Bram" in page
    assert "Anna" not in page
    page = body(client.get(f"/en/emergency-notice/stickers/?customer={world.lambert.pk}"))
    assert "Denis" not in page
    assert "Bram" in page


def test_a_sticker_without_an_address_says_so(world: World) -> None:
    world.zon.address = None
    world.zon.save()
    page = body(signed_in(world, "support").get(f"/en/emergency-notice/stickers/?customer={world.zon.pk}"))
    assert "Geen adres bekend: zeg waar je bent" in page
