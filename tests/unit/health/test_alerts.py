"""Alerts are patient: a blink opens none, trouble opens one, and it closes once, when it stays good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kiestoon.domain.health.alerts import RULES, Key, Watched, evaluate
from kiestoon.domain.health.checks import Finding, State

BEGIN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY: Key = ("ingest-behind", "")


class Watch:
    """Evaluates every 20 s what it is told was seen."""

    def __init__(self) -> None:
        self.known: dict[Key, Watched] = {}
        self.now = BEGIN
        self.opened: list[Key] = []
        self.closed: list[Key] = []

    def see(self, *states: State, kind: str = KEY[0], since: datetime | None = None) -> None:
        for state in states:
            self.step([Finding(kind, "", state, "x", since=since)])

    def step(self, found: list[Finding]) -> None:
        step = evaluate(self.known, found, self.now)
        self.known = step.watched
        self.opened += step.opened
        self.closed += step.closed
        self.now += timedelta(seconds=20)


def test_a_blink_opens_no_alert() -> None:
    watch = Watch()
    watch.see("ok", "bad", "bad", "ok", "bad", "ok")
    assert watch.opened == []


def test_trouble_that_lasts_opens_one_alert_dated_back_to_its_beginning() -> None:
    watch = Watch()
    watch.see("ok", "warn", "bad", "warn", "warn", "bad")
    assert watch.opened == [KEY]
    assert watch.known[KEY].troubled_since == BEGIN + timedelta(seconds=20)
    assert watch.known[KEY].worst == "bad"


def test_an_alert_does_not_flap() -> None:
    watch = Watch()
    watch.see("bad", "bad", "bad", "bad")
    watch.see("ok", "bad", "ok", "ok", "bad")
    assert (watch.opened, watch.closed) == ([KEY], [])
    watch.see("ok", "ok", "ok", "ok")
    assert watch.closed == [KEY]


def test_what_is_not_measured_neither_opens_nor_closes() -> None:
    watch = Watch()
    watch.see("bad", "bad", "bad", "bad")
    for _ in range(50):
        watch.see("off")
    assert (watch.opened, watch.closed) == ([KEY], [])
    watch.see("ok", "ok", "ok", "ok")
    assert watch.closed == [KEY]


def test_nobody_waits_when_an_emergency_call_failed() -> None:
    watch = Watch()
    watch.see("ok", "bad", kind="emergency-failing")
    assert watch.opened == [("emergency-failing", "")]


def test_one_failed_call_is_shown_but_wakes_nobody() -> None:
    watch = Watch()
    for _ in range(20):
        watch.see("warn", kind="trunk-unreachable")
    assert RULES["trunk-unreachable"].only_bad
    assert watch.opened == []
    watch.see("bad", kind="trunk-unreachable")
    assert watch.opened == [("trunk-unreachable", "")]


def test_a_time_that_the_measurement_knows_counts_as_grace() -> None:
    watch = Watch()
    watch.see("bad", kind="process-down", since=BEGIN - timedelta(minutes=5))
    assert watch.opened == [("process-down", "")]
    assert watch.known["process-down", ""].troubled_since == BEGIN - timedelta(minutes=5)


def test_a_trunk_that_was_removed_closes_its_alert() -> None:
    watch = Watch()
    trunk = Finding("trunk-unreachable", "national", "bad", "x")
    watch.step([trunk])
    watch.step([Finding("trunk-unreachable", "", "off", "not-measured")])
    assert watch.closed == []
    watch.step([Finding("trunk-unreachable", "other", "ok", "x")])
    assert watch.closed == [("trunk-unreachable", "national")]
