"""RD Spoofing of 12 May 2024 at work on calls that come in."""

from __future__ import annotations

import asyncio

import pytest

from tests.demo import Demo

ABROAD, SPECIAL = "127.0.1.2:8060", "127.0.1.4:8060"


async def call_in(demo: Demo, host: str, name: str, number: str, **more: object) -> int:
    """The SIP status a simulated carrier gets for a call to Bram."""
    answer = await demo.carrier_calls_in(
        number, demo.number("bram"), host=host, name=name, patience=2, **more
    )
    return int(answer["sip_code"])


@pytest.mark.parametrize("number", ["+3225551234", "+3280012345", "+3278123456", "+321207"])
async def test_a_belgian_number_from_abroad_is_blocked(demo: Demo, number: str) -> None:
    async with demo.phone("bram") as bram:
        await bram.register()
        assert await call_in(demo, ABROAD, "international_carrier", number) == 403
        await bram.no_call(0.2)
    cdr = demo.stack.json("calls")[-1]
    assert cdr["reasons"][-1]["duty"] == "spoofed-numbers"
    explained = demo.stack.json("explain", "--call", cdr["call_id"])
    assert any(reason.get("duty") == "spoofed-numbers" for reason in explained["reasons"])


async def test_a_nomadic_caller_passes_the_special_interface_and_a_mobile_does_not(demo: Demo) -> None:
    async with demo.phone("bram") as bram:
        await bram.register()
        incoming = asyncio.create_task(call_in(demo, SPECIAL, "special_nomadic", "+3225551234"))
        call = await bram.wait_call()
        assert "+3225551234" in call.invite.headers.get("P-Asserted-Identity")
        await call.answer()
        assert await incoming == 200
        assert await call_in(demo, SPECIAL, "special_nomadic", "+32470123456") == 403


async def test_a_mobile_from_abroad_rings_without_its_number(demo: Demo) -> None:
    async with demo.phone("bram") as bram:
        await bram.register()
        incoming = asyncio.create_task(call_in(demo, ABROAD, "international_carrier", "+32470123456"))
        call = await bram.wait_call()
        head = call.invite.encode().decode().split("\r\n\r\n")[0]
        assert "470123456" not in head
        await call.answer()
        assert await incoming == 200


async def test_a_call_forwarded_back_from_abroad_passes(demo: Demo) -> None:
    async with demo.phone("bram") as bram:
        await bram.register()
        incoming = asyncio.create_task(
            call_in(demo, ABROAD, "international_carrier", "+3225551234", diversion="+33123456789")
        )
        call = await bram.wait_call()
        await call.answer()
        assert await incoming == 200
