"""Where devices are: who said so, what is published, who is asked, and what bad input becomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client

from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.portal.calls.ingestion.batches import Journalled
from kiestoon.portal.calls.ingestion.notes import write_notes
from kiestoon.portal.carriers.services import create_trunk
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.services import add_address, change_address, create_customer
from kiestoon.portal.emergency.models import Device, Network, NetworkTable, Place
from kiestoon.portal.emergency.networks import load_networks, networks_holding, verify_networks
from kiestoon.portal.emergency.services import Sayer, say_place
from kiestoon.portal.people.services import create_person
from kiestoon.portal.phones.services import change_user, remove_user
from kiestoon.portal.publication.publisher import publish
from kiestoon.store.snapshot import SqliteSnapshot
from tests.integration.portal.conftest import World, api_client, make_world

pytestmark = pytest.mark.django_db(transaction=True)

LAPTOP = "<urn:uuid:11111111-1111-4111-8111-111111111111>"
OFFICE, TRAIN = "127.0.0.5", "127.0.3.7"
TABLE = """prefix,asn,country,name
127.0.0.0/24,AS64500,be,office
127.0.3.0/24,64502,BE,train
127.0.4.0/24,64503,FR,hotel
2001:db8::/32,,,somewhere
"""
LEUVEN = NewAddress("Bondgenotenlaan", "20", "3000", "Leuven")
GHENT = NewAddress("Veldstraat", "3", "9000", "Gent")
BRAM = Sayer("bram", Place.How.PORTAL, is_user=True)
AN = Sayer("an", Place.How.PORTAL, is_user=False)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


@pytest.fixture
def bram(world: World) -> World:
    """Bram telephones elsewhere too, and the operator knows some networks."""
    change_user(world.bram, nomadic=True)
    load_networks(TABLE, origin="a list", by="nora")
    return world


def registers(username: str, source: str, at: datetime | None = None, instance: str = LAPTOP) -> Device:
    """What the edge journals when a device registers, taken in by ingest."""
    network = networks_holding([source]).get(source)
    event = {
        "e": "location", "t": int((at or datetime.now(UTC)).timestamp() * 1000), "c": "", "i": "x",
        "user": username, "instance": instance, "src": source, "state": "declared", "ua": "Linphone",
        "prefix": network.prefix if network else f"{source}/32",
        "asn": network.asn if network else 0, "country": network.country if network else "",
    }  # fmt: skip
    ingest(event)
    return Device.objects.get(user__username=username, instance=instance)


def ingest(*events: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        raw: psycopg.Cursor[Any] = cursor.cursor
        write_notes(raw, [Journalled("s", event, json.dumps(event)) for event in events])


def call(store: Path, source: str, username: str = "bram", instance: str = LAPTOP) -> RouteDecision:
    """112 as the edge decides it, with what is published."""
    publish()
    with SqliteSnapshot(store, store.with_name("none")).frozen() as snapshot:
        attempt = CallAttempt("112", username, source=source, instance=instance)
        return decide(attempt, snapshot, datetime.now(UTC))


def where(decision: RouteDecision) -> tuple[str, str | None]:
    return decision.location.A3 if decision.location else "", decision.location_state


# -------------------------------------------------------------------------------------- places


def test_112_follows_what_the_user_said(bram: World, store: Path) -> None:
    device = registers("bram", OFFICE)
    assert where(call(store, OFFICE)) == ("Antwerpen", "declared"), "the address given for the line"
    say_place(device, LEUVEN, BRAM)
    assert where(call(store, OFFICE)) == ("Leuven", "confirmed")
    assert where(call(store, TRAIN)) == ("Leuven", "stale"), "the last known address, said to be uncertain"
    device = registers("bram", TRAIN)
    say_place(device, GHENT, BRAM)
    assert where(call(store, TRAIN)) == ("Gent", "confirmed")
    assert where(call(store, OFFICE)) == ("Leuven", "confirmed"), "back at the desk nobody is asked again"


def test_what_an_administrator_says_is_declared_only(bram: World, store: Path) -> None:
    say_place(registers("bram", OFFICE), LEUVEN, AN)
    assert where(call(store, OFFICE)) == ("Leuven", "declared")


def test_a_contradiction_is_kept_and_the_latest_wins(bram: World, store: Path) -> None:
    device = registers("bram", OFFICE)
    first = say_place(device, LEUVEN, BRAM)
    say_place(device, LEUVEN, BRAM)
    assert Place.objects.get(contradicts=None, said_at__gt=first.said_at).municipality == "Leuven"
    second = say_place(device, GHENT, AN)
    assert second.contradicts is not None
    assert Place.objects.get(pk=second.contradicts).municipality == "Leuven"
    assert where(call(store, OFFICE)) == ("Gent", "declared")
    assert Place.objects.count() == 3


def test_what_was_said_cannot_be_changed(bram: World) -> None:
    place = say_place(registers("bram", OFFICE), LEUVEN, BRAM)
    with pytest.raises(DatabaseError, match="evidence"):
        Place.objects.filter(pk=place.pk).update(street="Elsewhere")


def test_a_place_abroad_is_taken_and_an_installation_there_is_not(bram: World, store: Path) -> None:
    device = registers("bram", "127.0.4.9")
    assert where(call(store, "127.0.4.9")) == ("Antwerpen", "stale"), "a network abroad"
    say_place(device, NewAddress("Rue Nationale", "1", "59000", "Lille", country="fr"), BRAM)
    decision = call(store, "127.0.4.9")
    assert decision.location is not None
    assert (decision.location.country, decision.location_state) == ("FR", "confirmed")
    assert decision.outcome == "route"
    with pytest.raises(ValidationError, match="Lines are installed in Belgium"):
        add_address(bram.zon, NewAddress("Rue Nationale", "1", "59000", "Lille", country="FR"))


def test_no_location_at_all(bram: World, store: Path) -> None:
    bram.zon.addresses.all().delete()
    change_user(bram.bram, name="Bram")
    device = registers("bram", OFFICE)
    decision = call(store, OFFICE)
    assert (decision.outcome, decision.location, decision.location_state) == ("route", None, "unknown")
    assert ("emergency-location", "unknown") in {(r.step, r.result) for r in decision.reasons}
    say_place(device, LEUVEN, BRAM)
    assert where(call(store, OFFICE)) == ("Leuven", "confirmed")


def test_twenty_networks_are_published_and_the_rest_kept(bram: World, store: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(25):
        say_place(registers("bram", f"203.0.113.{n}", start + timedelta(days=n)), LEUVEN, BRAM)
    publish()
    with SqliteSnapshot(store, store.with_name("none")).frozen() as snapshot:
        user = snapshot.user("bram")
    assert user is not None
    assert len(user.locations) == 20
    assert user.locations[0].network.prefix == "203.0.113.24/32"
    assert Place.objects.count() == 25


def test_places_go_with_their_user(bram: World) -> None:
    bram.bram.numbers.all().delete()
    say_place(registers("bram", OFFICE), LEUVEN, BRAM)
    remove_user(bram.bram)
    assert not Place.objects.exists()
    assert not Device.objects.exists()


# ------------------------------------------------------------------------------------- devices


def test_a_device_that_moves_and_comes_back(bram: World) -> None:
    start = datetime(2026, 11, 1, 8, tzinfo=UTC)
    device = registers("bram", OFFICE, start)
    assert (device.prefix, device.asn, device.network_country) == ("127.0.0.0/24", 64500, "BE")
    assert registers("bram", "127.0.0.6", start + timedelta(hours=1)).moved_at == start
    moved = registers("bram", TRAIN, start + timedelta(hours=2))
    assert (moved.address, moved.moved_at) == (TRAIN, start + timedelta(hours=2))
    late = registers("bram", OFFICE, start + timedelta(hours=1, minutes=30))
    assert (late.address, late.first_seen) == (TRAIN, start), "a segment read late changes nothing"


def test_an_event_nobody_can_use_stops_nothing(bram: World) -> None:
    ingest(
        {"e": "location", "t": 1, "user": "nobody", "src": OFFICE},
        {
            "e": "location",
            "t": 2,
            "user": "bram",
            "asn": "x",
            "state": "odd",
            "instance": "y" * 999,
            "src": None,
        },
    )
    device = Device.objects.get()
    assert (device.asn, device.state, len(device.instance)) == (0, "unknown", 200)


# ------------------------------------------------------------------------------------ networks


def test_a_table_of_networks_is_loaded_whole(bram: World, store: Path) -> None:
    assert Network.objects.count() == 4
    table = NetworkTable.objects.get()
    assert (table.lines, table.origin, table.loaded_by, table.verified_at) == (4, "a list", "nora", None)
    verify_networks(table.pk, "carl")
    assert NetworkTable.objects.get().verified_by == "carl"
    publish()
    with SqliteSnapshot(store, store.with_name("none")).frozen() as snapshot:
        network = snapshot.network("127.0.0.77")
    assert network is not None
    assert (network.asn, network.country, network.name) == (64500, "BE", "office")
    again = publish(everything=True)
    assert again.version == publish(everything=True).version, "nothing differs, nothing is published"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("10.0.0.1/8,,,", "Line 2: “10.0.0.1/8” is no network"),
        ("10.0.0.0/8,AS1x,,", "Line 2: “AS1x” is no AS number"),
        ("10.0.0.0/8,4294967296,,", "no AS number"),
        ("10.0.0.0/8,²,,", "no AS number"),
        ("10.0.0.0/8,,Belgium,", "no country of two letters"),
        ("10.0.0.0/8,,", "3 columns instead of 4"),
        (f"10.0.0.0/8,,,{'x' * 101}", "longer than 100"),
        ("10.0.0.0/8,,,a\n10.0.0.0/8,,,b", "Line 3: 10.0.0.0/8 is on line 2 too"),
        ("", "names no network"),
        ("\n".join(f"10.{n >> 8}.{n & 255}.0/24,,," for n in range(20_001)), "At most 20000"),
        ("\n".join("x,,," for _ in range(30)), "And 10 lines more"),
    ],
)
def test_a_bad_line_refuses_the_whole_table(bram: World, line: str, said: str) -> None:
    before = list(Network.objects.values_list())
    with pytest.raises(ValidationError, match=said):
        load_networks(f"prefix,asn,country,name\n{line}", origin="x", by="nora")
    assert list(Network.objects.values_list()) == before
    assert NetworkTable.objects.count() == 1


def test_a_file_without_heading_is_refused(bram: World) -> None:
    with pytest.raises(ValidationError, match="Line 1 must be: prefix,asn,country,name"):
        load_networks("10.0.0.0/8,,,", origin="x", by="nora")
    with pytest.raises(ValidationError, match="where this table comes from"):
        load_networks(TABLE, origin=" ", by="nora")


# ----------------------------------------------------------------------------------- addresses


def added(world: World, **fields: str) -> Any:
    given = {"street": "Meir", "house_number": "9", "postcode": "2000", "municipality": "Antwerpen"}
    return add_address(world.zon, NewAddress(**(given | fields)))


def test_a_municipality_is_known_in_both_languages(world: World) -> None:
    row = added(world, municipality="ANVERS")
    assert (row.municipality, row.province, row.nis, row.part) == ("Anvers", "Antwerpen", "11002", "")
    assert added(world, postcode="1050", municipality="ixelles").nis == "21009"
    assert added(world, postcode="4760", municipality="büllingen").municipality == "Büllingen"


def test_the_name_of_a_village_becomes_the_part(world: World) -> None:
    row = added(world, postcode="2100", municipality="Deurne")
    assert (row.municipality, row.part, row.nis) == ("Antwerpen", "Deurne", "11002")
    assert str(row) == "Meir 9, 2100 Antwerpen (Deurne)"


@pytest.mark.parametrize(
    ("postcode", "municipality", "said"),
    [
        ("2000", "Gent", "Postcode 2000 is of Antwerpen / Anvers, and Gent / Gand has 9000"),
        ("9999", "Gent", "No municipality of Belgium has postcode 9999. Gent / Gand has 9000"),
        ("9999", "Nowhere", "No municipality of Belgium has postcode 9999."),
        ("1050", "Nowhere", "Postcode 1050 is of Brussel / Bruxelles, Elsene / Ixelles"),
        ("B-2000", "Antwerpen", "4 digits"),
    ],
)
def test_postcode_and_municipality_must_fit(
    world: World, postcode: str, municipality: str, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        added(world, postcode=postcode, municipality=municipality)
    assert world.zon.addresses.count() == 1


def test_a_street_that_does_not_exist_cannot_be_known_and_is_taken(world: World) -> None:
    assert added(world, street="Straat Die Niet Bestaat").pk


def test_an_installation_is_confirmed_by_its_document(world: World, store: Path) -> None:
    assert where(call(store, OFFICE, "anna")) == ("Antwerpen", "declared")
    address = world.zon.address
    assert address is not None
    same = NewAddress("Meir", "1", "2000", "Antwerpen", "Antwerpen")
    change_address(address, same, evidence="work order 7")
    assert where(call(store, OFFICE, "anna")) == ("Antwerpen", "confirmed")
    de_maan = create_customer("De Maan", "nl", LEUVEN, evidence="contract 3")
    assert de_maan.address is not None
    assert de_maan.address.evidence == "contract 3"


# ----------------------------------------------------------------------------------------- API


def test_a_program_says_where_a_device_is(bram: World, store: Path) -> None:
    device = registers("bram", OFFICE)
    client = user(bram)
    listed = client.get("/api/locations").json()["items"]
    assert [(one["id"], one["state"], one["network"]["name"]) for one in listed] == [
        (device.pk, "declared", "office")
    ]
    address = {"street": "Meir", "house_number": "5", "postcode": "2100", "municipality": "Deurne"}
    answer = post(client, f"/api/locations/{device.pk}/places", {"address": address})
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["confirmed"], said["how"], said["said_by"]) == (True, "api", "bram.person")
    assert said["address"]["part"] == "Deurne"
    assert where(call(store, OFFICE)) == ("Antwerpen", "confirmed")
    again = post(client, f"/api/locations/{device.pk}/places", {"place_id": said["id"]})
    assert again.status_code == 201, again.content
    assert len(client.get(f"/api/locations/{device.pk}/places").json()["items"]) == 2


def test_a_program_is_told_what_is_wrong(bram: World) -> None:
    device = registers("bram", OFFICE)
    client = user(bram)
    url = f"/api/locations/{device.pk}/places"
    assert post(client, url, {}).status_code == 422
    assert post(client, url, {"place_id": 99}).status_code == 422
    assert post(client, url, {"place_id": 99, "asked_by_telephone": True}).status_code == 422
    assert post(api_client("customer-admin", bram.lambert), url, {"place_id": 1}).status_code == 404
    assert not Place.objects.exists()


def test_staff_write_down_what_a_user_said_by_telephone(bram: World, store: Path) -> None:
    device = registers("bram", OFFICE)
    address = {"street": "Meir", "house_number": "5", "postcode": "2000", "municipality": "Antwerpen"}
    body = {"address": address, "asked_by_telephone": True}
    answer = post(api_client("support"), f"/api/locations/{device.pk}/places", body)
    assert (answer.json()["how"], answer.json()["confirmed"]) == ("call", True)


def test_the_table_of_networks_over_the_api(bram: World) -> None:
    client = api_client("network")
    refused = post(client, "/api/networks/tables", {"origin": "x", "csv": "prefix,asn,country,name\n1,,,"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "csv")
    made = post(client, "/api/networks/tables", {"origin": "x", "csv": TABLE}).json()
    answer = post(client, f"/api/networks/tables/{made['id']}/verified", {})
    assert answer.json()["verified_by"]
    old = post(client, f"/api/networks/tables/{made['id'] - 1}/verified", {})
    assert old.status_code == 422
    assert post(client, "/api/networks/tables/999/verified", {}).status_code == 404
    assert len(client.get("/api/networks").json()["items"]) == 4


def test_sites_behind_a_pbx_over_the_api(bram: World, store: Path) -> None:
    create_trunk(
        "pbx", name="PBX", kind="customer-pbx", uri="sip:127.0.1.3:5060", addresses=["127.0.1.3"],
        customer=bram.zon,
    )  # fmt: skip
    admin, url = api_client("customer-admin", bram.zon), "/api/trunks/pbx/sites"
    address = {
        "street": "Meir",
        "house_number": "5",
        "floor": "2",
        "postcode": "2000",
        "municipality": "Antwerpen",
    }
    site = {"prefix": "2", "name": "Second floor", "address": address}
    assert post(admin, url, site | {"evidence": "me"}).status_code == 422
    made = post(admin, url, site)
    assert made.status_code == 201, made.content
    assert post(admin, url, site).status_code == 422
    assert post(admin, url, site | {"prefix": "x"}).status_code == 422
    assert post(admin, "/api/trunks/national/sites", site).status_code == 404
    assert post(api_client("network"), "/api/trunks/national/sites", site).status_code == 422
    publish()
    with SqliteSnapshot(store, store.with_name("none")).frozen() as snapshot:
        attempt = CallAttempt("112", trunk_id="pbx", presented="201")
        decision = decide(attempt, snapshot, datetime.now(UTC))
    assert decision.location is not None
    assert (decision.location.FLR, decision.location_state) == ("2", "declared")
    one = f"{url}/{made.json()['id']}"
    staff = api_client("network")
    assert put(staff, one, site | {"evidence": "work order 9"}).json()["evidence"] == "work order 9"
    assert put(admin, one, site | {"name": "Floor 2"}).json()["evidence"] == "work order 9"
    moved = site | {"address": address | {"floor": "3"}}
    assert put(admin, one, moved).json()["evidence"] == "", "another address has another document"
    assert admin.delete(one).status_code == 204
    assert admin.get(url).json()["items"] == []


def user(world: World) -> Client:
    person = create_person("bram.person", "secret", "customer-user", world.zon, telephone_user=world.bram)
    return api_client("customer-user", world.zon, person=person)


def post(client: Client, url: str, body: dict[str, Any]) -> Any:
    return client.post(url, body, content_type="application/json")


def put(client: Client, url: str, body: dict[str, Any]) -> Any:
    return client.put(url, body, content_type="application/json")
