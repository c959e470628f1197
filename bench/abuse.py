"""`./kiestoon bench abuse [--minutes 60]`: mixed abuse beside 50 calls a minute with 112 among them.

Calls before, during and after; memory of every process and of Kamailio's pools over time. Exit 1 when a call
failed, a process of the edge died, or memory grew all along.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.memory import Memory
from bench.probe import EmergencyProbe, percentile
from bench.stack import ROOT, processes
from bench.workload import with_descendants
from tests.sim.call import Unexpected
from tests.sim.phone import Phone

CALLS_A_MINUTE = 50
EVERY_NTH_112 = 5
TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss")
QUIET_SECONDS = 60.0
SAMPLE_SECONDS = 5.0
FLAT_SHARE = 0.03
"""Growth from the second to the last quarter of the abuse that counts as flat, or FLAT_KIB if more."""
FLAT_KIB = 4096


@dataclass
class Phase:
    """Figures of before, during or after."""

    name: str
    begun: float = 0.0
    ended: float = 0.0
    calls_ms: list[float] = field(default_factory=list)
    emergency_ms: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    probe: EmergencyProbe | None = None

    def row(self) -> dict[str, Any]:
        probe = self.probe
        assert probe is not None
        return {
            "phase": self.name,
            "seconds": round(self.ended - self.begun),
            "calls": len(self.calls_ms),
            "call_p50_ms": percentile(self.calls_ms, 50),
            "call_p95_ms": percentile(self.calls_ms, 95),
            "112": len(self.emergency_ms) + len(probe.setup_ms),
            "112_p50_ms": percentile(self.emergency_ms + probe.setup_ms, 50),
            "112_p95_ms": percentile(self.emergency_ms + probe.setup_ms, 95),
            "112_first_p95_ms": percentile(probe.first_ms, 95),
            "112_first_max_ms": percentile(probe.first_ms, 100),
            "failed": len(self.failed) + probe.failed,
            "udp_queue_kib": probe.queue_bytes >> 10,
        }


class Callers:
    """Anna calls Bram or 112 on each transport in turn; all phones stay registered, as phones do."""

    def __init__(self, world: dict[str, Any], ca: Path) -> None:
        users = {user["name"]: user for customer in world["customers"] for user in customer["users"]}
        self._anna, self._bram = users["Anna"], users["Bram"]
        domain = world["sip"]["domain"]
        self._called = Phone(self._bram["username"], self._bram["password"], domain, local_ip="127.0.0.8")
        self._callers = [
            Phone(
                self._anna["username"], self._anna["password"], domain,
                transport=transport, local_ip="127.0.0.7", ca_file=str(ca),
            )
            for transport in TRANSPORTS
        ]  # fmt: skip
        self._calls = 0

    async def __aenter__(self) -> Callers:
        await self._called.open()
        await self._called.register(600)
        for phone in self._callers:
            await phone.open()
        for phone in self._callers[:3]:
            await phone.register(600)
        return self

    async def __aexit__(self, *_: object) -> None:
        for phone in (self._called, *self._callers):
            await phone.close()

    async def call(self, phase: Phase) -> None:
        """One call; how long from INVITE to answer goes into the phase, or why it failed."""
        self._calls += 1
        phone = self._callers[self._calls % len(self._callers)]
        emergency = self._calls % EVERY_NTH_112 == 0
        begun = time.monotonic()
        try:
            call = await phone.call("112" if emergency else self._bram["number"])
            if not emergency:
                incoming = await self._called.wait_call(10)
                await incoming.answer()
            await call.answered(10)
            took = (time.monotonic() - begun) * 1000
            (phase.emergency_ms if emergency else phase.calls_ms).append(took)
            await asyncio.sleep(1)
            await call.hang_up()
            phone.calls.clear()
            self._called.calls.clear()
        except (Unexpected, OSError, TimeoutError) as error:
            kind = "112" if emergency else "call"
            phase.failed.append(f"{phase.name}: {kind} over {phone.transport}: {error}")
            await self._mend(phone)

    async def _mend(self, phone: Phone) -> None:
        """A connection that was lost is opened again, as a phone does."""
        with contextlib.suppress(Unexpected, OSError, TimeoutError):
            if phone.agent.flow is None or not phone.agent.flow.open:
                await phone.open()


@contextlib.contextmanager
def attacked(rate: float) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.sim.hostile.abuse", "--rate", str(rate)]
    with subprocess.Popen(command, cwd=ROOT) as attacker:
        try:
            yield
            assert attacker.poll() is None, "the attacker stopped by itself"
        finally:
            attacker.terminate()


async def measure(
    world: dict[str, Any], ca: Path, seconds: float, quiet: float = QUIET_SECONDS, rate: float = 3000
) -> dict[str, Any]:
    """Calls for `quiet` s, abuse for `seconds`, and `quiet` s again; the figures, as main prints them."""
    edge = with_descendants([processes()["edge"]])
    memory, start = Memory(), time.monotonic()
    phases = [Phase("before"), Phase("during"), Phase("after")]

    async def sampling() -> None:
        while True:
            await asyncio.to_thread(memory.sample, time.monotonic() - start)
            await asyncio.sleep(SAMPLE_SECONDS)

    async with Callers(world, ca) as callers:
        sampler = asyncio.create_task(sampling())
        for phase in phases:
            with contextlib.ExitStack() as stack:
                phase.probe = stack.enter_context(EmergencyProbe(interval=2))
                if phase.name == "during":
                    stack.enter_context(attacked(rate))
                phase.begun = time.monotonic() - start
                await _calls(callers, phase, seconds if phase.name == "during" else quiet)
                phase.ended = time.monotonic() - start
        sampler.cancel()
    during = phases[1]
    return {
        "phases": [phase.row() for phase in phases],
        "failures": [text for phase in phases for text in phase.failed],
        "memory": {name: _growth(series, during) for name, series in memory.series.items()},
        "edge_died": edge != with_descendants([processes()["edge"]]),
    }


async def _calls(callers: Callers, phase: Phase, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    running: set[asyncio.Task[None]] = set()
    while time.monotonic() < deadline:
        begun = time.monotonic()
        running = {task for task in running if not task.done()}
        if running:  # Bram has one line here: who is still ringing is waited for
            await asyncio.wait(running)
        running.add(asyncio.create_task(callers.call(phase)))
        await asyncio.sleep(max(0.0, begun + 60 / CALLS_A_MINUTE - time.monotonic()))
    if running:
        await asyncio.wait(running)


def _growth(series: Any, during: Phase) -> dict[str, Any]:
    """Medians in KiB before, in the quarters of the abuse, and after; `flat` by the last three quarters."""
    length = (during.ended - during.begun) / 4
    parts = [
        series.between(0, during.begun),
        *(series.between(during.begun + n * length, during.begun + (n + 1) * length) for n in range(4)),
        series.between(during.ended, float("inf")),
    ]
    medians = [round(statistics.median(part)) if part else None for part in parts]
    second, last = medians[2] or 0, medians[4] or 0
    return {"kib": medians, "flat": last - second <= max(FLAT_KIB, FLAT_SHARE * second)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kiestoon bench abuse", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=3000, help="requests a second in a flood")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    told = subprocess.run([str(ROOT / "kiestoon"), "demo", "--json"], capture_output=True, check=True)
    ca = Path(os.environ["KIESTOON_STATE"]) / "secrets" / "tls" / "ca.pem"
    result = asyncio.run(measure(json.loads(told.stdout), ca, options.minutes * 60, rate=options.rate))
    if options.json:
        print(json.dumps(result))
    else:
        _show(result)
    grew = [name for name, row in result["memory"].items() if not row["flat"]]
    failed = sum(row["failed"] for row in result["phases"])
    return 1 if failed or grew or result["edge_died"] else 0


def _show(result: dict[str, Any]) -> None:
    for row in result["phases"]:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    for text in result["failures"]:
        print(f"failed  {text}")
    print("memory in KiB: before, the quarters of the abuse, after")
    for name, row in result["memory"].items():
        values = "".join(f"{value if value is not None else '-':>10}" for value in row["kib"])
        print(f"{name:<22}{values}  {'flat' if row['flat'] else 'GREW'}")
    print(
        "a process of the edge died" if result["edge_died"] else "the edge has the same processes as before"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
