"""People call each other, call out and are called; both hear the other."""

from __future__ import annotations

import asyncio

import pytest

from tests.demo import Demo, final, was_cancelled
from tests.sim.call import Call
from tests.sim.incoming_call import IncomingCall
from tests.sim.outgoing_call import OutgoingCall
from tests.sim.phone import Phone

LOW, HIGH = 440, 880


async def talk(caller: Call, called: Call) -> None:
    """Each hears the other's tone."""
    await caller.hears(HIGH)
    await called.hears(LOW)


async def connect(anna: Phone, bram: Phone, number: str) -> tuple[OutgoingCall, IncomingCall]:
    call = await anna.call(number, tone=LOW)
    ringing = await bram.wait_call()
    await ringing.ring()
    await ringing.answer(tone=HIGH)
    await call.answered()
    return call, ringing


async def test_extension_calls_extension_and_both_hear(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, "*102")
        await talk(call, ringing)
        await asyncio.sleep(0.5)
        assert demo.number("anna") in ringing.invite.headers.get("P-Asserted-Identity")
        await call.hang_up()
        await ringing.ended()
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["from"], cdr["to"], cdr["dialled"]) == (demo.number("anna"), demo.number("bram"), "*102")
    assert (cdr["direction"], cdr["sip_code"], cdr["hung_up_by"]) == ("internal", 200, "caller")
    assert cdr["trunk"] is None
    assert cdr["customer"] == "Bakkerij De Zon"
    assert cdr["talk_ms"] > 300
    assert cdr["reasons"]


@pytest.mark.parametrize(
    ("caller", "called"),
    [
        ({"srtp": True, "transport": "tls"}, {}),
        ({}, {"transport": "tls", "srtp": True}),
        ({"transport": "tls", "srtp": True}, {"transport": "tls", "srtp": True}),
        ({"local_ip": "::1"}, {}),
        ({}, {"local_ip": "::1", "transport": "tcp"}),
        ({"local_ip": "::1", "transport": "tls", "srtp": True}, {}),
    ],
    ids=["srtp-plain", "plain-srtp", "srtp-srtp", "ipv6-ipv4", "ipv4-ipv6", "ipv6-srtp-ipv4"],
)
async def test_any_mix_of_srtp_and_ip_versions_hears(demo: Demo, caller: dict, called: dict) -> None:  # type: ignore[type-arg]
    async with demo.phone("anna", **caller) as anna, demo.phone("bram", **called) as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, demo.number("bram"))
        await talk(call, ringing)
        await ringing.hang_up()
        await call.ended()
    assert demo.cdr(call.invite.call_id)["hung_up_by"] == "callee"


async def test_all_devices_ring_and_the_losers_are_cancelled(demo: Demo) -> None:
    async with (
        demo.phone("anna") as anna,
        demo.phone("bram") as desk,
        demo.phone("bram", transport="tcp") as mobile,
        demo.phone("bram", transport="tls") as laptop,
    ):
        for phone in (anna, desk, mobile, laptop):
            await phone.register()
        call = await anna.call(demo.number("bram"), tone=LOW)
        ringing = [await phone.wait_call() for phone in (desk, mobile, laptop)]
        for one in ringing:
            await one.ring()
        await ringing[1].answer(tone=HIGH)
        await call.answered()
        await was_cancelled(ringing[0])
        await was_cancelled(ringing[2])
        await talk(call, ringing[1])
        await call.hang_up()
    assert demo.cdr(call.invite.call_id)["sip_code"] == 200


async def test_the_main_number_rings_everyone(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram, demo.phone("chloe") as chloe:
        for phone in (anna, bram, chloe):
            await phone.register()
        incoming = asyncio.create_task(demo.carrier_calls_in("+32470123456", "+3238080100", tone=LOW))
        ringing = [await phone.wait_call() for phone in (anna, bram, chloe)]
        for one in ringing:
            await one.ring()
        await ringing[0].reject(603)
        await ringing[2].answer(tone=HIGH)
        await was_cancelled(ringing[1])
        await ringing[2].hears(LOW)
        assert (await incoming)["sip_code"] == 200


async def test_a_call_out_through_the_carrier(demo: Demo) -> None:
    demo.switch("national_carrier", "tone")
    try:
        async with demo.phone("anna") as anna:
            await anna.register()
            call = await anna.call("0470 12 34 56".replace(" ", ""), tone=LOW)
            await call.answered()
            await call.hears(1000)
            await call.hang_up()
    finally:
        demo.switch("national_carrier", "on")
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["to"], cdr["dialled"], cdr["direction"]) == ("+32470123456", "0470123456", "outgoing")
    assert cdr["trunk"]["name"] == "national carrier"
    received = demo.carrier_calls()[0]
    assert received["from"] == demo.number("anna")
    assert received["dialled"] == "+32470123456"


