"""The attendant is killed or hangs: calls are refused at once, as decided; no other call notices."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from tests.chaos.faults import hung, kill_9, running, stopped
from tests.demo import Demo, final
from tests.scenarios.test_announcements import NOBODY
from tests.scenarios.test_calls import connect, talk
from tests.sim.call import Unexpected


async def test_without_an_attendant_numbers_nobody_has_are_refused_at_once(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        with stopped(demo.stack, "attendant"):
            refused = []
            for _ in range(5):
                began = time.monotonic()
                call = await anna.call(NOBODY)
                assert await final(call) == 404
                assert time.monotonic() - began < 0.5
                refused.append(call)
            read_back = await anna.call("*55")
            assert await final(read_back) == 480
            call, ringing = await connect(anna, bram, demo.number("bram"))
            await talk(call, ringing)
            await call.hang_up()
            helped = await anna.call("112")
            await helped.answered()
            await helped.hang_up()
        assert anna.violations == []
    for call in refused:
        cdr = demo.cdr(call.invite.call_id)
        assert (cdr["sip_code"], cdr["hung_up_by"]) == (404, "system")


async def test_an_attendant_that_hangs_holds_nobody_longer_than_a_second(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        with hung(demo.stack, "attendant"):
            began = time.monotonic()
            calls = [await anna.call(NOBODY) for _ in range(5)]
            assert [await final(call) for call in calls] == [404] * 5
            assert time.monotonic() - began < 2.5
        call = await anna.call(NOBODY)
        await call.hears_speech()
        assert await final(call) == 404


async def test_the_attendant_dies_in_the_middle_of_what_it_says(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        early, answered = await anna.call(NOBODY), await anna.call("*55")
        await early.hears_speech()
        await answered.answered()
        await asyncio.to_thread(kill_9, demo.stack, "attendant")
        assert await final(early, within=16) == 404
        with pytest.raises(Unexpected, match="BYE was answered 481"):
            await answered.hang_up()
        again = await anna.call(NOBODY)
        await again.hears_speech()
        assert await final(again) == 404
    assert demo.cdr(early.invite.call_id)["hung_up_by"] == "system"
    assert demo.cdr(answered.invite.call_id)["hung_up_by"] == "caller"


async def test_told_to_stop_it_ends_what_it_says(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        early, answered = await anna.call(NOBODY), await anna.call("*55")
        await early.hears_speech()
        await answered.answered()
        os.kill(demo.stack.pid("attendant"), signal.SIGTERM)
        began = time.monotonic()
        assert await final(early) == 404
        packets = early.media.received
        await answered.ended(8)
        assert answered.ended_by == "remote"
        assert time.monotonic() - began < 7
        assert packets > 90, "the announcement was said to its end"
        await asyncio.to_thread(running, demo.stack, "attendant")
        assert anna.violations == []
