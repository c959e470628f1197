"""Phones register: every transport, their own user only, three devices at most."""

from __future__ import annotations

import pytest

from tests.demo import Demo
from tests.sim.sip.digest import Credentials

WAYS: dict[str, dict[str, str]] = {
    "udp": {},
    "tcp": {},
    "tls": {},
    "ws": {},
    "wss": {},
    "udp over IPv6": {"transport": "udp", "local_ip": "::1"},
    "tcp over IPv6": {"transport": "tcp", "local_ip": "::1"},
    "tls over IPv6": {"transport": "tls", "local_ip": "::1"},
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_phone_registers_and_is_rung_over_every_transport(demo: Demo, way: str) -> None:
    options = {"transport": way, **WAYS[way]}
    async with demo.phone("bram", **options) as bram, demo.phone("anna") as anna:
        await bram.register()
        await anna.register()
        call = await anna.call(demo.number("bram"))
        ringing = await bram.wait_call()
        await ringing.ring()
        if way in ("ws", "wss"):  # what is offered there is DTLS, for browsers: see tests/browser
            assert "UDP/TLS/RTP/SAVPF" in ringing.invite.sdp
            await call.cancel()
            return
        await ringing.answer()
        await call.answered()
        await call.hang_up()
        await ringing.ended()


async def test_a_wrong_password_does_not_register(demo: Demo) -> None:
    async with demo.phone("anna", password="wrong", local_ip="127.0.0.10") as anna:
        assert (await anna.try_register()).code == 401


async def test_a_user_registers_no_other_user(demo: Demo) -> None:
    anna = demo.users["anna"]
    async with demo.phone("bram") as bram:
        bram.agent.credentials = Credentials(anna["username"], anna["password"])
        assert (await bram.try_register()).code == 403


async def test_the_fourth_device_is_refused_and_support_sees_why(demo: Demo) -> None:
    async with (
        demo.phone("chloe") as one,
        demo.phone("chloe") as two,
        demo.phone("chloe") as three,
        demo.phone("chloe") as four,
    ):
        for phone in (one, two, three):
            await phone.register()
        assert (await four.try_register()).code == 403
        await one.unregister()
        await four.register()
    username = demo.users["chloe"]["username"]

    def seen() -> bool:
        rows = demo.api("GET", f"/devices/refused?user={username}")[1]
        rows = rows["items"] if isinstance(rows, dict) else rows
        return any(row["result"] == "too-many-devices" for row in rows)

    demo.until(seen, 6)


async def test_a_device_that_comes_back_elsewhere_replaces_itself(demo: Demo) -> None:
    for _ in range(5):
        async with demo.phone("chloe", instance="urn:uuid:0f9d1d3c-0000-4000-8000-000000000001") as phone:
            await phone.register()
            phone.vanish()
    async with demo.phone("chloe", instance="urn:uuid:0f9d1d3c-0000-4000-8000-000000000001") as phone:
        await phone.register()
