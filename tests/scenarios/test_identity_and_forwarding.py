"""Who is shown, where calls are forwarded to, and which calls people are spared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.demo import Demo, final, was_cancelled

MOBILE = "+32470555666"


@asynccontextmanager
async def settings(demo: Demo, who: str, **fields: Any) -> AsyncIterator[None]:
    """The user's settings for the length of a story."""
    before = demo.api("GET", f"/users/{demo.users[who]['username']}")[1]
    await asyncio.to_thread(demo.set_user, who, **fields)
    try:
        yield
    finally:
        await asyncio.to_thread(demo.set_user, who, **{name: before[name] for name in fields})


def forward(condition: str, target: str) -> list[dict[str, str]]:
    return [{"condition": condition, "target": target}]


async def test_forwarded_always_to_a_mobile_shows_the_original_caller(demo: Demo) -> None:
    async with settings(demo, "bram", forwarding=forward("always", MOBILE)):
        answer = await demo.carrier_calls_in("+32499000001", demo.number("bram"))
        assert answer["sip_code"] == 200
    received = demo.carrier_calls()[0]
    assert received["dialled"] == MOBILE
    assert received["from"] == "+32499000001"
    assert demo.number("bram") in received["diversion"]
    assert "unconditional" in received["diversion"]


async def test_forwarded_when_busy(demo: Demo) -> None:
    async with settings(demo, "bram", forwarding=forward("busy", MOBILE)):
        async with demo.phone("bram") as bram:
            await bram.register()
            incoming = asyncio.create_task(demo.carrier_calls_in("+32499000002", demo.number("bram")))
            call = await bram.wait_call()
            await call.reject(486)
            assert (await incoming)["sip_code"] == 200
    received = demo.carrier_calls()[0]
    assert "user-busy" in received["diversion"]


async def test_forwarded_when_nobody_answers(demo: Demo) -> None:
    async with settings(demo, "bram", forwarding=forward("no-answer", demo.number("chloe")), ring_seconds=5):
        async with demo.phone("bram") as bram, demo.phone("chloe") as chloe:
            await bram.register()
            await chloe.register()
            incoming = asyncio.create_task(
                demo.carrier_calls_in("+32499000003", demo.number("bram"), tone=440)
            )
            first = await bram.wait_call()
            await first.ring()
            second = await chloe.wait_call(within=10)
            await was_cancelled(first)
            assert demo.number("bram") in second.invite.headers.get("Diversion")
            assert "+32499000003" in second.invite.headers.get("P-Asserted-Identity")
            await second.answer(tone=880)
            await second.hears(440)
            assert (await incoming)["sip_code"] == 200


async def test_forwarded_when_no_device_is_registered(demo: Demo) -> None:
    async with settings(demo, "bram", forwarding=forward("unreachable", MOBILE)):
        answer = await demo.carrier_calls_in("+32499000004", demo.number("bram"))
        assert answer["sip_code"] == 200
    assert "unavailable" in demo.carrier_calls()[0]["diversion"]


async def test_a_withheld_number_is_withheld(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call = await anna.call(demo.number("bram"), headers={"Privacy": "id"})
        ringing = await bram.wait_call()
        text = ringing.invite.encode().decode()
        head = text.split("\r\n\r\n")[0]
        identity = [
            line
            for line in head.split("\r\n")
            if line.lower().startswith(("from:", "p-asserted", "remote-party"))
        ]
        assert demo.number("anna") not in "".join(identity)
        assert demo.users["anna"]["username"] not in "".join(identity)
        await call.cancel()
        outside = await anna.call("0470999888", headers={"Privacy": "id"})
        await outside.answered()
        await outside.hang_up()
    received = demo.carrier_calls()[0]
    assert "id" in received["privacy"]
    assert received["p_asserted_identity"] == demo.number("anna")
    assert demo.number("anna") not in dict(received["headers"])["From"]


async def test_a_withheld_number_stays_so_in_the_called_customers_records(demo: Demo) -> None:
    """A PBX is given the number with the wish to hide it: its customer's record must not show it either."""
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("#31#+3281880211")
        await call.answered()
        await call.hang_up()
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["withheld"], cdr["cli"]) == (True, demo.number("anna"))
    assert demo.api("GET", f"/calls/{cdr['call_id']}")[1]["from"] == demo.number("anna")


async def test_when_it_rang_and_why_a_stage_ended_is_recorded(demo: Demo) -> None:
    """Bram's phone rings and says busy; the mobile it forwards to answers."""
    async with (
        settings(demo, "bram", forwarding=forward("busy", MOBILE)),
        demo.phone("anna") as anna,
        demo.phone("bram") as bram,
    ):
        await anna.register()
        await bram.register()
        call = await anna.call("*102")
        ringing = await bram.wait_call()
        await ringing.ring()
        await ringing.reject(486)
        await call.answered()
        await call.hang_up()
    cdr = demo.cdr(call.invite.call_id)
    events = demo.stack.json("explain", "--call", cdr["call_id"])["events"]
    attempt, stage = (next(e for e in events if e["event"] == kind) for kind in ("attempt", "stage"))
    assert attempt["users"] == [demo.users["bram"]["username"]]
    assert stage["code"] == 486
    assert isinstance(stage["rang"], int)


async def test_a_number_the_customer_does_not_hold_is_not_shown(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("0470999887", headers={"P-Preferred-Identity": "<sip:+3225550000@x.test>"})
        await call.answered()
        await call.hang_up()
    assert demo.carrier_calls()[0]["from"] == demo.number("anna")
    cdr = demo.cdr(call.invite.call_id)
    assert any(r["step"] == "cli-guard" and r["result"] == "replaced" for r in cdr["reasons"])


async def test_a_blocked_caller_is_refused(demo: Demo) -> None:
    demo.set_customer("Bakkerij De Zon", blocked=["+32470666777"])
    try:
        answer = await demo.carrier_calls_in("+32470666777", demo.number("anna"))
        assert answer["sip_code"] == 603
    finally:
        demo.set_customer("Bakkerij De Zon", blocked=[])


async def test_who_rejects_anonymous_calls_is_spared_them(demo: Demo) -> None:
    async with settings(demo, "bram", reject_anonymous=True):
        answer = await demo.carrier_calls_in("+32470666778", demo.number("bram"), anonymous=True)
        assert answer["sip_code"] == 433


async def test_third_party_forwarding_stops_on_request(demo: Demo) -> None:
    async with settings(demo, "bram", stop_forwarding=True):
        answer = await demo.carrier_calls_in("+32470666779", demo.number("bram"), diversion="+3225551111")
        assert answer["sip_code"] == 603


@pytest.mark.parametrize(("kind", "dialled"), [("mobile", "0470999777"), ("premium", "090012345")])
async def test_barred_calls_are_refused_within_a_second_of_the_change(
    demo: Demo, kind: str, dialled: str
) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        async with settings(demo, "anna", barred=[kind]):
            call = await anna.call(dialled)
            assert await final(call) == 403
        assert any(r["step"] == "barring" for r in demo.cdr(call.invite.call_id)["reasons"])


async def test_a_suspended_user_calls_nobody_but_the_emergency_services(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        async with settings(demo, "anna", suspended=True):
            refused = await anna.call("0470123456")
            assert await final(refused) == 403
            helped = await anna.call("112")
            await helped.answered()
            await helped.hang_up()
