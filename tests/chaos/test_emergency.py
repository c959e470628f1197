"""112 while things break, and what the edge remembers of who was helped when it is killed."""

from __future__ import annotations

import asyncio

import pytest

from tests.chaos.faults import kill_9, stopped
from tests.demo import Demo
from tests.scenarios.test_emergency import helped, last_call
from tests.scenarios.test_emergency_delivery import call_back, complete


@pytest.mark.parametrize("names", [("postgres",), ("portal", "jobs", "ingest"), ("postgres", "media")])
async def test_112_while_the_database_is_down(demo: Demo, names: tuple[str, ...]) -> None:
    with stopped(demo.stack, *names):
        async with demo.phone("anna", transport="tcp") as anna:
            await anna.register()
            call = await anna.call("112")
            await call.answered(within=2)
            await call.hears(1200)
            await call.hang_up()
        complete(last_call(demo, path="own"), demo, "anna")
    assert demo.cdr(call.invite.call_id, 30)["emergency_class"] == "on-site"


async def test_called_back_after_the_edge_was_killed(demo: Demo) -> None:
    """Who called with the main number is remembered over a restart."""
    main = next(c["main_number"] for c in demo.world["customers"] if c["name"] == "Bakkerij De Zon")
    async with demo.phone("chloe") as chloe, demo.phone("anna") as anna:
        await chloe.register()
        await anna.register()
        await helped(await chloe.call("112", headers={"P-Preferred-Identity": f"<sip:{main}@x>"}))
        row = last_call(demo, **{"from": main})
        await asyncio.sleep(1)  # written twice a second
        await asyncio.to_thread(kill_9, demo.stack, "edge")
        await asyncio.sleep(1)
        task = await call_back(demo, row)
        incoming = await chloe.wait_call()
        await anna.no_call(0.3)
        await incoming.answer()
        assert (await task)[1]["sip_code"] == 200