async def test_a_dead_carrier_is_left_for_the_second_route(demo: Demo) -> None:
    for fault in ("off", "unavailable", "silent"):
        demo.switch("national_carrier", fault)
        try:
            async with demo.phone("anna") as anna:
                await anna.register()
                call = await anna.call("0470123457")
                await call.answered(within=8)
                await call.hang_up()
        finally:
            demo.switch("national_carrier", "on")
        assert demo.cdr(call.invite.call_id)["trunk"]["name"] == "international carrier", fault


async def test_a_call_in_by_number(demo: Demo) -> None:
    async with demo.phone("bram") as bram:
        await bram.register()
        incoming = asyncio.create_task(demo.carrier_calls_in("+32470123456", demo.number("bram"), tone=LOW))
        call = await bram.wait_call()
        assert "+32470123456" in call.invite.headers.get("P-Asserted-Identity")
        await call.ring()
        await call.answer(tone=HIGH)
        await call.hears(LOW)
        assert (await incoming)["sip_code"] == 200
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["direction"], cdr["from"], cdr["customer"]) == ("incoming", "+32470123456", "Bakkerij De Zon")


async def test_hold_and_resume(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, demo.number("bram"))
        await talk(call, ringing)
        await call.hold()
        await call.hears_silence()
        assert ringing.held
        await call.resume()
        await talk(call, ringing)
        await call.hang_up()
        await ringing.ended()


async def test_early_media_is_heard_before_the_answer(demo: Demo) -> None:
    demo.switch("national_carrier", "early-media")
    try:
        async with demo.phone("anna") as anna:
            await anna.register()
            call = await anna.call("0470123458")
            await call.hears(1000)
            assert not call.is_answered
            await call.cancel()
    finally:
        demo.switch("national_carrier", "on")
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["sip_code"], cdr["hung_up_by"], cdr["answered_at"]) == (487, "caller", None)


async def test_reliable_provisional_responses(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call = await anna.call(demo.number("bram"), tone=LOW)
        ringing = await bram.wait_call()
        await ringing.ring(reliable=True)
        await ringing.answer(tone=HIGH)
        await call.answered()
        await talk(call, ringing)
        await call.hang_up()


async def test_session_timers_refresh_a_call(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call = await anna.call(demo.number("bram"), tone=LOW, session_expires=90)
        ringing = await bram.wait_call()
        assert ringing.invite.headers.get("Session-Expires").startswith("90")
        await ringing.answer(tone=HIGH)
        await call.answered()
        await call.update()
        await talk(call, ringing)
        await call.hang_up()


async def test_the_caller_gives_up(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call = await anna.call(demo.number("bram"))
        ringing = await bram.wait_call()
        await ringing.ring()
        await call.cancel()
        await was_cancelled(ringing)
        assert call.status == 487
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["sip_code"], cdr["hung_up_by"], cdr["talk_ms"]) == (487, "caller", 0)


@pytest.mark.parametrize(
    ("dialled", "code"), [("99999", 404), ("047012", 484), ("+3238080199", 404), ("nobody", 404)]
)
async def test_numbers_that_do_not_exist_are_refused_and_recorded(
    demo: Demo, dialled: str, code: int
) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call(dialled)
        assert await final(call) == code
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["sip_code"], cdr["hung_up_by"], cdr["dialled"]) == (code, "system", dialled)


async def test_lost_packets_are_seen_in_the_cdr(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, demo.number("bram"))
        ringing.media.drop = 0.03
        await asyncio.sleep(20)
        await call.hang_up()
    cdr = demo.cdr(call.invite.call_id)
    assert 2 <= cdr["loss"] <= 4
    assert cdr["mos"] is not None
