"""The documents an emergency centre gets: valid by their schemas, whatever a customer typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiestoon.domain.emergency.place import PlaceSaid
from kiestoon.edge.pidf import pidf_lo
from kiestoon.edge.subscriber import subscriber_info
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.emergency import LocationState
from tests.sim.location import judge, read_document
from tests.sim.subscriber import judge_subscriber, read_subscriber

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MEIR = CivicAddress("BE", "Antwerpen", "Meir <&>", "1", "2000", UNIT="2", FLR="3", NAM='"De Zon"', LOC="rear")
EVERYTHING = CivicAddress(
    **{name: f"{name}" for name in CivicAddress.__dataclass_fields__ if name != "country"}, country="BE"
)


@pytest.mark.parametrize("address", [MEIR, EVERYTHING])
def test_a_civic_address_stands_in_the_order_of_the_schema(address: CivicAddress) -> None:
    document = pidf_lo(PlaceSaid(address, "confirmed"), "+3238080101", NOW).encode()
    assert judge(document) == []
    found = read_document(document)
    assert (found.civic["RD"], found.civic["FLR"], found.civic["UNIT"]) == (
        address.RD,
        address.FLR,
        address.UNIT,
    )


@pytest.mark.parametrize(
    ("state", "confidence"), [("confirmed", "95"), ("declared", "unknown"), ("stale", "unknown")]
)
def test_how_sure_we_are_of_a_place_is_said(state: LocationState, confidence: str) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    document = pidf_lo(PlaceSaid(MEIR, state, "device in another country", since), "", NOW).encode()
    assert judge(document) == []
    found = read_document(document)
    assert (found.state, found.confidence) == (state, confidence)
    assert "another country" in found.note
    assert found.timestamp == "2026-03-01T00:00:00Z"


def test_a_person_has_name_first_name_and_organisation() -> None:
    document = subscriber_info("Anna Van den Berg", "Bakkerij De Zon", "+3238080101", "c1@x").encode()
    assert judge_subscriber(document) == []
    assert read_subscriber(document) == {
        "name": "Anna Van den Berg",
        "given": "Anna",
        "surname": "Van den Berg",
        "organisation": "Bakkerij De Zon",
        "telephone": "tel:+3238080101",
        "reference": "c1@x",
    }


def test_behind_an_exchange_there_is_the_organisation_only() -> None:
    found = read_subscriber(subscriber_info("Cabinet Lambert", "", "", "c1@x").encode())
    assert (found["name"], found["organisation"], found["given"]) == (
        "Cabinet Lambert",
        "Cabinet Lambert",
        "",
    )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_no_name_or_street_breaks_a_document(name: str, street: str) -> None:
    place = PlaceSaid(CivicAddress("BE", "Antwerpen", street, "1", "2000"), "stale", name)
    assert read_document(pidf_lo(place, name, NOW).encode()).civic["PC"] == "2000"
    assert read_subscriber(subscriber_info(name, street, name, "c@x").encode())["reference"] == "c@x"
