"""More requests than the edge can serve: strangers are put off, calls and 112 keep their setup times."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bench.probe import EmergencyProbe, percentile
from kiestoon.stack.private import ROOT
from tests.demo import Demo
from tests.scenarios.hostile import edge_lives, fresh_source
from tests.sim.phone import Phone

SECONDS = 8
RATE = 100_000
"""More than a core can send: the flood is as fast as its sender."""


@contextlib.asynccontextmanager
async def flooded(method: str, sources: list[str]) -> AsyncIterator[dict[str, Any]]:
    """A flood by another process; what came back is filled in at the end."""
    arguments = ("-m", "tests.sim.hostile.flood", method, str(RATE), str(SECONDS), *sources)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    found: dict[str, Any] = {}
    try:
        await asyncio.sleep(1)
        yield found
    finally:
        output, _ = await process.communicate()
        found.update(json.loads(output or b"{}"))


async def set_up(anna: Phone, bram: Phone, number: str) -> float:
    """Milliseconds from INVITE to answer."""
    begun = time.monotonic()
    call = await anna.call(number)
    incoming = await bram.wait_call()
    await incoming.answer()
    await call.answered()
    took = time.monotonic() - begun
    await call.hang_up()
    await incoming.ended()
    return took * 1000


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "INVITE"])
async def test_a_flood_from_many_addresses_puts_strangers_off(demo: Demo, method: str) -> None:
    sources = [fresh_source() for _ in range(400)]
    calls: list[float] = []
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        with edge_lives(demo), EmergencyProbe(interval=0.4) as probe:
            async with flooded(method, sources) as flood:
                begun = time.monotonic()
                while time.monotonic() - begun < SECONDS - 3:
                    calls.append(await set_up(anna, bram, demo.number("bram")))
            await anna.register()
    print(
        f"{method}: sent {flood['sent']}, answered {flood['answers']}; calls {len(calls)} "
        f"p50 {percentile(calls, 50)} max {max(calls):.0f} ms; 112 {len(probe.setup_ms)} "
        f"p50 {probe.percentile(50)} max {probe.percentile(100)} ms, first answer p50 "
        f"{percentile(probe.first_ms, 50)} max {percentile(probe.first_ms, 100)} ms"
    )
    put_off = flood["answers"].get("503", 0)
    if sum(flood["answers"].values()) < 0.99 * flood["sent"]:  # else the edge had time for everybody
        assert put_off > 100, "strangers were lost in the queue, not put off"
    assert flood["retry_after"] == put_off
    assert probe.failed == 0
    assert (percentile(probe.first_ms, 50) or 0) < 50, "the queue stands before 112"
    assert (percentile(calls, 50) or 0) < 500


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "INVITE"])
async def test_a_flood_from_one_address_is_banned_within_a_second(demo: Demo, method: str) -> None:
    source = fresh_source()
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        with edge_lives(demo), EmergencyProbe(interval=0.4) as probe:
            async with flooded(method, [source]) as flood:
                calls = [await set_up(anna, bram, demo.number("bram")) for _ in range(5)]
    answered = sum(flood["answers"].values())
    assert answered < 5000 < flood["sent"]
    assert probe.failed == 0
    assert (percentile(calls, 50) or 0) < 500
    demo.api("DELETE", f"/bans/{source}")
