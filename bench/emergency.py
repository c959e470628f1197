"""`./kiestoon bench emergency`: 112 while the stack is overloaded and something of it is broken.

The stack is confined to one core and its load to the other, at three times what it can carry, measured first.
Under each fault so many people dial 112 over TCP: how many reach a centre, and how long that takes. Pairs of
faults have fewer calls. Writes JSON, a Markdown table and an SVG plot. Exit 1 when a call was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from bench import emergency_faults as faults
from bench.callers import Tally, dial
from bench.centre import Centre
from bench.cores import confined
from bench.emergency_load import Capacity, loaded, measure_capacity, registered
from bench.plot import bars
from bench.probe import percentile

CALLS, PAIR_CALLS, UNLOADED_CALLS = 10_000, 200, 1_000
RATE = 50.0
TIMES = 3.0
GOAL_MS = 250.0
SETTLE_SECONDS = 12.0
"""A path is dead before people dial: by then the edge has asked it and had no answer."""

Fault = Callable[[], AbstractContextManager[None]]


def measure(
    names: Sequence[str], calls: int, rate: float, load: AbstractContextManager[dict[str, float]]
) -> dict[str, Any]:
    """One row: `calls` people dial 112 at `rate` a second under the load while the faults last."""
    centre = Centre(
        silent={faults.SILENT[name] for name in names if name in faults.SILENT},
        down={faults.DOWN[name] for name in names if name in faults.DOWN},
    )

    async def run() -> tuple[Tally, float]:
        async with centre:
            if centre.silent or centre.down:
                await asyncio.sleep(SETTLE_SECONDS)
            begun = time.monotonic()
            return await dial(calls, rate), time.monotonic() - begun

    lookups = faults.failed_lookups()
    with ExitStack() as stack:
        ordinary = stack.enter_context(load)
        for name in names:
            stack.enter_context(faults.FAULTS[name]())
        tally, seconds = asyncio.run(run())
    return {
        "name": " + ".join(names) or "nothing broken",
        "faults": list(names),
        "calls": tally.sent,
        "reached": len(tally.setup_ms),
        "failed": sorted(set(tally.failed)),
        "p50_ms": percentile(tally.setup_ms, 50),
        "p99_ms": percentile(tally.setup_ms, 99),
        "max_ms": percentile(tally.setup_ms, 100),
        "invites_again": tally.again,
        "by_partner": sum(path == "partner" for path in centre.calls.values()),
        "with_name_and_place": len(centre.complete),
        "arrived": len(centre.calls),
        "names_looked_up": faults.lookups_since(lookups),
        "ordinary_a_second": ordinary,
        "seconds": round(seconds, 1),
    }


def combinations(present: Sequence[str], pairs: bool) -> Iterator[tuple[str, ...]]:
    """Each fault alone, and each two that can be together."""
    for name in present:
        yield (name,)
    if pairs:
        for two in itertools.combinations(present, 2):
            if frozenset(two) not in faults.EXCLUDE_EACH_OTHER:
                yield two


def run_all(
    calls: int,
    pair_calls: int,
    rate: float,
    *,
    pairs: bool = True,
    only: Sequence[str] = (),
    capacity: Capacity | None = None,
    say: Callable[[dict[str, Any]], None] = lambda row: None,
) -> dict[str, Any]:
    """The whole series: unloaded, loaded, each fault, and pairs; `capacity` is measured when not given."""
    present = [name for name in only or faults.FAULTS if faults.is_there(name)]
    rows: list[dict[str, Any]] = []

    def add(
        names: Sequence[str], count: int, load: AbstractContextManager[dict[str, float]], title: str = ""
    ) -> None:
        row = measure(names, count, rate, load)
        row["name"] = title or row["name"]
        rows.append(row)
        say(row)

    with confined() as (core, generators), faults.centre_switched_off():
        registered()
        quiet = min(calls, UNLOADED_CALLS)
        add((), quiet, contextlib.nullcontext({}), "no load")
        found = capacity or measure_capacity()
        offered = TIMES * found.calls_a_second
        add((), calls, loaded(offered))
        for names in combinations(present, pairs):
            add(names, calls if len(names) == 1 else pair_calls, loaded(offered))
    return {
        "core_of_the_stack": core,
        "cores_of_the_generators": generators,
        "capacity": found._asdict(),
        "offered_calls_a_second": offered,
        "emergency_calls_a_second": rate,
        "not_there": [name for name in only or faults.FAULTS if name not in present],
        "goal_ms": GOAL_MS,
        "rows": rows,
    }


def markdown(result: dict[str, Any]) -> str:
    """The table of a result; `goal` is p99 against that without load."""
    rows = result["rows"]
    base = rows[0]["p99_ms"] or 0.0
    lines = [
        "| broken | calls | reached | p50 ms | p99 ms | longest ms | p99 over unloaded | INVITE again |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        over = "–" if row["p99_ms"] is None else f"{row['p99_ms'] - base:+.0f}"
        figures = " | ".join(str(row[key]) for key in ("p50_ms", "p99_ms", "max_ms"))
        counts = f"{row['name']} | {row['calls']} | {row['reached']}"
        lines.append(f"| {counts} | {figures} | {over} | {row['invites_again']} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kiestoon bench emergency", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, help="112 calls under each fault")
    parser.add_argument("--pair-calls", type=int, default=PAIR_CALLS)
    parser.add_argument("--rate", type=float, default=RATE, help="112 calls a second")
    parser.add_argument("--no-pairs", action="store_true")
    parser.add_argument("--only", default="", help=f"of: {', '.join(faults.FAULTS)}")
    parser.add_argument("--folder", type=Path, default=Path("bench-emergency"), help="for the results")
    options = parser.parse_args(arguments)
    result = run_all(
        options.calls,
        options.pair_calls,
        options.rate,
        pairs=not options.no_pairs,
        only=[name for name in options.only.split(",") if name],
        say=lambda row: print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True),
    )
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "emergency.json").write_text(json.dumps(result, indent=1) + "\n")
    (options.folder / "emergency.md").write_text(markdown(result))
    offered = result["offered_calls_a_second"]
    title = f"112 beside {offered:.0f} calls a second, {TIMES:g} times what one core carries"
    (options.folder / "emergency.svg").write_text(bars(title, result["rows"]))
    print(markdown(result))
    return 1 if any(row["reached"] < row["calls"] for row in result["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
