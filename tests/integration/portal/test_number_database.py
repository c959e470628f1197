"""The central number database: fed each day, corrected by customers, compared with what is really there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from kiestoon.adapters.number_database import DatabaseSilent
from kiestoon.adapters.number_database_fake import FakeNumberDatabase
from kiestoon.duties.register import duty
from kiestoon.portal.carriers.services import create_trunk
from kiestoon.portal.compliance.board import state_of
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.services import change_address
from kiestoon.portal.number_database import services
from kiestoon.portal.number_database.models import Batch, Comparison, Entry, Listing
from kiestoon.portal.number_database.services import change_listing, compare, feed
from kiestoon.portal.number_database.truth import incomplete, truth
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import give_number, take_back_number
from kiestoon.portal.phones.services import change_user
from tests.integration.portal.conftest import World, make_world
from tests.integration.portal.rooms import body, send, signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


@pytest.fixture
def there() -> FakeNumberDatabase:
    return FakeNumberDatabase()


def told(batch: bytes) -> list[tuple[str, str]]:
    """(op, number) of each change of a batch."""
    lines = [json.loads(line) for line in batch.decode().removesuffix("\n").split("\n")[1:]]
    return [(line["op"], line.get("record", line)["number"]) for line in lines]


def test_every_number_is_told_once_then_only_what_changes(world: World, there: FakeNumberDatabase) -> None:
    assert feed(NOW, there) == 4
    assert there.held["+3238080101"] == {
        "number": "+3238080101",
        "last_name": None,
        "first_name": None,
        "initials": None,
        "company": "Zon",
        "street": "Meir",
        "house_number": "1",
        "box": None,
        "postcode": "2000",
        "municipality": "Antwerpen",
        "kind": "fixed",
        "nomadic": False,
        "directory": False,
        "professional_activity": None,
        "do_not_call": False,
        "operator": "Kiestoon Demo",
    }
    assert feed(NOW, there) == 0
    assert len(there.batches) == 1
    change_user(world.bram, nomadic=True)
    take_back_number(Number.objects.get(e164="+3281880201"))
    give_number(world.zon, "+3238080107", world.anna)
    assert feed(NOW + timedelta(hours=1), there) == 0
    assert feed(NOW + DAY, there) == 4
    assert told(there.batches[1]) == [
        ("delete", "+3281880201"),
        ("put", "+3238080100"),
        ("put", "+3238080102"),
        ("put", "+3238080107"),
    ]
    assert there.held["+3238080102"]["nomadic"] is True
    assert "+3281880201" not in there.held
    feed(NOW + 2 * DAY, there)
    assert told(there.batches[2]) == []


def test_a_corrected_address_is_told(world: World, there: FakeNumberDatabase) -> None:
    feed(NOW, there)
    assert world.zon.address is not None
    change_address(world.zon.address, NewAddress("Meir", "3", "2000", "Antwerpen", unit="bus 2"))
    feed(NOW + DAY, there)
    assert there.held["+3238080101"]["house_number"] == "3"
    assert there.held["+3238080101"]["box"] == "bus 2"


def test_a_number_of_a_customers_exchange_is_nomadic_or_not_nobody_knows(
    world: World, there: FakeNumberDatabase
) -> None:
    pbx = create_trunk(
        "pbx",
        name="X",
        kind="customer-pbx",
        uri="sip:127.0.1.3",
        addresses=["127.0.1.3"],
        customer=world.zon,
    )
    give_number(world.zon, "+3238080108", pbx)
    feed(NOW, there)
    assert there.held["+3238080108"]["nomadic"] is None


def test_a_dead_database_delays_and_loses_nothing(world: World, there: FakeNumberDatabase) -> None:
    there.is_away = True
    feed(NOW, there)
    batch = Batch.objects.get()
    assert (batch.state, batch.attempts, batch.said) == ("waiting", 1, "ConnectionRefusedError")
    feed(NOW + timedelta(seconds=30), there)
    assert Batch.objects.get().attempts == 1
    feed(NOW + DAY, there)
    assert Batch.objects.count() == 1
    change_user(world.anna, nomadic=True)
    there.is_away = False
    feed(NOW + DAY + timedelta(hours=2), there)
    assert len(there.batches) == 2
    assert set(there.held) == {"+3238080100", "+3238080101", "+3238080102", "+3281880201"}
    assert there.held["+3238080101"]["nomadic"] is True
    assert told(there.batches[1]) == [("put", "+3238080100"), ("put", "+3238080101")]


def test_an_answer_that_never_came_is_asked_for_again_with_the_same_batch(
    world: World, there: FakeNumberDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(batch: bytes) -> Any:
        FakeNumberDatabase.send(there, batch)
        raise DatabaseSilent("TimeoutError")

    monkeypatch.setattr(there, "send", lost)
    feed(NOW, there)
    assert Entry.objects.count() == 0
    monkeypatch.undo()
    assert feed(NOW + timedelta(minutes=1), there) == 4
    assert len(there.batches) == 1


def test_one_refused_record_stops_no_other_and_is_shown(world: World, there: FakeNumberDatabase) -> None:
    there.refuses = {"+3238080101"}
    assert feed(NOW, there) == 3
    entry = Entry.objects.get(number="+3238080101")
    assert (entry.record, entry.field, entry.error) == (None, "postcode", "not known")
    page = body(signed_in(world, "customer-admin").get("/en/directory/"))
    assert "Refused there: not known" in page
    page = body(signed_in(world, "compliance").get("/en/number-database/"))
    assert "1 record refused" in page
    there.refuses = set()
    assert feed(NOW + DAY, there) == 1
    assert Entry.objects.exclude(error="").count() == 0


def test_more_changes_than_a_batch_holds_go_in_several(
    world: World, there: FakeNumberDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_CHANGES", 2)
    there.refuses = {"+3238080100"}
    assert feed(NOW, there) == 3
    assert [len(told(batch)) for batch in there.batches] == [2, 2]
    assert len(there.held) == 3


def test_another_sequence_there_is_followed(world: World, there: FakeNumberDatabase) -> None:
    there.sequence = 41
    feed(NOW, there)
    assert set(Batch.objects.values_list("sequence", "state")) == {(1, "refused"), (42, "waiting")}
    feed(NOW, there)
    assert len(there.held) == 4
    feed(NOW + DAY, there)
    assert there.sequence == 43


def test_what_was_lost_or_altered_there_is_reported_and_put_right(
    world: World, there: FakeNumberDatabase
) -> None:
    feed(NOW, there)
    assert compare(NOW, there).differences == 0
    del there.held["+3238080101"]
    there.held["+3238080102"] = there.held["+3238080102"] | {"municipality": "Gent"}
    there.held["+3238089999"] = there.held["+3238080102"] | {"number": "+3238089999"}
    row = compare(NOW, there)
    found = [(one.number, one.kind, one.fields) for one in row.found.all()]
    assert found == [
        ("+3238080101", "missing", []),
        ("+3238080102", "different", ["municipality"]),
        ("+3238089999", "unexpected", []),
    ]
    client = signed_in(world, "compliance")
    page = body(client.get("/en/number-database/"))
    assert "Something else is there" in page
    assert "+3238080101,missing" in body(client.get("/en/number-database/differences.csv"))
    assert "3 records are not as they should be" in body(client.get("/en/duties/"))
    feed(NOW + DAY, there)
    assert compare(NOW + DAY, there).differences == 0
    assert "+3238089999" not in there.held
    assert there.held["+3238080102"]["municipality"] == "Antwerpen"


def test_a_database_that_does_not_answer_is_not_called_the_same(
    world: World, there: FakeNumberDatabase
) -> None:
    feed(NOW, there)
    there.is_away = True
    row = compare(NOW, there)
    assert (row.said, row.differences) == ("ConnectionRefusedError", 0)
    assert "Could not be compared" in body(signed_in(world, "compliance").get("/en/number-database/"))


def test_the_customer_sees_and_corrects_and_it_goes_with_the_next_feed(
    world: World, there: FakeNumberDatabase
) -> None:
    feed(NOW, there)
    client = signed_in(world, "customer-admin")
    path = "/en/directory/+3238080101/"
    assert "As it is there" in body(client.get(path))
    answer = send(
        client,
        path,
        last_name="Peeters",
        first_name="An",
        directory="on",
        do_not_call="on",
        professional_activity="Bakker",
        address_remark="Bus 3",
    )
    assert answer.status_code == 422
    assert "only sent with consent" in body(answer)
    assert Listing.objects.count() == 0
    fields = {"last_name": "Peeters", "first_name": "An", "directory": "on", "do_not_call": "on"}
    assert send(client, path, **fields, address_remark="Bus 3").status_code == 302
    assert "Changed; the change is sent tonight" in body(client.get(path))
    row = Listing.objects.get()
    assert (row.number_id, row.changed_by) == ("+3238080101", "a-customer-admin")
    assert "Bus 3" in body(signed_in(world, "compliance").get("/en/number-database/"))
    feed(NOW + DAY, there)
    record = there.held["+3238080101"]
    assert (record["last_name"], record["company"], record["directory"]) == ("Peeters", None, True)
    assert record["do_not_call"] is True


def test_a_user_corrects_the_own_number_and_no_other(world: World) -> None:
    client = signed_in(world, "customer-user")
    page = body(client.get("/en/directory/"))
    assert "03 808 01 02" in page
    assert "03 808 01 01" not in page
    assert client.get("/en/directory/+3238080101/").status_code == 404
    assert send(client, "/en/directory/+3238080102/", last_name="Bram").status_code == 302
    assert Listing.objects.get().number_id == "+3238080102"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"company": "X", "last_name": "Y"}, "company"),
        ({"first_name": "An"}, "last_name"),
        ({"professional_activity": "Bakker"}, "activity_consent"),
        ({"customer": "Lambert"}, "customer"),
    ],
)
def test_a_listing_that_cannot_be_is_refused(world: World, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        change_listing(Number.objects.get(e164="+3238080101"), "an", NOW, **fields)
    assert list(refused.value.message_dict) == [field]


def test_a_number_without_a_complete_address_is_named(world: World) -> None:
    world.zon.address = None
    world.zon.save()
    found = truth()
    assert found.incomplete["+3238080101"] == "address"
    assert ("+3238080101", "address") in incomplete(9)
    assert "+3238080101" not in found.records
    page = body(signed_in(world, "customer-admin").get("/en/directory/"))
    assert "Not sent: Address is missing" in page
    assert "Address is missing" in body(signed_in(world, "compliance").get("/en/number-database/"))


def test_the_duty_is_late_after_two_days_without_an_answer(
    world: World, there: FakeNumberDatabase, settings: Settings
) -> None:
    feed(NOW, there)
    assert state_of(duty("number-database"), NOW + DAY).key == "ok"
    assert state_of(duty("number-database"), NOW + timedelta(hours=49)).key == "bad"
    counts = REGISTER.evidence("number-database").counts(NOW.date(), NOW.date())
    assert [(one.result, one.decisions) for one in counts] == [("record-accepted", 4)]
    assert [row["result"] for row in REGISTER.evidence("number-database").rows(NOW, NOW + DAY)] == [
        "answered"
    ]
    settings.NUMBER_DATABASE_URL = ""
    assert services.database() is None
    assert state_of(duty("number-database"), NOW + timedelta(hours=49)).key == "off"


def test_old_batches_are_forgotten(world: World, there: FakeNumberDatabase) -> None:
    feed(NOW, there)
    compare(NOW, there)
    feed(NOW + 401 * DAY, there)
    compare(NOW + 401 * DAY, there)
    assert (Batch.objects.count(), Comparison.objects.count()) == (1, 1)
