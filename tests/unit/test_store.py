"""Routing store and call journal."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiestoon.domain.routing.call import CallAttempt
from kiestoon.domain.routing.decide import decide
from kiestoon.store.journal import JournalFull, Lost, SegmentWriter, lost_attempts, read_segment, segments
from kiestoon.store.ported_store import PortedPublisher
from kiestoon.store.routing_store import Publication, PublicationRefused, Publisher, read_version, seal
from kiestoon.store.snapshot import SqliteSnapshot
from kiestoon.store.sync import Synchroniser
from kiestoon.vocabulary.configuration import Customer, Number
from tests.unit.fake_snapshot import OPERATOR, TRUNKS, user

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZON = Customer(
    1,
    "Zon",
    "nl",
    "+3238080100",
    users=(user("anna", 1, "101", "+3238080101"), user("bram", 1, "302", "+3238080102")),
    numbers=(Number("+3238080101", 1, "user", "anna"), Number("+3238080102", 1, "user", "bram")),
)


@pytest.fixture
def routing(tmp_path: Path) -> Path:
    publisher = Publisher(tmp_path / "customers.sqlite")
    publisher.publish(seal(base_version=0, published_at=NOW, operator=OPERATOR, customers=(ZON,)), NOW)
    publisher.close()
    ported = PortedPublisher(tmp_path / "ported.sqlite")
    ported.publish([("+32470123456", "C99")])
    ported.close()
    return tmp_path


def test_what_is_published_is_what_is_read(routing: Path) -> None:
    snapshot = SqliteSnapshot(routing / "customers.sqlite", routing / "ported.sqlite")
    with snapshot.frozen():
        assert snapshot.user("anna") == ZON.users[0]
        assert snapshot.user_by_extension(1, "302") == ZON.users[1]
        assert snapshot.operator() == OPERATOR
        assert snapshot.trunk_by_address("127.0.1.1", 5060) == TRUNKS[0]
        assert snapshot.trunk_by_address("127.0.9.9", 5060) is None
        assert snapshot.ported("+32470123456") == "C99"
        decision = decide(CallAttempt("302", username="anna"), snapshot, NOW)
    assert [t.id for t in decision.targets()] == ["bram"]
    snapshot.close()


def test_a_change_is_seen_by_an_open_reader(routing: Path) -> None:
    snapshot = SqliteSnapshot(routing / "customers.sqlite", routing / "ported.sqlite")
    with snapshot.frozen():
        assert snapshot.version() == 1
    publisher = Publisher(routing / "customers.sqlite")
    changed = replace(ZON, users=(replace(ZON.users[0], suspended=True),), numbers=())
    publisher.publish(seal(base_version=1, published_at=NOW, customers=(changed,)), NOW)
    with snapshot.frozen():
        anna = snapshot.user("anna")
        assert anna is not None
        assert anna.suspended
        assert snapshot.user("bram") is None
        assert snapshot.number("+3238080101") is None
    snapshot.close()
    publisher.close()


def broken(**changes: object) -> Publication:
    return replace(seal(base_version=1, published_at=NOW, customers=(ZON,)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("publication", "why"),
    [
        (broken(customers=()), "half-written"),
        (broken(checksum="0" * 64), "half-written"),
        (broken(format=99), "format"),
        (seal(base_version=1, published_at=NOW + timedelta(hours=1)), "future"),
        (seal(base_version=7, published_at=NOW), "version"),
        (seal(base_version=1, published_at=NOW, customers=(replace(ZON, customer_id=2),)), "claim"),
    ],
)
def test_a_bad_publication_is_refused_and_the_last_good_one_stays(
    routing: Path, publication: Publication, why: str
) -> None:
    publisher = Publisher(routing / "customers.sqlite")
    with pytest.raises(PublicationRefused, match=why):
        publisher.publish(publication, NOW)
    publisher.close()
    assert read_version(routing / "customers.sqlite") == (1, NOW.isoformat())
    with sqlite3.connect(routing / "customers.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM user").fetchone() == (2,)
    connection.close()


def test_journal_keeps_events_through_kill_9(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from kiestoon.store.journal import SegmentWriter\n"
        f"w = SegmentWriter(Path({str(tmp_path)!r}), 1 << 20, 1 << 18)\n"
        "for n in range(100): w.append({'e': 'attempt', 'n': n})\n"
        "print('done', flush=True); time.sleep(60)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ})
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"done\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    synchroniser = Synchroniser(tmp_path)
    assert synchroniser.sync() == 1
    assert synchroniser.sync(set()) == 0
    sealed = synchroniser.seal_dead()
    assert len(sealed) == 1
    assert [event["n"] for _, _, event in read_segment(sealed[0])] == list(range(100))
    assert sealed[0].stat().st_size < 10_000


def test_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, 1 << 16, 1 << 14)
    writer.append({"n": 1})
    (path,) = segments(tmp_path)
    ((_, following, _),) = read_segment(path)
    writer.append({"n": 2})
    assert [event["n"] for _, _, event in read_segment(path, following)] == [2]
    writer.close()


def test_segments_turn_over_and_nothing_is_lost(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, 1 << 14, 1 << 10)
    for n in range(200):
        writer.append({"n": n})
    writer.close()
    found = [event["n"] for path in segments(tmp_path) for _, _, event in read_segment(path)]
    assert found == list(range(200))
    assert len(segments(tmp_path)) > 3


def test_a_full_disk_uses_the_reserve_then_counts_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, 1 << 14, 1 << 10)

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", no_space)
    written = 0
    with contextlib.suppress(JournalFull):
        while written < 10_000:
            writer.append({"e": "attempt", "n": written, "t": 5})
            written += 1
    assert written < 10_000
    (path,) = segments(tmp_path)
    records = list(read_segment(path))
    assert len(records) == written
    assert records[-1][1] > (1 << 14) - 200
    assert lost_attempts(path) == Lost(1, 5, 5)
    with pytest.raises(JournalFull):
        writer.append({"e": "attempt", "n": 0, "t": 6})
    assert Synchroniser(tmp_path).watch_gap() == 2
    monkeypatch.undo()
    monkeypatch.setattr(time, "monotonic", lambda: float("inf"))
    writer.append({"e": "attempt", "n": 1, "t": 7})
    assert len(segments(tmp_path)) == 2
    assert "attempts_not_recorded" in (tmp_path / "alarm.json").read_text()


def test_a_torn_record_ends_the_segment(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, 1 << 14, 1 << 13)
    writer.append({"n": 1})
    (path,) = segments(tmp_path)
    ((_, following, _),) = read_segment(path)
    with path.open("r+b") as file:
        file.seek(following)
        file.write(b"\0\0\0\x09broken")
    assert [event["n"] for _, _, event in read_segment(path)] == [1]
    writer.close()


def test_decision_time_stays_below_200_microseconds(routing: Path) -> None:
    snapshot = SqliteSnapshot(routing / "customers.sqlite", routing / "ported.sqlite")
    call = CallAttempt("0470123456", username="anna")
    times = []
    for _ in range(3000):
        start = time.thread_time_ns()
        with snapshot.frozen():
            decide(call, snapshot, NOW)
        times.append(time.thread_time_ns() - start)
    snapshot.close()
    times.sort()
    assert times[len(times) // 2] < 200_000, f"median {times[len(times) // 2] / 1000:.0f} µs"
