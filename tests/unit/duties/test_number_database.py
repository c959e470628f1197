"""The central number database: what is told of each number, and what is deleted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from kiestoon.domain.number_database.batch import Header, written
from kiestoon.domain.number_database.record import IncompleteRecord, Place, Subscriber, Wishes, record
from kiestoon.duties.number_database import (
    FIELDS,
    Change,
    changes,
    differences,
    is_feed_due,
    is_late,
)
from tests.sim import number_database as simulator

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[3] / "docs/formats/number-database.schema.json").read_text()
)
MEIR = Place("Meir", "1A", "bus 3", "2000", "Antwerpen")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def one(number: str = "+3238080101", **other: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"nomadic": False, "operator": "Kiestoon Demo"}
    subscriber, place, wishes = other.pop("who", Subscriber("De Zon")), other.pop("place", MEIR), Wishes()
    return record(number, subscriber, place, other.pop("wishes", wishes), **(given | other))


def test_a_number_that_ends_is_deleted_there() -> None:
    held, truth = {"+321": {"a": 1}, "+322": {"a": 2}}, {"+322": {"a": 2}}
    assert changes(held, truth) == [Change("delete", "+321")]


def test_only_what_changed_is_told() -> None:
    held = {"+321": one("+321"), "+322": one("+322")}
    truth = {"+321": one("+321"), "+322": one("+322", nomadic=True), "+323": one("+323")}
    assert [(told.op, told.number) for told in changes(held, truth)] == [("put", "+322"), ("put", "+323")]
    assert changes(truth, truth) == []


def test_a_record_has_exactly_the_fields_of_the_law() -> None:
    assert tuple(one()) != ()
    assert set(one()) == set(FIELDS) == simulator.RECORD
    person = one(who=Subscriber("", "Peeters", "An", "A.M."))
    assert (person["company"], person["last_name"], person["initials"]) == (None, "Peeters", "A.M.")
    assert one("+32470123456")["kind"] == "mobile"
    assert one(nomadic=None)["nomadic"] is None


def test_a_professional_activity_needs_its_own_consent() -> None:
    assert one(wishes=Wishes(professional_activity="Bakker"))["professional_activity"] is None
    agreed = Wishes(professional_activity="Bakker", activity_consent=True)
    assert one(wishes=agreed)["professional_activity"] == "Bakker"


@pytest.mark.parametrize("missing", ["street", "house_number", "postcode", "municipality"])
def test_without_a_complete_place_or_a_name_nothing_is_sent(missing: str) -> None:
    parts = {name: getattr(MEIR, name) for name in MEIR.__slots__} | {missing: " "}
    with pytest.raises(IncompleteRecord, match=missing):
        one(place=Place(**parts))
    with pytest.raises(IncompleteRecord, match="address"):
        one(place=None)
    with pytest.raises(IncompleteRecord, match="name"):
        one(who=Subscriber())


def test_a_batch_is_what_the_schema_and_the_simulator_say() -> None:
    told = [
        Change("delete", "+3238080109"),
        Change("put", "+3238080101", one(who=Subscriber("Café “Zon”\u2028\n"))),
    ]
    head = Header("0f0e0d0c-1111-4222-8333-444455556666", 7, "Kiestoon Demo", NOW)
    body = written(head, told)
    validator = jsonschema_rs.validator_for(SCHEMA)
    lines = [json.loads(line) for line in body.decode().removesuffix("\n").split("\n")]
    assert [list(validator.iter_errors(line)) for line in lines] == [[], [], []]
    assert simulator.parse(body)[0]["sequence"] == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"postcode": "0123"},
        {"nomadic": "yes"},
        {"kind": "voip"},
        {"last_name": "Peeters"},
        {"company": None},
        {"number": "+31201234567"},
        {"street": ""},
        {"birthday": "1970-01-01"},
        {"box": ""},
    ],
)
def test_schema_and_simulator_refuse_the_same(wrong: dict[str, Any]) -> None:
    line = {"op": "put", "record": one() | wrong}
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(line)
    assert simulator.what_is_wrong(line)


def test_one_changed_byte_is_noticed() -> None:
    body = written(Header("0f0e0d0c-1111-4222-8333-444455556666", 1, "X", NOW), [Change("put", "+3", one())])
    with pytest.raises(simulator.Malformed, match="sha256"):
        simulator.parse(body.replace(b"Meir", b"Mair"))


def test_what_was_lost_or_altered_there_is_told() -> None:
    ours = {number: one(number) for number in ("+321", "+322", "+323")}
    theirs = {"+322": one("+322") | {"street": "Mair"}, "+323": one("+323"), "+329": one("+329")}
    found = [(told.number, told.kind, told.fields) for told in differences(ours, theirs)]
    assert found == [("+321", "missing", ()), ("+322", "different", ("street",)), ("+329", "unexpected", ())]


def test_the_feed_is_due_once_each_belgian_day() -> None:
    night = datetime(2026, 11, 24, 22, 59, tzinfo=UTC)
    assert is_feed_due(None, night)
    assert not is_feed_due(night - timedelta(hours=20), night)
    assert is_feed_due(night, night + timedelta(minutes=1))
    assert not is_late(NOW, NOW, NOW + timedelta(hours=48))
    assert is_late(None, NOW, NOW + timedelta(hours=49))
