"""What ingestion costs: CPU of ingest and PostgreSQL per 1000 calls, and how long a backlog takes.

    python -m bench.ingest [--rate 100] [--seconds 20] [--backlog 6000]

Needs the database of KIESTOON_RUN (PostgreSQL running, migrated) and an unused KIESTOON_STATE/journal.
CPU is utime+stime of the ingest process and of all processes of the cluster. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

from kiestoon.store.journal import SegmentWriter, pending
from tests.call_events import Event, whole_call

TICKS = os.sysconf("SC_CLK_TCK")
SMALL = 16 << 20
WORKERS = 2


def cpu_seconds(pids: list[int]) -> float:
    """utime+stime of these processes and of children they have waited for."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(fields[n]) for n in (11, 12, 13, 14))
    return total / TICKS


def cluster(run: Path) -> list[int]:
    """The postmaster and its processes."""
    pid = int((run / ".s.PGSQL.5432.lock").read_text().split()[0])
    found = [pid]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry))
    return found


def load(writers: list[SegmentWriter], rate: int, seconds: int) -> int:
    """Write `rate` calls per second of 1 s talk time, as the edge would; returns the number of calls."""
    begun = time.monotonic()
    later: list[tuple[float, Event]] = []
    made = 0
    total = rate * seconds
    while made < total or later:
        now = time.monotonic() - begun
        while made < total and made <= now * rate:
            events = whole_call(f"{time.time_ns() // 1_000_000:x}-{uuid.uuid4().hex[:12]}", _now())
            offsets = (0.0, 0.3, 1.3, 1.305)
            later += [(now + after, event) for after, event in zip(offsets, events, strict=True)]
            made += 1
        later.sort(key=lambda row: row[0])
        while later and later[0][0] <= now:
            event = later.pop(0)[1]
            writers[hash(event["c"]) % len(writers)].append({**event, "t": _now()})
        time.sleep(0.005)
    return made


def drained(directory: Path) -> float:
    """Seconds until nothing is pending."""
    begun = time.monotonic()
    while pending(directory)[0]:
        time.sleep(0.02)
    return time.monotonic() - begun


def _now() -> int:
    return time.time_ns() // 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--backlog", type=int, default=6_000)
    options = parser.parse_args()
    journal = Path(os.environ["KIESTOON_STATE"]) / "journal"
    journal.mkdir(parents=True, exist_ok=True)
    ingest = subprocess.Popen([sys.executable, "-m", "kiestoon.portal", "ingest"])
    try:
        time.sleep(3)
        result: dict[str, float] = {}
        pids = [ingest.pid, *cluster(Path(os.environ["KIESTOON_RUN"]))]
        before, at = cpu_seconds(pids), time.monotonic()
        time.sleep(10)
        result["idle_percent_of_a_core"] = 100 * (cpu_seconds(pids) - before) / (time.monotonic() - at)
        writers = [SegmentWriter(journal, SMALL, SMALL // 4) for _ in range(WORKERS)]
        own, before = cpu_seconds([ingest.pid]), cpu_seconds(pids)
        calls = load(writers, options.rate, options.seconds)
        drained(journal)
        time.sleep(1)
        result["ingest_cpu_s_per_1000"] = 1000 * (cpu_seconds([ingest.pid]) - own) / calls
        result["cpu_s_per_1000"] = 1000 * (cpu_seconds(pids) - before) / calls
        before = cpu_seconds(pids)
        for n in range(options.backlog):
            for event in whole_call(f"{time.time_ns() // 1_000_000:x}-{uuid.uuid4().hex[:12]}", _now()):
                writers[n % WORKERS].append(event)
        result["backlog_calls"] = options.backlog
        result["backlog_drained_s"] = drained(journal)
        time.sleep(1)
        result["backlog_cpu_s_per_1000"] = 1000 * (cpu_seconds(pids) - before) / options.backlog
        for writer in writers:
            writer.close()
        drained(journal)
        print(json.dumps({name: round(value, 3) for name, value in result.items()}))
    finally:
        ingest.terminate()
        ingest.wait(10)
    return 0


if __name__ == "__main__":
    sys.exit(main())
