"""What is off is said to be off, by API, alerts and probe; and when it is back, that too."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from kiestoon.domain.health.checks import MOST_GAP
from tests.chaos.faults import hung, stopped
from tests.demo import Demo, http
from tests.scenarios.test_calls import LOW


def health(demo: Demo) -> dict[str, Any]:
    status, answer = demo.api("GET", "/health", role="network")
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def state(demo: Demo, kind: str, subject: str = "") -> str:
    rows = health(demo)["findings"]
    return next((row["state"] for row in rows if (row["kind"], row["subject"]) == (kind, subject)), "missing")


def alerts(demo: Demo) -> set[tuple[str, str]]:
    return {(row["kind"], row["subject"]) for row in health(demo)["alerts"]}


async def until(demo: Demo, true: Any, seconds: float) -> None:
    await asyncio.to_thread(demo.until, true, seconds)


def trunk_id(demo: Demo, name: str) -> str:
    rows = demo.api("GET", "/trunks")[1]["items"]
    return str(next(row["trunk_id"] for row in rows if row["name"] == name))


async def test_a_carrier_that_is_off_is_seen_and_alerts_until_a_call_goes_through(demo: Demo) -> None:
    carrier = trunk_id(demo, "national carrier")
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("0470123456")
        await call.answered()
        await call.hang_up()
        await until(demo, lambda: state(demo, "trunk-unreachable", carrier) == "ok", 10)
        demo.switch("national_carrier", "off")
        try:
            for _ in range(2):
                tried = await anna.call("0470123456")
                await tried.answered(within=20)  # the other carrier took over
                await tried.hang_up()
            await until(demo, lambda: state(demo, "trunk-unreachable", carrier) == "bad", 10)
            await until(demo, lambda: ("trunk-unreachable", carrier) in alerts(demo), 45)
        finally:
            demo.switch("national_carrier", "on")
        call = await anna.call("0470123456")
        await call.answered()
        await call.hang_up()
    await until(demo, lambda: state(demo, "trunk-unreachable", carrier) == "ok", 10)
    await until(demo, lambda: ("trunk-unreachable", carrier) not in alerts(demo), 45)


async def test_a_relay_that_is_off_is_seen_and_alerts(demo: Demo) -> None:
    with stopped(demo.stack, "media"):
        await until(demo, lambda: state(demo, "process-down", "media") == "bad", 10)
        await until(demo, lambda: ("process-down", "media") in alerts(demo), 60)
        assert http("GET", "http://localhost:8000/health") == (200, {"status": "down"})
    await until(demo, lambda: state(demo, "process-down", "media") == "ok", 10)


async def test_a_relay_that_hangs_is_seen_and_the_call_is_followed_to_it(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        with hung(demo.stack, "media"):
            call = await anna.call("112", tone=LOW)
            await call.answered(within=3)
            await until(demo, lambda: state(demo, "process-down", "media") == "bad", 10)
            await call.hang_up()
    demo.cdr(call.invite.call_id)
    rows = json.loads(demo.stack.cli("follow", call.invite.call_id, "--json").stdout)["rows"]
    assert ("edge", "log:media-relay-silent") in {(row["source"], row["what"]) for row in rows}


def test_a_database_that_is_off_is_seen_and_told_afterwards(demo: Demo) -> None:
    """No coroutine: it takes longer than a story may."""

    async def call_out() -> str:
        async with demo.phone("anna") as anna:
            await anna.register()
            call = await anna.call("0470123456")
            await call.answered()
            await call.hang_up()
            return call.invite.call_id

    def probe() -> int:
        return http("GET", "http://localhost:8000/health")[0]

    with stopped(demo.stack, "postgres"):
        begun = time.monotonic()
        demo.until(lambda: probe() == 503, 15)
        assert demo.api("GET", "/health", role="network")[0] == 503
        sip_call_id = asyncio.run(call_out())
        followed = json.loads(demo.stack.cli("follow", sip_call_id, "--json").stdout)
        assert followed["missing"] == ["postgres"]
        assert followed["rows"][0]["what"] == "attempt"
        time.sleep(max(0.0, MOST_GAP.total_seconds() + 5 - (time.monotonic() - begun)))
    demo.until(lambda: probe() == 200, 15)
    demo.until(lambda: state(demo, "database-trouble") == "ok", 30)
    demo.until(lambda: ("not-measured", "") in alerts(demo), 60)
    demo.until(lambda: ("not-measured", "") not in alerts(demo), 60)
    demo.cdr(sip_call_id, 20)
