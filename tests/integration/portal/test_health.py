"""The room Network now, its alerts and charts, /health and /api/health: for whom, and what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.test import Client

from kiestoon.domain.calls.outcome import setup_ms
from kiestoon.domain.health import measurements as m
from kiestoon.portal.health import measuring, queries, services, views
from kiestoon.portal.health.models import Alert, Minute, Watched
from kiestoon.portal.people.models import Person, Role
from tests.integration.portal.conftest import World, api_client, make_world
from tests.integration.portal.test_pages import make_call, signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, 0, 10, tzinfo=UTC)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def measured(at: datetime = NOW, **more: Any) -> m.Measurements:
    return m.Measurements(at=at, database=m.Database(True, 5, 50, 1 << 24), **more)


def edge(state: str, at: datetime = NOW) -> m.Measurements:
    since = at - timedelta(minutes=3)
    return measured(at, processes=(m.Process("edge", state, since, state == "running"),))


def test_the_room_says_what_is_wrong_and_leads_to_the_runbook(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "measure", lambda now: edge("stopped", now))
    client = signed_in("network")
    body = client.get("/en/network/").content.decode()
    assert "Not everybody, or not for long" in body
    assert "Process edge: Was stopped." in body
    assert 'href="/en/network/runbooks/process-down/"' in body
    assert body.count("Not measured") >= 5
    assert "<h2>What to do</h2>" not in body
    text = client.get("/en/network/runbooks/process-down/").content.decode()
    assert "## What callers notice" in text
    assert client.get("/en/network/runbooks/no-such/").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "Proces edge: Werd gestopt"), ("fr", "Processus edge"), ("de", "Prozess edge: Wurde gestoppt")],
)
def test_the_room_in_the_readers_language(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr(views, "measure", lambda now: edge("stopped", now))
    assert words in signed_in("support").get(f"/{language}/network/").content.decode()


def test_nothing_measured_is_never_green(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "measure", lambda now: m.Measurements(at=now))
    body = signed_in("network").get("/en/network/").content.decode()
    assert 'data-s="off"' in body
    assert 'data-s="ok"' not in body


@pytest.mark.parametrize("role", Role.values)
def test_who_may_see_the_room(world: World, role: str) -> None:
    customer = {"customer": world.zon} if role.startswith("customer") else {}
    may = role in ("support", "network", "compliance", "admin")
    assert signed_in(role, **customer).get("/en/network/").status_code == (200 if may else 403)
    answer = api_client(role, customer.get("customer")).get("/api/health")
    assert answer.status_code == (200 if may else 403)


def test_an_alert_opens_is_taken_by_one_person_and_closes(world: World) -> None:
    client, other = signed_in("network"), signed_in("compliance")
    services.evaluate(edge("running"))
    services.evaluate(edge("stopped", NOW + timedelta(seconds=20)))
    alert = Alert.objects.get(kind="process-down")
    assert (alert.subject, alert.severity, alert.closed_at) == ("edge", "page", None)
    assert "Take this alert" in client.get("/en/network/").content.decode()
    assert "Nobody yet" in other.get("/en/network/").content.decode()
    assert other.post(f"/en/network/alerts/{alert.pk}/take/").status_code == 403
    answer = client.post(f"/en/network/alerts/{alert.pk}/take/", follow=True)
    assert "You look after: Process edge." in answer.content.decode()
    alert.refresh_from_db()
    assert alert.acknowledged_by is not None
    assert alert.acknowledged_by.role == "network"
    again = client.post(f"/en/network/alerts/{alert.pk}/take/", follow=True)
    assert "Somebody has taken this alert already." in again.content.decode()
    for seconds in (40, 60, 80, 100, 120):
        services.evaluate(edge("running", NOW + timedelta(seconds=seconds)))
    alert.refresh_from_db()
    assert alert.closed_at == NOW + timedelta(seconds=100)
    with pytest.raises(ValidationError, match="over"):
        services.acknowledge(alert, Person.objects.get(role="network"), NOW)
    assert "Alerts that are over" in client.get("/en/network/").content.decode()


def test_since_when_is_remembered(world: World) -> None:
    begun = NOW - timedelta(hours=2)
    services.evaluate(measured(begun, calls=m.Calls(5, 5, 0)))
    services.evaluate(measured(NOW, calls=m.Calls(5, 5, 0)))
    assert Watched.objects.get(kind="calls-failing").since == begun


def test_a_time_nobody_watched_is_reported_afterwards(world: World) -> None:
    services.evaluate(measured(NOW - timedelta(minutes=10)))
    before = queries.last_evaluation()
    services.evaluate(measured(NOW, previous=before))
    alert = Alert.objects.get(kind="not-measured")
    assert (alert.began_at, alert.opened_at) == (NOW - timedelta(minutes=10), NOW)
    services.evaluate(measured(NOW + timedelta(seconds=20), previous=NOW))
    alert.refresh_from_db()
    assert alert.closed_at == NOW + timedelta(seconds=20)


def test_what_postgresql_is_asked(world: World) -> None:
    """Over real rows: a carrier that failed twice, an emergency call no centre answered, calls we broke."""
    now = datetime.now(UTC)
    stage = {"at": int(now.timestamp() * 1000), "to": "x", "trunk": {"id": "national"}}
    for number in range(3):
        make_call(f"c{number}", sip_code=503, hung_up_by="system", stages=[stage])
    make_call("e", emergency_class="on-site", sip_code=503, hung_up_by="callee")
    make_call("given-up", emergency_class="on-site", sip_code=487, hung_up_by="caller")
    found = measuring.measure(now)
    assert found.trunks is not None
    assert [(one.trunk_id, one.failed_since_carried) for one in found.trunks] == [("national", 3)]
    assert found.emergency is not None
    assert (found.emergency.attempts, found.emergency.failed) == (2, 1)
    assert found.calls is not None
    assert (found.calls.attempts, found.calls.broken) == (5, 3)
    assert found.jobs is not None
    assert found.publication is not None
    assert found.publication.waiting > 0
    assert found.database is not None
    assert found.database.connections > 0
    step = services.evaluate(found)
    assert {("trunk-unreachable", "national"), ("emergency-failing", "")} <= set(step.opened)


def test_the_figures_of_a_minute(world: World) -> None:
    """PostgreSQL reckons the setup time as `setup_ms` does."""
    now = datetime.now(UTC)
    stories: tuple[tuple[str, list[dict[str, Any]]], ...] = (
        ("rang", [{"e": "attempt", "m": 100}, {"e": "answer", "m": 9_000, "rang": 850}]),
        ("answered", [{"e": "attempt", "m": 100}, {"e": "answer", "m": 140}]),
        ("refused", [{"e": "attempt", "m": 100}, {"e": "fail", "m": 140}]),
        ("rang-in-vain", [{"e": "attempt", "m": 100}, {"e": "fail", "m": 9_140, "rang": 600}]),
    )
    for name, events in stories:
        answered = now if name in ("rang", "answered") else None
        make_call(name, started_at=now, answered_at=answered, events=events)
    expected = [ms for _, events in stories if (ms := setup_ms(events)) is not None]
    services.evaluate(measured(now))
    minute = Minute.objects.get(attempts__gt=0)
    assert (minute.attempts, minute.answered, minute.setup_p99_ms) == (4, 2, max(expected))


def test_charts_have_a_caption_and_a_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for ago, attempts in ((1, 4), (2, 8), (9, 2)):
        Minute.objects.create(
            minute=now - timedelta(minutes=ago), attempts=attempts, answered=attempts // 2, setup_p99_ms=1500
        )
    client = signed_in("network")
    body = client.get("/nl/network/").content.decode()
    figures = re.findall(r"<figure.*?</figure>", body, re.DOTALL)
    assert len(figures) == 3
    for figure in figures:
        assert "<figcaption>" in figure
        assert "<details>" in figure
        assert "<polyline" in figure
        assert re.search(r'cx="\d+\.\d', figure)
    assert "14 oproepen" in figures[0]
    assert "50 %" in figures[1]


def test_a_probe_learns_one_word(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = m.Measurements(at=NOW, database=m.Database(False))
    for now, status, code in (
        (edge("running"), "ok", 200),
        (edge("stopped"), "down", 200),
        (silent, "down", 503),
    ):
        monkeypatch.setattr(views, "_probed", (-views.PROBE_SECONDS, "off", 200))
        monkeypatch.setattr(views, "measure", lambda now=now: now)
        answer = client.get("/health")
        assert (answer.status_code, answer.json()) == (code, {"status": status})
    monkeypatch.setattr(views, "measure", lambda: pytest.fail("measured again within seconds"))
    assert client.get("/health").status_code == 503


def test_the_api_says_everything(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiestoon.portal.health.api.measure", lambda now: edge("stopped", now))
    services.evaluate(edge("stopped"))
    answer = api_client("network").get("/api/health").json()
    assert answer["state"] == "bad"
    found = {one["kind"]: one for one in answer["findings"]}
    assert (found["process-down"]["subject"], found["process-down"]["state"]) == ("edge", "bad")
    assert found["disk-low"]["state"] == "off"
    assert [one["kind"] for one in answer["alerts"]] == ["process-down"]
    assert api_client("network", scopes=["calls:read"]).get("/api/health").status_code == 403
    assert Client().get("/api/health").status_code == 401


def test_a_page_without_the_database_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(now: datetime) -> m.Measurements:
        raise OperationalError("+32470987654")

    client = signed_in("network")
    monkeypatch.setattr(views, "measure", silent)
    answer = client.get("/en/network/")
    assert answer.status_code == 503
    assert "Calls are not affected" in answer.content.decode()
    assert "32470987654" not in answer.content.decode()
