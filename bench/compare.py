"""`./kiestoon bench`: the whole series against the running stack, printed beside the peer's figures.

Counts every process of ours (PostgreSQL included, simulators and sipp excluded), the idle share, and how
long ingestion takes to catch up. Needs root (sipp plays RTP through raw sockets).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from bench.stack import drained, processes
from bench.workload import cpu_seconds, run, with_descendants

PEER = {
    ("w1", 100): 1.18,
    ("w1", 200): 0.81,
    ("w1", 400): 0.64,
    ("w2", 50): 5.78,
    ("w2", 100): 4.76,
    ("w3", 20): 12.2,
    ("w3", 50): 10.0,
    ("w4", 50): 0.224,
    ("w4", 100): 0.216,
    ("w4srtp", 50): 0.474,
    ("w4srtp", 100): 0.474,
}
"""Asterisk 22.10.1, medians of 2026-11-23 on the same kind of machine: bench/peer-asterisk.md."""
REACH = {("w1", 200): 0.5, ("w2", 100): 3.0, ("w4", 100): 0.13, ("w4srtp", 100): 0.15}
SERIES: list[tuple[str, float, int]] = [
    ("w1", 100, 2000),
    ("w1", 200, 2000),
    ("w1", 400, 2000),
    ("regcallees", 200, 1000),
    ("w2", 50, 1000),
    ("w2", 100, 2000),
    ("w2", 300, 4500),
    ("w2", 500, 7500),
    ("w2", 600, 9000),
    ("w3", 20, 400),
    ("w3", 50, 1000),
    ("w4", 10, 50),
    ("w4", 10, 100),
    ("w4srtp", 10, 50),
    ("w4srtp", 10, 100),
]
QUICK: list[tuple[str, float, int]] = [("w1", 200, 1000), ("regcallees", 200, 1000), ("w2", 100, 500)]


def our_processes() -> list[int]:
    """Every process of ours: PostgreSQL included, simulators not."""
    return with_descendants(pid for name, pid in processes().items() if not name.startswith("sim-"))


def idle_share(pids: list[int], seconds: float = 20) -> float:
    """Share of one core all our processes use when nothing happens."""
    before = cpu_seconds(pids)
    time.sleep(seconds)
    return (cpu_seconds(pids) - before) / seconds


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kiestoon bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a reduced series")
    parser.add_argument("--only", help="rows of the series, for example w1:200,w2:100", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    pids = our_processes()
    idle = idle_share(pids)
    rows: list[dict[str, Any]] = []
    wanted = options.only.split(",") if options.only else []
    for name, rate, calls in QUICK if options.quick else SERIES:
        size = calls if name.startswith("w4") else rate
        if wanted and name != "regcallees" and f"{name}:{size:g}" not in wanted:
            continue
        row = run(name, with_descendants(our_processes()), rate, calls)
        row["drain_s"] = drained()
        rows.append(row)
        if not options.json:
            print(_line(row), flush=True)
    if options.json:
        print(json.dumps({"idle_share": round(idle, 4), "rows": rows}))
    else:
        print(f"idle: {idle * 100:.1f} % of one core")
    return 0 if all(row["success"] == 1 for row in rows) else 1


def _line(row: dict[str, Any]) -> str:
    name = row["workload"]
    size = row["calls"] if name.startswith("w4") else row["rate"]
    cost = row.get("cpu_s_per_call_minute", row.get("cpu_s_per_1000"))
    peer, reach = PEER.get((name, size)), REACH.get((name, size))
    setup = row["setup_ms"]
    drain = "over 60" if row["drain_s"] is None else f"{row['drain_s']:.1f}"
    return (
        f"{name:10} {size:>5g}  cost {cost:<7} peer {peer or '-':<6} reach {reach or '-':<5} "
        f"success {row['success']:.4f}  set-up p50/p99 {setup.get('p50', '-')}/{setup.get('p99', '-')} ms  "
        f"ingested after {drain} s  {row['memory_kib'] // 1024} MiB"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
