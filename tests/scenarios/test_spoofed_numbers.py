"""RD Spoofing of 12 May 2024 at work on calls that come in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

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


async def test_a_user_who_was_not_identified_to_bipt_in_time_cannot_call_any_more(demo: Demo) -> None:
    """Art. 4 §2: asked 25 hours ago, not answered; blocked from the next call on, until it is lifted."""
    number = "+3225551299"
    async with demo.phone("bram") as bram:
        await bram.register()
        passing = asyncio.create_task(call_in(demo, SPECIAL, "special_nomadic", number))
        await (await bram.wait_call()).answer()
        assert await passing == 200
        asked_at = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
        now = datetime.now(UTC).isoformat()
        request = {"asked_by": "BIPT", "reference": "2026/25", "asked_at": asked_at, "number": number}
        status, row = demo.api("POST", "/compliance/requests", {**request, "moment": now}, "compliance")
        assert (status, row["standing"]) == (201, "late")
        path = f"/compliance/requests/{row['id']}"
        _, found = demo.api("GET", f"{path}/calls", role="compliance")
        calls = found["items"] if isinstance(found, dict) else found
        assert calls[0]["came_in_by"]["id"] == "special"
        before = demo.stack.json("status")["snapshot"]["version"]
        status, blocking = demo.api("POST", f"{path}/block", {"numbers": [number]}, "compliance")
        assert status == 201
        demo.until(lambda: demo.stack.json("status")["snapshot"]["version"] > before, 3)
        assert await call_in(demo, SPECIAL, "special_nomadic", number) == 403
        demo.until(lambda: "art. 4 §2" in demo.stack.json("calls")[-1]["reasons"][1]["why"], 5)
        before = demo.stack.json("status")["snapshot"]["version"]
        lifted, _ = demo.api("POST", f"/compliance/blockings/{blocking['id']}/lift", {}, "compliance")
        assert lifted == 200
        demo.until(lambda: demo.stack.json("status")["snapshot"]["version"] > before, 3)
        again = asyncio.create_task(call_in(demo, SPECIAL, "special_nomadic", number))
        await (await bram.wait_call()).answer()
        assert await again == 200
