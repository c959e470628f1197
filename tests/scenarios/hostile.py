"""What every hostile scenario asks afterwards and meanwhile: does the edge live, do calls go through?"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Iterator

from tests.chaos.faults import family
from tests.demo import Demo
from tests.sim.hostile.wire import TRANSPORTS
from tests.sim.phone import Phone

_sources = itertools.count(1)


def fresh_source() -> str:
    """An address nobody has used yet in this run: what it does is held against no other test."""
    number = next(_sources)
    return f"127.{20 + number // 60_000}.{number // 250 % 240 + 1}.{number % 250 + 1}"


@contextlib.contextmanager
def edge_lives(demo: Demo) -> Iterator[None]:
    """The same processes before and after: nobody crashed and was started again."""
    edge = demo.stack.pid("edge")
    before = family(edge)
    yield
    assert demo.stack.pid("edge") == edge, "the edge died"
    assert family(edge) == before, "a worker of the edge died"


async def registered(phone: Phone) -> None:
    """A stranger may be put off while there is more than the edge can serve; it comes again."""
    for _ in range(20):
        answer = await phone.try_register()
        if answer.code == 200:
            return
        assert answer.code == 503, answer.code
        await asyncio.sleep(0.5)
    raise AssertionError("put off for ten seconds")


async def call_on(demo: Demo, transport: str) -> tuple[float, float]:
    """A phone registers over this transport, calls Bram and 112; seconds until each was answered."""
    async with demo.phone("bram") as bram, demo.phone("anna", transport=transport) as anna:
        await registered(bram)
        await registered(anna)
        begun = time.monotonic()
        call = await anna.call(demo.number("bram"))
        incoming = await bram.wait_call()
        await incoming.answer()
        await call.answered()
        normal = time.monotonic() - begun
        await call.hang_up()
        begun = time.monotonic()
        emergency = await anna.call("112")
        await emergency.answered()
        urgent = time.monotonic() - begun
        await emergency.hang_up()
        return normal, urgent


async def all_is_well(demo: Demo) -> None:
    """Ordinary and emergency calls on every transport."""
    for transport in TRANSPORTS:
        await call_on(demo, transport)


async def meanwhile(demo: Demo, abuse: Callable[[], None]) -> None:
    """`abuse` runs in a thread; calls on every transport go through until it ends, and after."""
    running = asyncio.create_task(asyncio.to_thread(abuse))
    while not running.done():
        await all_is_well(demo)
    await running
    await all_is_well(demo)
