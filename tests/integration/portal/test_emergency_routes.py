"""The emergency routing table: loaded, proposed, approved by another person, followed by the next call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from kiestoon.domain.emergency.paths import paths_to
from kiestoon.duties.duty import belgian_day
from kiestoon.portal.carriers.services import create_trunk
from kiestoon.portal.demo.emergency_plan import areas_csv, routes_csv
from kiestoon.portal.emergency_routes import services
from kiestoon.portal.emergency_routes.models import Area, PolicyDecision, Route, Table
from kiestoon.portal.emergency_routes.policy import approve_policy, propose_policy, refuse_policy
from kiestoon.portal.emergency_routes.services import By
from kiestoon.portal.publication.publisher import publish
from kiestoon.store.snapshot import SqliteSnapshot
from kiestoon.vocabulary.address import CivicAddress
from tests.integration.portal.conftest import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

NELE, CHRIS = By("nele", 1), By("chris", 2)
MEIR = CivicAddress("BE", "Antwerpen", "Meir", "1", "2000")
TODAY = belgian_day(datetime.now(UTC))
AREAS = "key,name_nl,name_fr,name_de,name_en,municipalities\n"
ROUTES = "service,area,trunk,rank,testing\n"
ANYWHERE = "".join(f"{service},,emergency,1,no\n" for service in ("100", "101", "112"))


@pytest.fixture
def world(store: Path) -> World:
    found = make_world()
    for n, trunk_id in enumerate(("emergency", "emergency-partner"), 112):
        create_trunk(
            trunk_id,
            name=trunk_id,
            kind="emergency",
            uri=f"sip:127.0.1.{n}:5060;transport=tcp",
            addresses=[f"127.0.1.{n}"],
            priority=n,
        )
    return found


def load(areas: str, routes: str) -> Table:
    return services.load_table(NELE, areas=areas, routes=routes, origin="a letter")


def in_force(table: Table) -> Table:
    return services.approve_table(services.propose_table(table, NELE, TODAY), CHRIS)


def first_path(store: Path, service: str = "112") -> str:
    publish()
    edge = SqliteSnapshot(store, store.with_name("ported.sqlite"))
    with edge.frozen():
        return paths_to(service, MEIR, edge, TODAY).paths[0].trunk.trunk_id


def test_calls_follow_the_table_from_its_day_on(world: World, store: Path) -> None:
    assert first_path(store) == "emergency"
    own_last = routes_csv().replace(",emergency,,1,", ",emergency,,3,")
    table = load(areas_csv(), own_last)
    assert first_path(store) == "emergency", "a draft changes no call"
    services.propose_table(table, NELE, TODAY)
    assert first_path(store) == "emergency", "a proposal changes no call"
    services.approve_table(table, CHRIS)
    assert first_path(store) == "emergency-partner"


def test_a_table_of_a_later_day_waits(world: World, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_force(load(areas_csv(), routes_csv()))
    later = services.copy_table(Table.objects.get(), NELE)
    for route in later.routes.filter(trunk="emergency"):
        services.keep_route(route, NELE, rank=9)
    tomorrow = TODAY + timedelta(days=1)
    services.approve_table(services.propose_table(later, NELE, tomorrow), CHRIS)
    assert first_path(store) == "emergency"
    assert services.begin_tables() == 0
    for module in ("emergency_routes.services", "publication.compilation"):
        monkeypatch.setattr(f"kiestoon.portal.{module}.belgian_day", lambda now: tomorrow)
    assert services.begin_tables() == 1
    assert services.begin_tables() == 0
    assert first_path(store) == "emergency-partner"


def test_four_eyes(world: World) -> None:
    table = services.propose_table(load(areas_csv(), routes_csv()), By("paul", 3), TODAY)
    for who in (NELE, By("paul", 3), By("a program", None)):
        with pytest.raises(ValidationError):
            services.approve_table(table, who)
    assert Table.objects.get().state == "proposed"
    services.approve_table(table, CHRIS)
    with pytest.raises(ValidationError):
        services.approve_table(table, CHRIS)


def test_what_was_proposed_stays(world: World) -> None:
    table = services.propose_table(load(areas_csv(), routes_csv()), NELE, TODAY)
    area, route = Area.objects.all()[0], Route.objects.all()[0]
    for change in (
        lambda: services.keep_area(area, NELE, name_nl="x"),
        lambda: services.keep_route(route, NELE, rank=5),
        lambda: services.remove_row(area, NELE),
        lambda: services.discard_table(table),
        lambda: services.change_table(table, NELE, origin="x", to_verify=False),
    ):
        with pytest.raises(ValidationError):
            change()
    services.approve_table(table, CHRIS)
    for rows, values in (
        (Area.objects, {"name_nl": "x"}),
        (Route.objects, {"rank": 5}),
        (Table.objects, {"origin": "x"}),
        (Table.objects, {"state": "draft"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**values)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all().delete()


@pytest.mark.parametrize(
    ("areas", "routes", "field", "said"),
    [
        (
            AREAS + "a,A,A,A,A,11001\nb,B,B,B,B,11002 11001\n",
            ROUTES + ANYWHERE,
            "areas",
            "Line 3: Aartselaar",
        ),
        (AREAS + "a,A,A,A,A,99999\n", ROUTES + ANYWHERE, "areas", "Line 2: No municipality"),
        (
            AREAS + "a,A,A,A,A,11001\n",
            ROUTES + ANYWHERE + "112,b,emergency,1,no\n",
            "routes",
            "Line 5: There is no area",
        ),
        (AREAS, ROUTES + ANYWHERE + "112,,national,1,no\n", "routes", "Line 5: There is no emergency trunk"),
        (AREAS, ROUTES + ANYWHERE + "113,,emergency,1,no\n", "routes", "Line 5: 113 is no service"),
        (AREAS, ROUTES + "112,,emergency,1,no\n", "areas", "Aartselaar (11001) is in no area"),
        (
            AREAS + "a,A,A,A,A,11001\n",
            ROUTES + "".join(f"{s},a,emergency,1,no\n" for s in ("100", "101")),
            "areas",
            "Line 2: Area a has no route to 112",
        ),
        (AREAS + "a,A,A,A\n", ROUTES + ANYWHERE, "areas", "Line 2: This line has 4 fields"),
        ("key,name\n", ROUTES + ANYWHERE, "areas", "Line 1: The first line names"),
        (AREAS, ROUTES + "112,,emergency,first,no\n", "routes", "Line 2: rank"),
        (AREAS, ROUTES + "112,,emergency,1,perhaps\n", "routes", "Line 2: testing"),
        (AREAS, "", "routes", "Line 1"),
    ],
)
def test_a_wrong_file_says_where_and_changes_nothing(
    world: World, areas: str, routes: str, field: str, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        load(areas, routes)
    assert any(message.startswith(said) for message in refused.value.message_dict[field])
    assert not Table.objects.exists()


def test_a_place_without_a_way_of_its_own_needs_the_general_one(world: World) -> None:
    table = load(AREAS, ROUTES + ANYWHERE)
    services.keep_route(table.routes.get(service="112"), NELE, valid_until=TODAY + timedelta(days=9))
    with pytest.raises(ValidationError, match="is in no area and has no way to 112"):
        services.propose_table(table, NELE, TODAY)


def test_single_rows_of_a_draft(world: World) -> None:
    table = load(AREAS + "a,A,A,A,A,11001\n", ROUTES + ANYWHERE)
    with pytest.raises(ValidationError, match="Aartselaar"):
        services.keep_area(
            Area(table=table), NELE, key="b", name_nl="B", name_fr="B", name_de="B", name_en="B",
            municipalities=["11001"],
        )  # fmt: skip
    area = services.keep_area(
        Area(table=table), CHRIS, key="b", name_nl="B", name_fr="B", name_de="B", name_en="B",
        municipalities=["11002"],
    )  # fmt: skip
    services.keep_route(Route(table=table), NELE, service="112", area="b", trunk="emergency-partner")
    with pytest.raises(ValidationError, match="twice"):
        services.keep_route(Route(table=table), NELE, service="112", area="b", trunk="emergency-partner")
    table.refresh_from_db()
    assert table.authors == [1, 2], "whoever changed it may not approve it"
    services.remove_row(area, NELE)
    assert not table.routes.filter(area="b").exists()


# ------------------------------------------------------------------------------ the policy


def policy_of(store: Path) -> tuple[str, str]:
    publish()
    operator = SqliteSnapshot(store, store.with_name("ported.sqlite")).operator()
    return operator.emergency_policy, operator.emergency_policy_document


def test_announce_needs_a_document_and_a_second_person(world: World, store: Path) -> None:
    assert policy_of(store) == ("route", "")
    with pytest.raises(ValidationError) as refused:
        propose_policy(NELE, policy="announce", reason="the authority asks for it")
    assert set(refused.value.message_dict) == {"document", "document_date", "signed_by"}
    proposed = propose_policy(
        NELE,
        policy="announce",
        reason="the authority asks for it",
        document="decision 12",
        document_date=TODAY,
        signed_by="An Peeters",
    )
    assert policy_of(store) == ("route", "")
    for who in (NELE, By("a program", None)):
        with pytest.raises(ValidationError):
            approve_policy(proposed, who)
    approve_policy(proposed, CHRIS)
    assert policy_of(store) == ("announce", f"decision 12, {TODAY.isoformat()}, An Peeters")
    back = propose_policy(NELE, policy="route", reason="the authority has answered")
    assert policy_of(store)[0] == "announce"
    approve_policy(back, CHRIS)
    assert policy_of(store) == ("route", "")


def test_a_decision_on_the_policy_stays(world: World) -> None:
    row = refuse_policy(propose_policy(NELE, policy="route", reason="as before"), CHRIS)
    with pytest.raises(ValidationError):
        approve_policy(row, CHRIS)
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyDecision.objects.update(reason="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyDecision.objects.all().delete()
