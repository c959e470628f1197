"""Two simulated phones without anything in between: both ends of every procedure, and lost datagrams."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import urllib.request
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.sim.call import Unexpected
from tests.sim.incoming_call import IncomingCall
from tests.sim.outgoing_call import OutgoingCall
from tests.sim.phone import Phone
from tests.sim.sip.transport import UdpFlow

A, B = "127.0.2.3", "127.0.2.4"
ROOT = Path(__file__).resolve().parents[2]


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


@asynccontextmanager
async def pair(srtp: bool = False) -> AsyncIterator[tuple[Phone, Phone]]:
    """Anna's requests go straight to Bram."""
    async with Phone("bram", "x", server="127.0.2.5:9", local_ip=B) as bram:
        server = f"{B}:{bram.agent.sockets.port}"
        async with Phone("anna", "x", server=server, local_ip=A, srtp=srtp) as anna:
            yield anna, bram
            assert anna.violations == []
            assert bram.violations == []


async def talking(anna: Phone, bram: Phone, **options: Any) -> tuple[OutgoingCall, IncomingCall]:
    call = await anna.call("bram", tone=440, **options)
    incoming = await bram.wait_call()
    await incoming.ring()
    await call.ringing()
    await incoming.answer(tone=880)
    await call.answered()
    return call, incoming


@pytest.mark.parametrize("srtp", [False, True])
def test_a_whole_call(srtp: bool) -> None:
    async def scenario() -> None:
        async with pair(srtp) as (anna, bram):
            call, incoming = await talking(anna, bram)
            await call.hears(880)
            await incoming.hears(440)
            call.send_dtmf("1*#")
            await incoming.receives_digits("1*#")
            await call.hold()
            assert incoming.held
            await call.resume()
            assert not incoming.held
            assert (await incoming.update()).code == 200
            await call.hears(880)
            await incoming.hang_up()
            await call.ended()
            assert (call.ended_by, incoming.ended_by) == ("remote", "local")
            assert call.media.lost == 0
            assert call.media.rejected == 0

    run(scenario())


def test_wrong_tone_says_what_was_heard() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call, _ = await talking(anna, bram)
            with pytest.raises(Unexpected, match="880 Hz"):
                await call.hears(500, within=0.5)

    run(scenario())


def test_cancel() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call = await anna.call("bram")
            incoming = await bram.wait_call()
            await incoming.ring()
            await call.cancel()
            await incoming.ended()
            assert call.status == 487
            assert incoming.cancelled

    run(scenario())


def test_refused() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call = await anna.call("bram")
            await (await bram.wait_call()).reject(486)
            await call.ended()
            assert call.status == 486
            await asyncio.sleep(0.1)

    run(scenario())


def test_reliable_provisional_responses_and_early_media() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call = await anna.call("bram", tone=440)
            incoming = await bram.wait_call()
            await incoming.ring(reliable=True)
            await incoming.early_media(tone=660)
            await call.hears(660)
            assert call.status == 183
            assert [request.method for request in incoming.requests] == ["PRACK", "PRACK"]
            await incoming.answer(tone=880)
            await call.hears(880)

    run(scenario())


def test_delayed_offer() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call, incoming = await talking(anna, bram, offer=False)
            await call.hears(880)
            await incoming.hears(440)

    run(scenario())


def test_both_ask_at_once() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call, incoming = await talking(anna, bram)
            codes = await asyncio.gather(call.reinvite(), incoming.reinvite())
            assert [response.code for response in codes] == [200, 200]

    run(scenario())


def test_session_timer_is_agreed() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call, incoming = await talking(anna, bram, session_expires=1800)
            assert call.session_interval == incoming.session_interval == 1800

    run(scenario())


def test_transfer_is_refused() -> None:
    async def scenario() -> None:
        async with pair() as (anna, bram):
            call, _ = await talking(anna, bram)
            response = await call.request("REFER", headers={"Refer-To": "<sip:x@y>"})
            assert response.code == 403

    run(scenario())


