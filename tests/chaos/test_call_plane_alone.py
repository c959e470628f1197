"""Calls go on when everything that is not the call plane is gone, and nothing is lost."""

from __future__ import annotations

import asyncio
import time

from kiestoon.adapters.edge_rpc import EdgeRpc
from tests.chaos.faults import hung, kill_9, layout, running, stopped
from tests.demo import Demo, final
from tests.scenarios.test_calls import HIGH, LOW, connect, talk


async def test_calls_go_on_while_the_database_the_portal_and_the_jobs_are_down(demo: Demo) -> None:
    calls = []
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await bram.register()
        with stopped(demo.stack, "postgres", "portal", "jobs"):
            await anna.register()
            for _ in range(3):
                call, ringing = await connect(anna, bram, demo.number("bram"))
                await talk(call, ringing)
                await call.hang_up()
                calls.append(call)
            helped = await anna.call("112")
            await helped.answered()
            await helped.hang_up()
            calls.append(helped)
            helpline = await anna.call("106")
            await helpline.answered()
            await helpline.hang_up()
            calls.append(helpline)
    for call in calls:
        assert demo.cdr(call.invite.call_id, 20)["sip_code"] == 200


async def test_the_database_dies_in_the_middle_of_a_call(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, demo.number("bram"))
        await asyncio.to_thread(kill_9, demo.stack, "postgres")
        await talk(call, ringing)
        await call.hang_up()
    assert demo.cdr(call.invite.call_id, 20)["hung_up_by"] == "caller"


async def test_ingestion_dies_and_nothing_is_lost_or_doubled(demo: Demo) -> None:
    calls = []
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        for _ in range(4):
            call, _ = await connect(anna, bram, demo.number("bram"))
            await call.hang_up()
            calls.append(call)
            await asyncio.to_thread(kill_9, demo.stack, "ingest")
    for call in calls:
        demo.cdr(call.invite.call_id, 20)


async def test_the_edge_dies_and_calls_end_properly(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, demo.number("bram"))
        await talk(call, ringing)
        await asyncio.to_thread(kill_9, demo.stack, "edge")
        await talk(call, ringing)
        await ringing.hang_up()
        await call.ended()
        again, ringing = await connect(anna, bram, demo.number("bram"))
        await talk(again, ringing)
        await again.hang_up()
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["hung_up_by"], cdr["sip_code"]) == ("callee", 200)
    assert cdr["packets"] > 0, "the media was freed and counted"


async def test_contacts_survive_the_death_of_the_edge(demo: Demo) -> None:
    async with demo.phone("bram") as bram:
        await bram.register()
        await asyncio.to_thread(kill_9, demo.stack, "edge")
        incoming = asyncio.create_task(demo.carrier_calls_in("+32470111222", demo.number("bram")))
        call = await bram.wait_call()
        await call.answer()
        assert (await incoming)["sip_code"] == 200
        known = EdgeRpc(layout(demo.stack).run / "edge-rpc.sock").call("htable.dump", "known")
        senders = [entry["name"] for slot in known for entry in slot["slot"]]
        assert bram.agent.flow is not None
        contact = bram.agent.contact("bram", bram.agent.flow)
        assert any(f"@{sender}" in contact for sender in senders), "overload would put Bram off"


async def test_the_edge_starts_without_the_database(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        with stopped(demo.stack, "postgres"):
            await asyncio.to_thread(kill_9, demo.stack, "edge")
            await anna.register()
            call = await anna.call("0470123456")
            await call.answered()
            await call.hang_up()
    demo.cdr(call.invite.call_id, 20)


async def test_112_while_the_media_relay_is_down(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        with stopped(demo.stack, "media"):
            call = await anna.call("112", tone=LOW)
            await call.answered(within=2)
            await call.hears(1200)
            await call.hang_up()
            refused = await anna.call("0470123456")
            assert await final(refused) == 503
    assert demo.cdr(call.invite.call_id)["emergency_class"] == "on-site"


async def test_112_while_the_media_relay_hangs(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        with hung(demo.stack, "media"):
            begun = time.monotonic()
            call = await anna.call("112", tone=LOW)
            await call.answered(within=3)
            assert time.monotonic() - begun < 1.5
            await call.hears(1200)
            await call.hang_up()
    running(demo.stack, "media")
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        await asyncio.sleep(2.5)  # the edge tries a media relay that failed again after two seconds
        call, ringing = await connect(anna, bram, demo.number("bram"))
        await talk(call, ringing)
        await call.hang_up()
        assert HIGH


async def test_a_call_whose_bye_never_comes_is_closed_and_marked(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, demo.number("bram"))
        await talk(call, ringing)
        anna.vanish()
        bram.vanish()
    await asyncio.to_thread(kill_9, demo.stack, "media")
    cdr = await asyncio.to_thread(demo.cdr, call.invite.call_id, 80)
    assert cdr["hung_up_by"] == "system"
