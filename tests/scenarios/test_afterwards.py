"""What happens around a 112 call: who learns of it at once, who never does, and what the databases have."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.demo import Demo, http

CONTACT = "nacht@demo.kiestoon.test"


def letters(demo: Demo) -> list[dict[str, Any]]:
    """What the simulated mail server took."""
    rows: list[dict[str, Any]] = http("GET", demo.world["simulators"]["mail_log"] + "/messages")[1]
    return rows


async def test_ours_learn_of_a_112_call_while_it_is_going_on(demo: Demo) -> None:
    before = len(letters(demo))
    async with demo.phone("anna") as anna:
        await anna.register()
        begun = time.monotonic()
        call = await anna.call("112")
        await call.answered(within=8)
        while len(letters(demo)) == before:
            assert time.monotonic() - begun < 8, "nobody was told"
            await asyncio.sleep(0.1)
        took = time.monotonic() - begun
        assert not call.is_ended
        await call.hang_up()
    (letter,) = letters(demo)[before:]
    print(f"told {took:.1f} s after the INVITE")
    assert letter["to"] == [CONTACT]
    assert "Anna" in letter["text"]
    assert "101" in letter["text"]
    row = demo.cdr(call.invite.call_id)
    assert row["emergency_class"] == "on-site"
    for role in ("admin", "support", "customer-admin"):
        assert demo.api("GET", f"/calls/{row['call_id']}", role=role)[0] == 404
    alerts = demo.api("GET", "/health")[1]
    assert "emergency-call" in str(alerts)


async def test_1813_leaves_no_trace_for_the_employer(demo: Demo) -> None:
    before = len(letters(demo))
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("1813")
        await call.answered(within=8)
        await call.hang_up()
    row = demo.cdr(call.invite.call_id)
    assert row["emergency_class"] == "remote"
    await asyncio.sleep(3)
    assert len(letters(demo)) == before
    assert demo.api("GET", f"/calls/{row['call_id']}", role="customer-admin")[0] == 404
    listed = demo.api("GET", "/calls", role="customer-admin")[1]["items"]
    assert row["call_id"] not in {one["call_id"] for one in listed}


def test_a_dead_number_database_delays_and_loses_nothing(demo: Demo) -> None:
    """A number that begins and one that ends while it is away are both told when it is back."""
    url = f"{demo.world['simulators']['number_database']}/v1/records/%2B32380801"
    customer = next(one for one in demo.api("GET", "/customers")[1]["items"] if one["name"] == "Kontor Meyer")
    give = {"e164": "+3238080150", "customer_id": customer["id"]}
    assert demo.api("POST", "/numbers", give)[0] == 201
    demo.stack.cli("number-database", "feed")
    assert http("GET", f"{url}50")[1]["municipality"] == "Eupen"
    demo.switch("number_database", "off")
    try:
        assert demo.api("DELETE", "/numbers/+3238080150")[0] == 204
        assert demo.api("POST", "/numbers", give | {"e164": "+3238080151"})[0] == 201
        demo.stack.cli("number-database", "feed")
        assert demo.stack.json("number-database", "status")["waiting"] == "status 503"
    finally:
        demo.switch("number_database", "on")
    demo.stack.cli("number-database", "feed")
    assert http("GET", f"{url}50")[0] == 404
    assert http("GET", f"{url}51")[1]["company"] == "Kontor Meyer"
    assert demo.api("DELETE", "/numbers/+3238080151")[0] == 204
    demo.stack.cli("number-database", "feed")
    assert demo.stack.json("number-database", "compare")["differences"] == []