def test_everything_is_repeated_when_datagrams_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three datagrams in ten are dropped; INVITE, 200, ACK and BYE all come through in the end."""
    chance = random.Random(7)
    send = UdpFlow.send

    def lossy(self: UdpFlow, data: bytes) -> None:
        if chance.random() > 0.3:
            send(self, data)

    async def scenario() -> None:
        async with pair() as (anna, bram):
            monkeypatch.setattr(UdpFlow, "send", lossy)
            call = await anna.call("bram", tone=440)
            incoming = await bram.wait_call(within=10)
            await incoming.answer(tone=880)
            await call.answered(within=10)
            await call.hears(880)
            await call.hang_up()
            await incoming.ended(within=10)
            monkeypatch.undo()

    run(scenario())


def http(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, data=data), timeout=10) as answer:
        return json.load(answer)


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[None]:
    """A simulator as ./run starts it, until the block ends."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments), cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        yield
    finally:
        started.terminate()
        assert await started.wait() == 0


async def up(url: str) -> Any:
    for _ in range(100):
        try:
            return await asyncio.to_thread(http, url)
        except OSError:
            await asyncio.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def test_the_carrier_process() -> None:
    async def scenario() -> None:
        sip, control = "127.0.2.6:25060", "127.0.2.6:28060"
        async with Phone("anna", "x", server=sip, local_ip=A) as anna:
            edge = f"{A}:{anna.agent.sockets.port}"
            arguments = ("--listen", sip, "--edge", edge, "--control", control, "--name", "national_carrier")
            async with process("tests.sim.carrier", *arguments):
                states = await up(f"http://{control}/states")
                assert states["national_carrier"]["state"] == "on"
                assert "busy" in states["national_carrier"]["faults"]
                call = await anna.call("+32470123456", tone=440)
                await call.answered()
                await asyncio.sleep(0.8)
                await call.hang_up()
                switch = {"name": "national_carrier", "state": "busy"}
                await asyncio.to_thread(http, f"http://{control}/switch", switch)
                call = await anna.call("+32470123456")
                await call.ended()
                assert call.status == 486
                order = {"from": "+32470000001", "to": "+3238080101", "name": "x", "seconds": 1, "tone": 700}
                made = asyncio.ensure_future(asyncio.to_thread(http, f"http://{control}/call", order))
                incoming = await anna.wait_call()
                assert incoming.invite.from_.uri.number == "+32470000001"
                await incoming.answer(tone=440)
                await incoming.hears(700)
                result = await made
                assert (result["sip_code"], result["answered"], result["heard_tone"]) == (200, True, 440)
                assert result["heard_packets"] > 30
                rows = await up(f"http://{control}/calls")
                assert [row["sip_code"] for row in rows] == [486, 200]
                assert rows[1]["heard_tone"] == 440
                assert await up(f"http://{control}/violations") == []
                await asyncio.to_thread(http, f"http://{control}/switch", {**switch, "state": "off"})
                assert (await up(f"http://{control}/states"))["national_carrier"]["state"] == "off"
            assert anna.violations == []

    run(scenario())


def test_the_emergency_centre_process() -> None:
    async def scenario() -> None:
        own, partner, web = "127.0.2.7:25060", "127.0.2.8:25060", "127.0.2.7:28112"
        async with Phone("anna", "x", server=own, local_ip=A) as anna:
            edge = f"{A}:{anna.agent.sockets.port}"
            arguments = ("--listen", own, "--partner", partner, "--edge", edge, "--http", web)
            async with process("tests.sim.emergency_centre", *arguments):
                states = await up(f"http://{web}/states")
                assert set(states) == {"emergency_centre", "emergency_centre_via_partner"}
                call = await anna.call(
                    "112", headers={"P-Asserted-Identity": '"Anna" <sip:+3238080101;verstat=x@y>'}
                )
                await call.hears(1200)
                await call.hang_up()
                [row] = await up(f"http://{web}/calls")
                wanted = {"path": "own", "dialled": "112", "from": "+3238080101", "name": "Anna"}
                assert {name: row[name] for name in wanted} == wanted
                assert (row["answered"], row["test"], row["pidf_lo_valid"]) == (True, False, False)
                assert row["verstat"] == "x"
                back = asyncio.ensure_future(
                    asyncio.to_thread(http, f"http://{web}/calls/{row['id']}/call-back", {"seconds": 0.5})
                )
                incoming = await anna.wait_call()
                assert incoming.invite.uri.startswith("sip:+3238080101@")
                await incoming.answer()
                assert (await back)["sip_code"] == 200

    run(scenario())
