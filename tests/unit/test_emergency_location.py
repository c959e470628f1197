"""Where a calling device is, and by which path its competent centre is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiestoon.belgium.municipalities import at_postcode, find, municipalities, named, nis_of
from kiestoon.domain.emergency.locate import Located, Origin, behind_pbx, network_said_in, of_user
from kiestoon.domain.emergency.paths import paths_to
from kiestoon.domain.routing.call import CallAttempt, RouteDecision
from kiestoon.domain.routing.decide import decide
from kiestoon.store.routing_store import Publisher, seal
from kiestoon.store.snapshot import SqliteSnapshot
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import Customer, User
from kiestoon.vocabulary.emergency import DeviceLocation, EmergencyArea, EmergencyRoute, Network, Site
from tests.unit.fake_snapshot import MEIR, OPERATOR, TRUNKS, DictSnapshot, user, world

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LEUVEN = CivicAddress("BE", "Leuven", "Bondgenotenlaan", "1", "3000")
OFFICE = Network("127.0.0.0/16", 64500, "BE", "office")
LAPTOP = "<urn:uuid:laptop>"


def said(address: CivicAddress, network: Network, at: str = "2026-11-20", **fields: object) -> DeviceLocation:
    return DeviceLocation(LAPTOP, address, network, True, f"{at}T10:00:00+00:00", **fields)


def nomad(*locations: DeviceLocation) -> User:
    return user("bram", 1, "302", None, nomadic=True, locations=locations)


def located(who: User, address: str, network: Network | None = None, instance: str = LAPTOP) -> Located:
    return of_user(who, None, Origin(address, instance, network))


def test_a_laptop_where_it_was_confirmed() -> None:
    found = located(nomad(said(LEUVEN, OFFICE)), "127.0.3.4", OFFICE)
    assert (found.state, found.address) == ("confirmed", LEUVEN)


@pytest.mark.parametrize(
    "now",
    [
        ("127.1.0.1", Network("127.1.0.0/16", 64501, "BE")),
        ("127.0.3.4", replace(OFFICE, asn=64501)),
        ("127.0.3.4", replace(OFFICE, country="FR")),
        ("192.0.2.1", None),
        ("", None),
    ],
)
def test_another_address_as_number_or_country_makes_it_stale(now: tuple[str, Network | None]) -> None:
    found = located(nomad(said(LEUVEN, OFFICE)), *now)
    assert (found.state, found.address) == ("stale", LEUVEN)


def test_a_laptop_between_two_places_needs_to_be_told_once_each() -> None:
    home = Network("198.51.100.7/32")
    who = nomad(said(MEIR, home, "2026-11-22"), said(LEUVEN, OFFICE))
    assert located(who, "198.51.100.7").address == MEIR
    assert located(who, "127.0.3.4", OFFICE) == located(nomad(said(LEUVEN, OFFICE)), "127.0.3.4", OFFICE)


def test_a_second_device_in_a_known_network_is_there_too_but_nobody_confirmed_it() -> None:
    found = located(nomad(said(LEUVEN, OFFICE)), "127.0.3.4", OFFICE, "<urn:uuid:phone>")
    assert (found.state, found.address) == ("declared", LEUVEN)


def test_a_nomadic_device_nobody_has_placed_has_the_address_given_for_it() -> None:
    assert located(nomad(), "127.0.3.4", OFFICE).state == "declared"
    assert located(nomad(), "203.0.113.1", Network("203.0.113.0/24", 1, "FR")).state == "stale"
    assert located(replace(nomad(), address=None), "127.0.3.4", OFFICE).state == "unknown"


def test_a_fixed_line_is_where_it_is_installed_wherever_it_calls_from() -> None:
    desk = user("anna", 1, "101", None, address_confirmed=True, locations=(said(LEUVEN, OFFICE),))
    assert located(desk, "203.0.113.1") == Located(
        "confirmed", MEIR, "a fixed line: the evidenced installation address"
    )


def test_what_is_kept_with_a_place_where_the_table_knows_no_network() -> None:
    kept = network_said_in(Origin("2001:db8::7"))
    assert kept.prefix == "2001:db8::7/128"
    assert located(nomad(said(LEUVEN, kept)), "2001:db8::7").state == "confirmed"
    assert located(nomad(said(LEUVEN, kept)), "2001:db8::8").state == "stale"


def test_sites_behind_a_pbx() -> None:
    pbx = replace(
        TRUNKS[4],
        sites=(
            Site("+32818802", "Namur", MEIR),
            Site("+328188021", "Leuven", LEUVEN, True),
            Site("7", "7th", MEIR),
        ),
    )
    customer = Customer(2, "Lambert", "fr", "", address=MEIR, address_confirmed=True)
    assert behind_pbx(pbx, customer, "+3281880215", None).address == LEUVEN
    assert behind_pbx(pbx, customer, "3281880215", None).state == "confirmed"
    assert behind_pbx(pbx, customer, "712", "+3281880210").address == LEUVEN, "the longest that fits"
    assert behind_pbx(pbx, customer, "712", None).why == "site 7th of the PBX"
    assert behind_pbx(pbx, customer, "", "+3238080100").state == "confirmed"
    assert behind_pbx(pbx, None, "", None).state == "unknown"


# ------------------------------------------------------------------ the routing table


def table(*routes: EmergencyRoute) -> DictSnapshot:
    areas = (EmergencyArea("antwerpen", ("11002",)), EmergencyArea("namur", ("92094",)))
    operator = replace(OPERATOR, emergency_areas=areas, emergency_routes=routes)
    return DictSnapshot((), operator)


def trunks_of(snapshot: DictSnapshot, address: CivicAddress | None) -> list[tuple[str, str]]:
    found = paths_to("112", address, snapshot, DAY)
    return [(path.trunk.trunk_id, path.request_user) for path in found.paths]


def test_the_area_of_the_place_says_which_path_comes_first() -> None:
    snapshot = table(
        EmergencyRoute("112", "antwerpen", "emergency-own", "+3232000112", 2),
        EmergencyRoute("112", "antwerpen", "emergency-partner", "", 1),
        EmergencyRoute("101", "antwerpen", "emergency-own", "+3232000101", 1),
    )
    assert trunks_of(snapshot, MEIR) == [("emergency-partner", "112"), ("emergency-own", "+3232000112")]


def test_routes_of_another_date_and_of_trunks_that_are_gone_don_t_count() -> None:
    snapshot = table(
        EmergencyRoute("112", "antwerpen", "emergency-own", "old", 1, valid_until=DAY),
        EmergencyRoute("112", "antwerpen", "emergency-own", "new", 1, valid_from=date(2026, 12, 1)),
        EmergencyRoute("112", "antwerpen", "gone", "", 1),
        EmergencyRoute("112", "antwerpen", "national", "", 1),
        EmergencyRoute("112", "", "emergency-partner", "anywhere", 1),
    )
    assert trunks_of(snapshot, MEIR) == [("emergency-partner", "anywhere"), ("emergency-own", "112")]


@pytest.mark.parametrize("address", [None, LEUVEN, replace(MEIR, PC="9999"), replace(MEIR, country="FR")])
def test_a_hole_in_the_table_costs_no_call(address: CivicAddress | None) -> None:
    snapshot = table(EmergencyRoute("112", "antwerpen", "emergency-partner", "x", 1))
    assert [trunk for trunk, _ in trunks_of(snapshot, address)] == ["emergency-own", "emergency-partner"]


def test_every_municipality_finds_its_area() -> None:
    areas = tuple(
        EmergencyArea(province, tuple(m.nis for m in municipalities() if m.province == province))
        for province in {m.province for m in municipalities()}
    )
    routes = tuple(EmergencyRoute("112", area.key, "emergency-partner", area.key) for area in areas)
    snapshot = DictSnapshot((), replace(OPERATOR, emergency_areas=areas, emergency_routes=routes))
    for one in municipalities():
        address = CivicAddress("BE", one.fr, "Rue", "1", one.postcodes[0])
        assert trunks_of(snapshot, address)[0] == ("emergency-partner", one.province), one.nl


def test_the_call_carries_the_place_and_says_how_sure_it_is() -> None:
    snapshot = world(bram={"nomadic": True, "locations": (said(LEUVEN, OFFICE),)})
    decision = _calls(snapshot)
    assert (decision.location, decision.location_state) == (LEUVEN, "stale")
    reason = next(r for r in decision.reasons if r.step == "emergency-location")
    assert (reason.result, reason.why) == ("stale", "the device has moved to another network since")


def _calls(snapshot: DictSnapshot) -> RouteDecision:
    return decide(CallAttempt("112", "bram", source="192.0.2.9", instance=LAPTOP), snapshot, NOW)


# ---------------------------------------------------------------------- municipalities


def test_municipalities_and_postcodes_belong_together() -> None:
    assert len(municipalities()) == 565
    assert len({m.nis for m in municipalities()}) == 565
    antwerp = find("2000", "ANVERS")
    assert antwerp is not None
    assert (antwerp.nis, antwerp.name("fr"), antwerp.name("nl")) == ("11002", "Anvers", "Antwerpen")
    assert find("2000", "Gent") is None
    assert find("1050", "Ixelles") != find("1050", "Bruxelles")
    assert at_postcode("9999") == ()
    assert nis_of("2100", "Deurne") == "11002", (
        "the name of a part is enough when one municipality has the postcode"
    )
    assert nis_of("1050", "Somewhere") == ""


# ----------------------------------------------------------------------------- the store


def test_locations_networks_and_routes_come_back_from_the_store(tmp_path: Path) -> None:
    path = tmp_path / "customers.sqlite"
    networks = (OFFICE, Network("127.0.3.0/24", 64501, "FR", "nested"), Network("::1/128", 0, "BE", "six"))
    operator = replace(
        OPERATOR,
        networks=networks,
        emergency_areas=(EmergencyArea("antwerpen", ("11002",)),),
        emergency_routes=(EmergencyRoute("112", "antwerpen", "emergency-own", "x", 1, date(2026, 1, 1)),),
        trunks=(replace(TRUNKS[4], sites=(Site("7", "7th", LEUVEN),)),),
    )
    who = nomad(said(LEUVEN, OFFICE))
    publisher = Publisher(path)
    customer = Customer(1, "Zon", "nl", "", users=(who,))
    publisher.publish(seal(base_version=0, published_at=NOW, operator=operator, customers=[customer]), NOW)
    with SqliteSnapshot(path, path.with_name("none")).frozen() as snapshot:
        assert snapshot.user("bram") == who
        assert snapshot.network("127.0.3.9") == networks[1]
        assert snapshot.network("127.0.4.9") == OFFICE
        assert snapshot.network("::1") == networks[2]
        assert snapshot.network("192.0.2.1") is None
        assert snapshot.network("nonsense") is None
        assert snapshot.emergency_area("11002") == "antwerpen"
        assert snapshot.emergency_routes("112", "antwerpen") == operator.emergency_routes
        assert snapshot.emergency_routes("112", "namur") == ()
        pbx = snapshot.trunk("pbx-2")
        assert pbx is not None
        assert pbx.sites == operator.trunks[0].sites
    publisher.close()


def test_a_municipality_is_written_as_it_writes_itself() -> None:
    antwerp, bullingen, brussels = (named(name)[0] for name in ("anvers", "Bullange", "Bruxelles"))
    assert (antwerp.official, antwerp.spelled("ANVERS"), antwerp.spelled("x")) == (
        "Antwerpen",
        "Anvers",
        "Antwerpen",
    )
    assert bullingen.official == "Büllingen"
    assert brussels.official == "Brussel"
    assert named("liege")[0].official == "Liège"
    assert named("Deurne") == ()
