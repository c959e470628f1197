"""The ingest process itself: killed, without PostgreSQL, late; and what the commands say."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial

import pytest

from kiestoon.store.journal import JournalFull, pending, segments
from tests.call_events import Event, attempt, whole_call
from tests.integration.calls.world import World, eventually

SEEN = "SELECT coalesce(sum(count), 0)::int FROM calls_securityevent"


def now() -> int:
    return time.time_ns() // 1_000_000


def security() -> Event:
    return {"e": "security", "t": now(), "c": "", "i": "x", "src": "192.0.2.9", "what": "scan", "user": ""}


@pytest.fixture
def ingest(world: World) -> Iterator[subprocess.Popen[bytes]]:
    process = world.start_ingest()
    yield process
    process.kill()
    process.wait()


def counts(world: World) -> tuple[int, int, int]:
    """(calls, events of calls, security events)."""
    calls, events = world.rows(
        "SELECT count(*)::int, coalesce(sum(jsonb_array_length(events)), 0)::int FROM calls_call"
    )[0]
    return calls, events, world.one(SEEN)


def ended_in(world: World, call_id: str) -> bool:
    query = f"SELECT count(*) FROM calls_call WHERE call_id = '{call_id}' AND ended_at IS NOT NULL"
    return bool(world.one(query))


def test_a_call_is_listed_within_5_s_of_its_end(world: World, ingest: subprocess.Popen[bytes]) -> None:
    writer = world.writer()
    for n in range(3):
        time.sleep(0.7)
        for one in whole_call(f"c{n}", now() - 60_000):
            writer.append(one)
        ended = time.monotonic()
        assert eventually(partial(ended_in, world, f"c{n}"))
        assert time.monotonic() - ended < 5
    assert eventually(lambda: pending(world.journal)[0] == 0, 2)
    writer.close()
    assert eventually(lambda: segments(world.journal) == [], 5)


def test_killed_again_and_again_takes_each_event_once(world: World) -> None:
    chance = random.Random(20261124)
    writers = [world.writer(rotate=1 << 15) for _ in range(3)]
    made = 0
    for _ in range(7):
        process = world.start_ingest()
        until = time.monotonic() + chance.uniform(0.4, 1.6)
        while time.monotonic() < until:
            chance.choice(writers).append(security())
            for one in whole_call(f"c{made}", now()):
                chance.choice(writers).append(one)
            made += 1
            time.sleep(0.004)
        process.send_signal(signal.SIGKILL)
        process.wait()
    for writer in writers:
        writer.close()
    process = world.start_ingest()
    try:
        assert eventually(lambda: segments(world.journal) == [])
    finally:
        process.terminate()
        process.wait()
    assert counts(world) == (made, 4 * made, made)
    assert world.one("SELECT count(*) FROM calls_call WHERE talk_ms <> 1000 OR anomalies <> '[]'") == 0


def test_postgresql_stops_in_the_middle(world: World, ingest: subprocess.Popen[bytes]) -> None:
    writer = world.writer(rotate=1 << 15)
    made = 0

    def calls(seconds: float) -> None:
        nonlocal made
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            writer.append(security())
            for one in whole_call(f"c{made}", now()):
                writer.append(one)
            made += 1
            time.sleep(0.005)

    for _ in range(2):
        calls(1.0)
        world.stop()
        calls(1.0)
        assert pending(world.journal)[0] > 0
        world.start()
        last = made - 1
        back = time.monotonic()
        assert eventually(partial(ended_in, world, f"c{last}"))
        assert time.monotonic() - back < 5
    assert ingest.poll() is None
    writer.close()
    assert eventually(lambda: segments(world.journal) == [])
    assert counts(world) == (made, 4 * made, made)


def test_a_killed_edge_loses_no_event(world: World, ingest: subprocess.Popen[bytes]) -> None:
    """A writer killed while it writes: what it said it wrote is there, sealed by the journal process."""
    code = (
        "import sys, time; from pathlib import Path; from kiestoon.store.journal import SegmentWriter\n"
        "from tests.call_events import attempt\n"
        f"w = SegmentWriter(Path({str(world.journal)!r}), 1 << 20, 1 << 16)\n"
        "n = 0\n"
        "while True:\n"
        "    w.append(attempt(f'{sys.argv[1]}-{n}')); print(n, flush=True); n += 1; time.sleep(0.001)\n"
    )
    journal = subprocess.Popen([world.python, "-m", "kiestoon.store.sync"], env=world.environment)
    try:
        said = {}
        for name in ("a", "b", "c"):
            edge = subprocess.Popen(
                [world.python, "-c", code, name], stdout=subprocess.PIPE, env=world.environment
            )
            assert edge.stdout is not None
            lines = [edge.stdout.readline() for _ in range(150)]
            edge.send_signal(signal.SIGKILL)
            lines += edge.stdout.readlines()
            edge.stdout.close()
            edge.wait()
            said[name] = sum(line.endswith(b"\n") for line in lines)
        assert eventually(lambda: segments(world.journal) == [])
    finally:
        journal.terminate()
        journal.wait()
    for name, written in said.items():
        found = world.one(f"SELECT count(*)::int FROM calls_call WHERE call_id LIKE '{name}-%'")
        assert found in (written, written + 1)


def test_the_full_disk_of_a_real_file_system(world: World) -> None:
    """tmpfs of 2 MiB filled by another: the reserve takes 100 calls, then the gap is named."""
    if os.getuid():
        pytest.skip("mounting needs root")
    world.journal.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(world.journal)], check=True)
    try:
        journal = subprocess.Popen([world.python, "-m", "kiestoon.store.sync"], env=world.environment)
        assert eventually((world.journal / "alarm.json").exists)
        writer = world.writer(reserve=1 << 19, rotate=1 << 15)
        with contextlib.suppress(OSError), (world.journal / "filler").open("wb", 0) as filler:
            while filler.write(bytes(4096)):
                pass
        written = lost = 0
        for n in range(1_000):
            try:
                writer.append(attempt(f"c{n}", now()))
                written += 1
            except JournalFull:
                lost += 1
        assert written > 300
        assert lost > 0
        alarm = world.journal / "alarm.json"
        assert eventually(lambda: json.loads(alarm.read_text()).get("attempts_not_recorded") == lost)
        world.drain()
        assert world.one("SELECT count(*) FROM calls_call") == written
        (world.journal / "filler").unlink()
        time.sleep(1.1)
        writer.append(attempt("after", now()))
        writer.close()
        world.drain()
        assert world.rows("SELECT attempts FROM calls_gap WHERE kind = 'not-recorded'") == [(lost,)]
        assert world.one("SELECT count(*) FROM calls_call") == written + 1
    finally:
        journal.terminate()
        journal.wait()
        subprocess.run(["umount", "--lazy", str(world.journal)], check=True)


def test_the_list_has_the_agreed_shape(world: World) -> None:
    writer = world.writer()
    at = now() - 120_000
    for one in (*whole_call("c1", at), attempt("c2", at + 5_000, to="112", dialled="112")):
        writer.append(one)
    writer.close()
    world.drain()
    listed = world.portal("calls", "--json")
    assert listed.returncode == 0, listed.stderr
    first, second = json.loads(listed.stdout)
    agreed = {
        "call_id": "c1",
        "direction": "outgoing",
        "from": "+3238080101",
        "to": "+32470123456",
        "dialled": "0470123456",
        "trunk": {"id": "national", "name": "national carrier"},
        "talk_ms": 1_000,
        "sip_code": 200,
        "hung_up_by": "caller",
        "emergency_class": None,
        "forwarded_from": None,
        "sip_call_ids": ["sip-c1"],
    }
    assert {key: first[key] for key in agreed} == agreed
    assert first["reasons"][0] == {
        "step": "caller",
        "result": "authenticated",
        "why": "user u-anna of customer 1",
    }
    assert first["ended_at"].endswith("Z")
    assert (second["ended_at"], second["sip_code"], second["hung_up_by"]) == (None, None, None)

    def ids(*arguments: str) -> list[str]:
        return [call["call_id"] for call in json.loads(world.portal("calls", "--json", *arguments).stdout)]

    assert ids("--number", "0470 12 34 56") == ["c1"]
    assert ids("--number", "+3238080101", "--limit", "1") == ["c2"]
    assert ids("--since", second["started_at"]) == ["c2"]
    assert "national carrier" in world.portal("calls").stdout
    for wrong in (["--since", "yesterday"], ["--number", "anna"], ["--limit", "0"], ["--what"]):
        assert world.portal("calls", *wrong).returncode == 2
    explained = world.portal("explain_call", "--call", "c1", "--json")
    assert explained.returncode == 0
    answer = json.loads(explained.stdout)
    assert (answer["outcome"], answer["targets"][0]["id"]) == ("route", "national")
    assert [row["event"] for row in answer["events"]] == ["attempt", "answer", "bye", "media"]
    assert world.portal("explain_call", "--call", "none").returncode == 1
