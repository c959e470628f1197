"""Segments, their sealing, the gap alarm and what is pending."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest

from kiestoon.store import sync
from kiestoon.store.journal import (
    HEADER,
    JournalFull,
    Lost,
    SegmentWriter,
    end_of_records,
    lost_attempts,
    next_record,
    pending,
    read_chunk,
    read_segment,
    segment_name,
    segments,
    write_ingested,
)
from kiestoon.store.sync import Synchroniser
from kiestoon.store.watch import SegmentWatch

RESERVE, ROTATE = 1 << 16, 1 << 14


def record(event: dict[str, object]) -> bytes:
    body = json.dumps(event, separators=(",", ":")).encode()
    return struct.pack(">II", len(body), zlib.crc32(body)) + body


def orphan(directory: Path, pid: int, *bodies: bytes) -> Path:
    """An open segment whose writer is gone, named after `pid`."""
    path = directory / f"{time.time_ns():x}-{pid}.open"
    path.write_bytes((b"KTJ1" + bytes(12) + b"".join(bodies)).ljust(RESERVE, b"\0"))
    return path


def test_a_dead_writer_is_known_by_its_lock_not_by_its_pid(tmp_path: Path) -> None:
    """Our own pid lives; that the dead writer had it must not keep its segment open."""
    dead = orphan(tmp_path, os.getpid(), record({"n": 1}))
    writer = SegmentWriter(tmp_path, RESERVE, ROTATE)
    writer.append({"n": 2})
    sealed = Synchroniser(tmp_path).seal_dead()
    assert [path.stem for path in sealed] == [dead.stem]
    assert writer.path.exists()
    assert sealed[0].stat().st_size == HEADER + len(record({"n": 1}))
    writer.close()


def test_a_segment_being_made_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "1-1.open"
    path.touch()
    synchroniser = Synchroniser(tmp_path)
    assert synchroniser.seal_dead() == []
    assert path.exists()
    monkeypatch.setattr(sync, "HALF_MADE_SECONDS", -1)
    synchroniser.seal_dead()
    assert not path.exists()


def test_a_torn_last_record_is_dropped_when_sealing(tmp_path: Path) -> None:
    whole, torn = record({"e": "a"}), record({"e": "b" * 50})[:-3]
    orphan(tmp_path, 1, whole, torn)
    (sealed,) = Synchroniser(tmp_path).seal_dead()
    assert sealed.stat().st_size == HEADER + len(whole)


def test_records_after_a_hole_are_kept_when_sealing(tmp_path: Path) -> None:
    """Power failure: pages come back in any order."""
    first, hole, last = record({"e": "a"}), bytes(5000), record({"e": "b"})
    path = orphan(tmp_path, 1, first, hole, last)
    resumed = HEADER + len(first) + len(hole)
    assert next_record(path, HEADER + len(first)) == resumed
    assert end_of_records(path) == resumed + len(last)
    (sealed,) = Synchroniser(tmp_path).seal_dead()
    assert [event for _, _, event in read_segment(sealed, resumed)] == [{"e": "b"}]


@pytest.mark.parametrize("size", [64, 1_000, 256 << 10])
def test_chunks_hold_every_event_once(tmp_path: Path, size: int) -> None:
    writer = SegmentWriter(tmp_path, 1 << 18, 1 << 17)
    for n in range(300):
        writer.append({"n": n, "fill": "é" * (n % 90)})
    found, offset, more = [], 0, True
    while more:
        events, offset, more = read_chunk(writer.path, offset, size)
        found += [event["n"] for event, _ in events]
    assert found == list(range(300))
    writer.close()


def test_no_json_number_is_no_number(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, RESERVE, ROTATE)
    writer.append({"mos": float("nan")})
    assert read_chunk(writer.path).events[0][0] == {"mos": None}
    writer.close()


def test_a_clock_that_jumps_back_changes_no_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = SegmentWriter(tmp_path, RESERVE, 1 << 10)
    real = time.time_ns
    for n in range(60):
        if n % 20 == 19:
            monkeypatch.setattr(time, "time_ns", lambda n=n: real() - n * 3_600_000_000_000)
        writer.append({"n": n, "fill": "x" * 100})
    writer.close()
    found = [event["n"] for path in segments(tmp_path) for _, _, event in read_segment(path)]
    assert sorted(found) == list(range(60))
    assert all(path.suffix == ".sealed" for path in segments(tmp_path))


def test_a_failing_disk_is_a_counted_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = SegmentWriter(tmp_path, RESERVE, ROTATE)
    writer.append({"e": "attempt", "t": 1})
    real = os.pwrite

    def short(fd: int, data: bytes, offset: int) -> int:
        return real(fd, data[:7] if offset < RESERVE - 64 else data, offset)

    monkeypatch.setattr(os, "pwrite", short)
    for at in (2, 3):
        with pytest.raises(JournalFull):
            writer.append({"e": "attempt", "t": at})
    monkeypatch.undo()
    writer.append({"e": "attempt", "t": 4})
    writer.close()
    (path,) = segments(tmp_path)
    assert lost_attempts(path) == Lost(2, 2, 3)
    assert [event["t"] for _, _, event in read_segment(path)] == [1, 4]


def test_what_was_lost_before_there_was_a_segment_is_noted_in_the_first(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, RESERVE, ROTATE, Lost(7, 1_000, 2_000))
    writer.append({"e": "attempt", "t": 3_000})
    assert Synchroniser(tmp_path).watch_gap() == 7
    writer.close()
    (path,) = segments(tmp_path)
    assert lost_attempts(path) == Lost(7, 1_000, 2_000)


def test_the_alarm_names_gaps_and_outlives_their_segments(tmp_path: Path) -> None:
    synchroniser = Synchroniser(tmp_path)
    assert json.loads((tmp_path / "alarm.json").read_text()) == {}
    place = (tmp_path / "alarm.json").stat()
    writer = SegmentWriter(tmp_path, 1 << 12, 1 << 12)
    writer._ask_disk_at = float("inf")
    lost = 0
    for n in range(200):
        try:
            writer.append({"e": "attempt", "t": 1_000 + n})
        except JournalFull:
            lost += 1
    assert synchroniser.watch_gap() == lost > 0
    writer.close()
    for path in segments(tmp_path):
        path.unlink()
    assert Synchroniser(tmp_path).watch_gap() == lost
    alarm = json.loads((tmp_path / "alarm.json").read_text())
    assert alarm["attempts_not_recorded"] == lost
    assert (alarm["since_ms"], alarm["last_ms"]) == (1_000 + 200 - lost, 1_199)
    after = (tmp_path / "alarm.json").stat()
    assert (after.st_ino, after.st_size) == (place.st_ino, place.st_size)


def test_what_is_pending(tmp_path: Path) -> None:
    assert pending(tmp_path / "none") == (0, 0.0)
    writer = SegmentWriter(tmp_path, RESERVE, ROTATE)
    now = time.time_ns() // 1_000_000
    for age in (9_000, 5_000, 1_000):
        writer.append({"e": "attempt", "t": now - age})
    count, oldest = pending(tmp_path)
    assert (count, round(oldest)) == (3, 9)
    second = [following for _, following, _ in read_segment(writer.path)][1]
    write_ingested(tmp_path, {segment_name(writer.path): second})
    count, oldest = pending(tmp_path)
    assert (count, round(oldest)) == (1, 1)
    (tmp_path / "ingested.json").write_text("{half")
    assert pending(tmp_path)[0] == 3
    writer.close()


def test_the_watch_sleeps_until_a_segment_changes(tmp_path: Path) -> None:
    watch = SegmentWatch(tmp_path)
    assert watch.wait(0.05) == set()
    (tmp_path / "ingested.json").write_text("{}")
    assert watch.wait(0.05) == set()
    writer = SegmentWriter(tmp_path, RESERVE, ROTATE)
    assert watch.wait(1.0) == {segment_name(writer.path)}
    timer = threading.Timer(0.1, lambda: writer.append({"n": 1}))
    timer.start()
    begun = time.monotonic()
    assert watch.wait(5.0) == {segment_name(writer.path)}
    assert time.monotonic() - begun < 1.0
    timer.join()
    writer.close()
    watch.close()


def test_the_process_syncs_seals_and_sleeps(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.mkdir()
    dead = orphan(journal, 1, record({"n": 1}))
    environment = {**os.environ, "KIESTOON_STATE": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-m", "kiestoon.store.sync"], env=environment)
    try:
        deadline = time.monotonic() + 15
        while not dead.with_suffix(".sealed").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert dead.with_suffix(".sealed").exists()
        before = _cpu(process.pid)
        time.sleep(1.5)
        assert _cpu(process.pid) - before <= 0.02
    finally:
        process.terminate()
        assert process.wait(5) == 0


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
