"""`./kiestoon bench budget`: the whole path of a call at rising rates, and again with something broken.

W2 of the bench beside an emergency call every half second: set-up times, failures, the edge's UDP queue.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.probe import EmergencyProbe
from bench.stack import processes, service
from bench.workload import cpu_seconds, hung, run, with_descendants

RATES = (100, 400, 600)
SECONDS = 15
PORTED_ROWS = 3_000_000


@contextlib.contextmanager
def nothing() -> Iterator[None]:
    yield


@contextlib.contextmanager
def media_hung() -> Iterator[None]:
    """rtpengine stopped by SIGSTOP: each call but an emergency call is refused."""
    with hung(with_descendants([processes()["media"]])):
        yield


@contextlib.contextmanager
def disk_full() -> Iterator[None]:
    """The file system of the journal has no byte left; only the preallocated reserve is written."""
    state = Path(os.environ["KIESTOON_STATE"])
    journal = state / "journal"
    free = os.statvfs(journal)
    if free.f_bavail * free.f_frsize > 4 << 30:
        raise RuntimeError(
            f"{journal} has more than 4 GiB free: run this with KIESTOON_STATE on a small disk"
        )
    filler = state / "filler"
    with filler.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
            file.flush()
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def ported_published() -> Iterator[None]:
    """Three million ported numbers are being written to the routing store meanwhile."""
    publisher = subprocess.Popen(service("bench.ported", str(PORTED_ROWS)))
    try:
        yield
    finally:
        publisher.terminate()
        publisher.wait()
        subprocess.run(service("bench.ported", str(PORTED_ROWS), "--remove"), check=True)


FAULTS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "none": nothing,
    "media-hung": media_hung,
    "ported": ported_published,
    "disk-full": disk_full,
}


def measure(rate: int, fault: str) -> dict[str, Any]:
    """One row: W2 at `rate` under `fault`."""
    pids = with_descendants(pid for name, pid in processes().items() if not name.startswith("sim-"))
    before = cpu_seconds(pids)
    with FAULTS[fault](), EmergencyProbe() as probe:
        row = run("w2", pids, rate, rate * SECONDS)
    return {
        "rate": rate,
        "fault": fault,
        "cpu_s_per_1000": row["cpu_s_per_1000"],
        "cpu_s": round(cpu_seconds(pids) - before, 1),
        "success": row["success"],
        "setup_p99_ms": row["setup_ms"].get("p99"),
        "emergency_calls": len(probe.setup_ms),
        "emergency_failed": probe.failed,
        "emergency_p50_ms": probe.percentile(50),
        "emergency_p99_ms": probe.percentile(99),
        "udp_queue_kib": probe.queue_bytes // 1024,
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kiestoon bench budget", description=__doc__)
    parser.add_argument("--rates", default=",".join(map(str, RATES)))
    parser.add_argument("--faults", default="none,media-hung,ported", help=", ".join(FAULTS))
    options = parser.parse_args(arguments)
    run("regcallees", [], 200, 1000)
    bad = 0
    for fault in options.faults.split(","):
        for rate in map(int, options.rates.split(",")):
            row = measure(rate, fault)
            bad += row["emergency_failed"]
            print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
            time.sleep(3)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
