"""Numbers at 1 September, their report by 31 December, and which redundancy applies."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from kiestoon.duties.register import duty
from kiestoon.portal.compliance.board import state_of
from kiestoon.portal.compliance.register import REGISTER
from kiestoon.portal.number_counts import services
from kiestoon.portal.number_counts.models import Agreement, Count, NationalTotal, Report
from kiestoon.portal.number_counts.standing import overview
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.phones.services import change_user
from tests.integration.portal.conftest import World, make_world
from tests.integration.portal.rooms import body, signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER = datetime(2026, 8, 31, 22, 5, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def years_above(count: int, newest: int = 2026) -> None:
    """As many counts above one percent, and the totals they are compared with."""
    for year in range(newest - count + 1, newest + 1):
        Count.objects.get_or_create(
            year=year,
            defaults={"taken_at": NOVEMBER, "numbers": 20, "by_kind": {}, "ported_in": 0, "active_users": 1},
        )
        services.set_total(year, numbers=200, origin="X", confirmed=False, by="an", now=NOVEMBER)


def agreed(**fields: Any) -> Agreement:
    given = {"partner": "P", "document": "map 7", "since": date(2026, 1, 1), "until": None}
    return services.record_agreement(**{**given, **fields}, by="an", now=NOVEMBER)


def test_numbers_are_counted_once_at_1_september(world: World) -> None:
    assert services.take_count(SEPTEMBER - timedelta(minutes=6)) is None
    change_user(world.bram, suspended=True)
    count = services.take_count(SEPTEMBER)
    assert count is not None
    assert (count.year, count.numbers, count.by_kind) == (2026, 4, {"geographic": 4})
    assert count.active_users == 2
    give_number(world.zon, "+3294445566", ported_in=True)
    assert services.take_count(NOVEMBER) is None
    assert Count.objects.get().numbers == 4
    with pytest.raises(DatabaseError, match="as it was taken"), transaction.atomic():
        Count.objects.update(numbers=1)


def test_a_count_that_came_late_says_so(world: World) -> None:
    services.take_count(NOVEMBER)
    page = body(signed_in(world, "compliance").get("/en/number-counts/"))
    assert "counted 24/11/2026 13:00" in page


def test_the_board_shows_when_the_report_is_due_late_and_recorded(world: World) -> None:
    found = duty("redundant-access")
    services.take_count(SEPTEMBER)
    agreed()
    services.set_total(2026, numbers=30_000_000, origin="BIPT", confirmed=True, by="an", now=NOVEMBER)
    assert state_of(found, SEPTEMBER).key == "ok"
    assert state_of(found, NOVEMBER).words == "Report of 2026 due by 31/12/2026"
    late = state_of(found, datetime(2027, 1, 1, tzinfo=UTC))
    assert (late.key, late.words) == ("bad", "Report of 2026 was due 31/12/2026")
    client = signed_in(world, "compliance")
    data = {"report-year": "2026", "report-reported_on": "24/11/2099", "report-reference": "receipt 5"}
    refused = client.post("/en/number-counts/record/report/", data)
    assert refused.status_code == 422
    assert "Enter a day from 1 September 2026 until today." in body(refused)
    data["report-reported_on"] = "05/09/2026"
    assert client.post("/en/number-counts/record/report/", data).status_code == 302
    row = Report.objects.get()
    assert (row.numbers, row.reference, row.recorded_by) == (4, "receipt 5", "a-compliance")
    assert state_of(found, datetime(2027, 1, 1, tzinfo=UTC)).key == "ok"
    assert "Reported 05/09/2026" in body(client.get("/en/number-counts/"))


def test_the_csv_has_what_is_reported(world: World) -> None:
    services.take_count(SEPTEMBER)
    lines = body(signed_in(world, "compliance").get("/en/number-counts/numbers.csv")).splitlines()
    assert lines[1].endswith(",geographic,4")
    assert "2026,2026-08-31T22:05:00+00:00,all,4" in lines


def test_exempt_without_an_agreement_is_not_in_order(world: World) -> None:
    services.take_count(SEPTEMBER)
    services.set_total(2026, numbers=30_000_000, origin="BIPT", confirmed=True, by="an", now=SEPTEMBER)
    assert (
        state_of(duty("redundant-access"), SEPTEMBER).words == "No agreement on redundant access is recorded"
    )
    row = agreed(until=date(2026, 9, 1))
    assert overview(SEPTEMBER).agreement is None, "it ended today"
    agreed(until=date(2026, 9, 2))
    assert overview(SEPTEMBER).agreement != row
    assert state_of(duty("redundant-access"), SEPTEMBER).key == "ok"


def test_more_than_three_years_above_one_percent_is_the_full_duty(world: World) -> None:
    agreed()
    years_above(3)
    assert overview(NOVEMBER).applies.which == "exempt"
    years_above(4)
    assert overview(NOVEMBER).applies.which == "full"
    services.record_notice(received_on=date(2026, 6, 1), reference="B-7", by="an", now=NOVEMBER)
    found = overview(NOVEMBER)
    assert (found.applies.which, found.applies.full_from) == ("full-soon", date(2027, 6, 1))
    page = body(signed_in(world, "compliance").get("/en/number-counts/"))
    assert "Full duty from 01/06/2027" in page
    assert "Above one percent for 4 years running" in page


def test_without_the_national_total_it_is_to_verify(world: World) -> None:
    services.take_count(SEPTEMBER)
    agreed()
    assert overview(SEPTEMBER).applies.which == "unknown"
    assert "national total is not recorded" in state_of(duty("redundant-access"), SEPTEMBER).words


@pytest.mark.parametrize(
    ("what", "fields", "field"),
    [
        ("record_report", {"year": 2025, "reported_on": date(2025, 12, 1), "reference": "x"}, "year"),
        ("record_report", {"year": 2026, "reported_on": date(2026, 8, 1), "reference": "x"}, "reported_on"),
        ("record_report", {"year": 2026, "reported_on": date(2026, 9, 2), "reference": " "}, "reference"),
        ("set_total", {"year": 2026, "numbers": 0, "origin": "x", "confirmed": False}, "numbers"),
        ("set_total", {"year": 2199, "numbers": 1, "origin": "x", "confirmed": False}, "year"),
        ("set_total", {"year": 2026, "numbers": 1, "origin": "", "confirmed": False}, "origin"),
        ("record_notice", {"received_on": date(2099, 1, 1), "reference": "x"}, "received_on"),
        (
            "record_agreement",
            {"partner": "P", "document": "d", "since": date(2026, 2, 1), "until": date(2026, 2, 1)},
            "until",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_kept_nowhere(
    world: World, what: str, fields: dict[str, Any], field: str
) -> None:
    services.take_count(SEPTEMBER)
    with pytest.raises(ValidationError) as refused:
        getattr(services, what)(**fields, by="an", now=NOVEMBER)
    assert list(refused.value.message_dict) == [field]
    assert not any(kind.objects.exists() for kind in (Report, NationalTotal, Agreement))


def test_everything_recorded_is_evidence(world: World) -> None:
    services.take_count(SEPTEMBER)
    agreed()
    rows = list(REGISTER.evidence("redundant-access").rows(SEPTEMBER, NOVEMBER + timedelta(days=1)))
    assert [(row["step"], row["result"]) for row in rows] == [("count", "counted"), ("agreement", "recorded")]
    counts = REGISTER.evidence("redundant-access").counts(date(2026, 9, 1), date(2026, 9, 1))
    assert [one.step for one in counts] == ["count"]


def test_who_only_reads_sees_no_form(world: World) -> None:
    assert signed_in(world, "support").get("/en/number-counts/").status_code == 403
    client = signed_in(world, "customer-admin")
    assert client.post("/en/number-counts/record/report/", {}).status_code == 403
    assert signed_in(world, "compliance").post("/en/number-counts/record/nonsense/").status_code == 404
