"""Journal → PostgreSQL: each event exactly once, and what goes wrong on the way."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from kiestoon.portal.calls.ingestion.process import Ingestion, OvertakenError
from kiestoon.store.journal import HEADER, pending, read_segment, segments
from kiestoon.store.sync import Synchroniser
from tests.call_events import CARRIER, NOON, answer, attempt, bye, event, fail, media, whole_call
from tests.integration.calls.world import World

SEEN = "SELECT coalesce(sum(count), 0)::int FROM calls_securityevent"


def security(n: int) -> dict[str, object]:
    """Counted, so that one taken twice shows."""
    return {"e": "security", "t": NOON + n, "c": "", "i": "x", "src": "192.0.2.9", "what": "scan", "user": ""}


def test_a_call_grows_into_its_cdr(world: World) -> None:
    writer = world.writer()
    ingestion = world.ingestion()
    events = whole_call("c1", talk_ms=60_000)
    writer.append(events[0])
    ingestion.drain()
    row = "SELECT started_at, answered_at, ended_at, talk_ms, sip_code, trunk_name FROM calls_call"
    ((started, answered, ended, talk, code, trunk),) = world.rows(row)
    assert (answered, ended, talk, code, trunk) == (None, None, 0, None, "national carrier")
    assert started.isoformat() == "2026-11-24T12:00:00+00:00"
    writer.append(events[1])
    ingestion.drain()
    assert world.rows("SELECT answered_at IS NOT NULL, ended_at IS NULL, codec FROM calls_call") == [
        (True, True, "pcma")
    ]
    for one in events[2:]:
        writer.append(one)
    ingestion.drain()
    assert world.rows("SELECT talk_ms, sip_code, hung_up_by, closed_by, mos, loss FROM calls_call") == [
        (60_000, 200, "caller", "bye", 4.3, 0.0)
    ]
    assert world.one("SELECT jsonb_array_length(events) FROM calls_call") == 4
    assert pending(world.journal) == (0, 0.0)
    writer.close()
    ingestion.close()


def test_workers_whose_segments_come_in_any_order(world: World) -> None:
    """BYE first, then the answer, then the attempt; each by another process of ours."""
    for one in (*whole_call("c1")[::-1], fail("c2", NOON + 5), attempt("c2")):
        writer = world.writer()
        writer.append(one)
        world.drain()
        writer.close()
    world.drain()
    assert world.rows(
        "SELECT call_id, sip_code, talk_ms, anomalies, from_number FROM calls_call ORDER BY 1"
    ) == [
        ("c1", 200, 1_000, [], "+3238080101"),
        ("c2", 486, 0, [], "+3238080101"),
    ]
    assert segments(world.journal) == []


@pytest.mark.parametrize(
    "where", ["_claim", "_write_state", "reader.committed", "calls.committed", "calls.apply"]
)
def test_killed_at_any_point_takes_each_event_once(
    world: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    writer = world.writer()
    for n in range(50):
        writer.append(security(n))
        for one in whole_call(f"c{n}"):
            writer.append(one)
    writer.close()
    ingestion = world.ingestion()
    ingestion.ready()
    target: object = ingestion
    if "." in where:
        target = getattr(ingestion, "_" + where.partition(".")[0])
    monkeypatch.setattr(target, where.rpartition(".")[2], die)
    with pytest.raises(Killed):
        ingestion.drain()
    ingestion.close()
    world.drain()
    world.drain()
    assert world.one(SEEN) == 50
    assert world.rows(
        "SELECT count(*), min(jsonb_array_length(events)), max(jsonb_array_length(events)) FROM calls_call"
    ) == [(50, 4, 4)]
    assert segments(world.journal) == []


def test_sealed_segments_go_when_ingested_open_ones_stay(world: World) -> None:
    writer = world.writer(rotate=1 << 12)
    for n in range(20):
        writer.append(attempt(f"c{n}"))
    assert len(segments(world.journal)) > 3
    world.drain()
    assert segments(world.journal) == [writer.path]
    writer.close()
    world.drain()
    assert segments(world.journal) == []
    assert world.one("SELECT count(*) FROM calls_call") == 20


def test_a_record_half_written_is_waited_for(world: World) -> None:
    writer = world.writer()
    writer.append(attempt("c1"))
    ((_, end, _),) = read_segment(writer.path)
    writer.append(answer("c1", NOON + 5))
    whole = writer.path.read_bytes()
    with writer.path.open("r+b") as file:
        file.seek(end + 20)
        file.write(bytes(500))
    world.drain()
    assert world.one("SELECT answered_at FROM calls_call") is None
    with writer.path.open("r+b") as file:
        file.write(whole[: end + 1_000])
    world.drain()
    assert world.one("SELECT answered_at FROM calls_call") is not None
    writer.close()


def test_damage_in_the_middle_is_a_named_gap_and_the_rest_is_read(world: World) -> None:
    writer = world.writer()
    for n in range(3):
        writer.append(attempt(f"c{n}"))
    spans = [(start, following) for start, following, _ in read_segment(writer.path)]
    with writer.path.open("r+b") as file:
        file.seek(spans[1][0] + 30)
        file.write(b"rubbish")
    writer.close()
    world.drain()
    assert world.rows("SELECT call_id FROM calls_call ORDER BY 1") == [("c0",), ("c2",)]
    assert world.rows("SELECT kind, at_byte, bytes FROM calls_gap") == [
        ("damaged", spans[1][0], spans[1][1] - spans[1][0])
    ]
    assert segments(world.journal) == []


def test_an_event_postgresql_refuses_does_not_stop_the_others(world: World) -> None:
    writer = world.writer()
    writer.append(attempt("c1"))
    writer.append(attempt("c2", customer=10**30, ua="nul \0 and half a pair \ud800", code="x"))
    writer.append(attempt("c3", at=-(10**20)))
    writer.append({"e": "answer", "t": NOON, "c": "c4\0", "i": "x"})
    writer.append({"what": "is this"})
    writer.append({"e": "registration", "t": None, "c": ""})
    writer.close()
    world.drain()
    assert {"c1", "c2", "c3"} <= {row[0] for row in world.rows("SELECT call_id FROM calls_call")}
    assert world.one("SELECT count(*) FROM calls_unreadable") in (2, 3)
    assert segments(world.journal) == []


def test_refusals_are_counted_for_support(world: World) -> None:
    writer = world.writer()
    for n in range(5):
        writer.append(
            {
                "e": "registration",
                "t": NOON + n * 1_000,
                "c": "",
                "i": "x",
                "user": "u-anna",
                "src": "192.0.2.7:5060",
                "result": "too-many-devices",
                "why": "Too many devices: 3 are registered",
                "ua": "phone",
            }
        )
        world.drain()
    assert world.rows("SELECT username, result, count, last_at - first_at FROM calls_refusal")[0][:3] == (
        "u-anna",
        "too-many-devices",
        5,
    )
    writer.close()


def test_a_full_reserve_loses_nothing_before_and_names_the_gap_after(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiestoon.store.journal import JournalFull

    writer = world.writer(reserve=1 << 16, rotate=1 << 14)
    real = os.posix_fallocate

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    synchroniser = Synchroniser(world.journal)
    written = lost = 0
    for n in range(100):
        try:
            writer.append(attempt(f"c{n:03}", NOON + n))
            written += 1
        except JournalFull:
            lost += 1
    assert written > 50
    assert synchroniser.watch_gap() == lost > 10
    world.drain()
    assert world.one("SELECT count(*) FROM calls_call") == written
    monkeypatch.setattr(os, "posix_fallocate", real)
    writer._ask_disk_at = 0
    writer.append(attempt("later"))
    world.drain()
    assert world.one("SELECT count(*) FROM calls_call") == written + 1
    assert world.rows("SELECT kind, attempts FROM calls_gap") == [("not-recorded", lost)]
    assert world.one("SELECT since FROM calls_gap").timestamp() * 1000 == NOON + written
    alarm = json.loads((world.journal / "alarm.json").read_text())
    assert alarm["attempts_not_recorded"] == lost
    assert segments(world.journal) == [writer.path]
    writer.close()


def test_a_second_ingest_cannot_take_what_the_first_took(world: World) -> None:
    writer = world.writer()
    writer.append(security(1))
    first = world.ingestion()
    first.ready()
    second = Ingestion(world.journal, world.connect)
    second._lock = lambda connection: None  # type: ignore[method-assign]
    second.ready()
    writer.append(security(2))
    second.drain()
    with pytest.raises(OvertakenError):
        first.drain()
    first.close()
    second.close()
    assert world.one(SEEN) == 2
    writer.close()


def test_the_clock_jumps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segment names and times go back and forth; nothing is lost, doubled or impossible."""
    real = time.time_ns
    day = 86_400_000
    for index, jump in enumerate((0, -30 * day, 400 * day, -3_600_000)):
        monkeypatch.setattr(time, "time_ns", lambda jump=jump: real() + jump * 1_000_000)
        writer = world.writer()
        call_id = f"c{index}"
        writer.append(attempt(call_id, NOON))
        writer.append(answer(call_id, NOON + jump))
        writer.append(security(jump))
        writer.close()
        other = world.writer()
        other.append(bye(call_id, NOON - jump))
        other.append(media(call_id, NOON))
        other.close()
    world.drain()
    rows = world.rows(
        "SELECT talk_ms >= 0 AND started_at <= answered_at AND answered_at <= ended_at, closed_by "
        "FROM calls_call"
    )
    assert rows == [(True, "bye")] * 4
    assert world.one(SEEN) == 4
    assert world.one("SELECT count(*) FROM calls_call WHERE anomalies <> '[]'") == 3
    assert segments(world.journal) == []


def test_a_power_failure_may_have_taken_what_was_ingested(world: World) -> None:
    """PostgreSQL kept the last 200 ms of events, the segment's file did not."""
    writer = world.writer()
    writer.append(attempt("c1"))
    writer.append(fail("c1", NOON + 9))
    world.drain()
    writer.close()
    (path,) = segments(world.journal)
    os.truncate(path, HEADER + 100)
    world.drain()
    assert segments(world.journal) == []
    assert world.rows("SELECT sip_code FROM calls_call") == [(486,)]


def test_stages_reach_the_row(world: World) -> None:
    writer = world.writer()
    writer.append(attempt("c1", trunk=None, direction="internal", to="+3238080102"))
    writer.append(
        event(
            "stage",
            "c1",
            NOON + 9,
            because="busy",
            trunk=CARRIER,
            forwarded_from="+3238080102",
            to="+32470123456",
        )
    )
    writer.close()
    world.drain()
    ((stages, forwarded, to, direction),) = world.rows(
        "SELECT stages, forwarded_from, to_number, direction FROM calls_call"
    )
    assert [stage["because"] for stage in stages] == ["routed", "busy"]
    assert (forwarded, to, direction) == ("+3238080102", "+32470123456", "forwarded")
