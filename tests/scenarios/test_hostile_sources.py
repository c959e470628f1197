"""Scanners, password guessing, floods of connections: slowed and banned; true phones get in."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from kiestoon.adapters.edge_rpc import EdgeRefused, EdgeRpc
from tests.chaos.faults import kill_9
from tests.demo import Demo
from tests.scenarios.hostile import all_is_well, call_on, edge_lives, fresh_source
from tests.sim.hostile.flood import open_connections, still_open
from tests.sim.hostile.torture import Sender, request
from tests.sim.hostile.wire import Wire, wire
from tests.sim.phone import Phone

DOMAIN = "demo.kiestoon.test"


def ask(line: Wire, method: str = "OPTIONS", user: str = "nobody", **changed: Any) -> bytes:
    """The answer to one request of this socket, b"" for none."""
    sender = Sender(line.transport, line.source, line.port, user)
    line.send(request(sender, method, to=f"<sip:{user}@{DOMAIN}>", **changed))
    return line.receive(0.5)


def bans(demo: Demo) -> dict[str, dict[str, object]]:
    """What the API lists, by source."""
    status, answer = demo.api("GET", "/bans")
    assert status == 200
    return {row["source"]: row for row in answer["items"]}


def banned(demo: Demo, source: str) -> dict[str, object]:
    """The ban of this source, once it is listed."""
    demo.until(lambda: source in bans(demo), 3)
    return bans(demo)[source]


@contextlib.contextmanager
def undone(demo: Demo, source: str) -> Iterator[None]:
    """A ban this test brings about is gone after it."""
    try:
        yield
    finally:
        demo.api("DELETE", f"/bans/{source}")


async def test_a_scanner_by_its_name_is_banned_at_once(demo: Demo) -> None:
    source = fresh_source()
    with wire("udp", source) as line:
        assert ask(line).startswith(b"SIP/2.0 200")
        assert ask(line, user_agent="friendly-scanner") == b""
        assert ask(line) == b""
    assert banned(demo, source)["why"] == "scanner"


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls", "ws", "wss"])
async def test_who_tries_unknown_users_is_banned(demo: Demo, transport: str) -> None:
    source, answers = fresh_source(), 0
    with wire(transport, source) as line:
        for number in range(15):
            answers += b"SIP/2.0 401" in ask(line, "REGISTER", f"u{number}")
    assert answers == 10
    assert banned(demo, source)["why"] == "unknown-user"


async def test_malformed_messages_in_numbers_are_banned(demo: Demo) -> None:
    source = fresh_source()
    with wire("udp", source) as line:
        for _ in range(80):  # what a busy edge did not count is sent on top
            line.send(b"OPTIONS sip:x SIP/2.0\r\nVia: what is this ;;\r\nTo: <<<\r\n\r\n")
        assert banned(demo, source)["why"] == "malformed"
        assert ask(line) == b""


async def test_bans_grow_with_repetition_and_end_with_a_click(demo: Demo) -> None:
    source, lengths = fresh_source(), []
    with wire("udp", source) as line:
        for _ in range(3):
            ask(line, user_agent="sipvicious")
            row = banned(demo, source)
            lengths.append(seconds(row))
            assert ask(line) == b""
            await asyncio.to_thread(run_out, demo, source)
            assert ask(line).startswith(b"SIP/2.0 200")
        ask(line, user_agent="sipvicious")
        banned(demo, source)
        assert demo.api("DELETE", f"/bans/{source}")[0] == 204
        assert ask(line).startswith(b"SIP/2.0 200")
        assert source not in bans(demo)
        ask(line, user_agent="sipvicious")
        assert seconds(banned(demo, source)) == lengths[0], "who was banned by mistake has no past"
    assert lengths == [lengths[0], lengths[0] * 4, lengths[0] * 16]


def seconds(row: dict[str, object]) -> float:
    since, until = (datetime.fromisoformat(str(row[name])) for name in ("since", "until"))
    return (until - since).total_seconds()


def run_out(demo: Demo, source: str) -> None:
    """The ban comes to its end now, as by time."""
    with contextlib.suppress(EdgeRefused):
        EdgeRpc(demo.stack.run / "edge-rpc.sock").call("htable.delete", "ban", source)


async def test_a_ban_survives_the_death_of_the_edge(demo: Demo) -> None:
    source = fresh_source()
    with wire("udp", source) as line, undone(demo, source):
        ask(line, user_agent="sipvicious")
        before = banned(demo, source)
        await asyncio.to_thread(kill_9, demo.stack, "edge")
        await asyncio.sleep(1)
        assert ask(line) == b""
        assert banned(demo, source)["until"] == before["until"]


async def test_a_phone_that_has_registered_is_heard_from_a_banned_address(demo: Demo) -> None:
    """A scanner behind the same NAT must not take the office's telephones down."""
    office = fresh_source()
    async with demo.phone("anna", local_ip=office) as anna, demo.phone("bram") as bram:
        await bram.register()
        await anna.register()
        with wire("udp", office) as scanner, undone(demo, office):
            ask(scanner, user_agent="sipvicious")
            banned(demo, office)
            assert ask(scanner) == b""
            await anna.register()
            call = await anna.call(demo.number("bram"))
            incoming = await bram.wait_call()
            await incoming.answer()
            await call.answered()
            await call.hang_up()


async def test_guessing_from_many_addresses_is_slowed_and_the_true_phone_gets_in(demo: Demo) -> None:
    user = demo.users["franz"]

    async def guess(source: str, password: str, times: int) -> list[int]:
        async with Phone(user["username"], password, DOMAIN, local_ip=source) as phone:
            return [(await phone.try_register()).code for _ in range(times)]

    for number in range(11):  # one each: no address is banned for it
        assert await guess(fresh_source(), f"wrong{number}", 1) == [401]
    guesser = fresh_source()
    assert await guess(guesser, "wrong", 3) == [401, 503, 503]
    assert await guess(fresh_source(), user["password"], 1) == [200], "elsewhere, at the first try"
    assert await guess(guesser, user["password"], 1) == [503], "even a right guess is not told"
    async with demo.phone("franz") as franz:
        await franz.register()
        await franz.register()


async def test_a_user_who_searches_for_numbers_is_put_off(demo: Demo) -> None:
    async with demo.phone("elise") as elise:
        await elise.register()
        codes = []
        for number in range(32):
            call = await elise.call(f"*8{number:02}")
            await call.ended()
            codes.append(call.status)
        assert codes[0] == 404
        assert codes[-1] == 503
        helped = await elise.call("112")
        await helped.answered()
        await helped.hang_up()
        await elise.register()


@pytest.mark.parametrize("transport", ["tcp", "tls", "ws"])
async def test_one_source_holds_so_many_connections_and_no_more(demo: Demo, transport: str) -> None:
    source = fresh_source()
    with edge_lives(demo), open_connections(transport, source, 260) as lines, undone(demo, source):
        assert len(lines) > 220
        await all_is_well(demo)
        demo.until(lambda: still_open(lines) <= 200, 10)
        await all_is_well(demo)


async def test_slow_senders_and_slow_readers_hold_nobody_up(demo: Demo) -> None:
    """A byte at a time, and answers nobody reads."""
    with contextlib.ExitStack() as stack, edge_lives(demo):
        slow = [
            stack.enter_context(wire(transport, fresh_source()))
            for transport in ("tcp", "tls", "ws", "wss")
            for _ in range(20)
        ]
        deaf = [stack.enter_context(wire(transport, fresh_source())) for transport in ("tcp", "tls", "ws")]
        messages = [request(Sender(line.transport, line.source, line.port)) for line in slow]
        for line in deaf:
            line.socket.settimeout(0.2)
        begun = time.monotonic()
        for at in range(60):
            for line, message in zip(slow, messages, strict=True):
                line.send_raw(message[at : at + 1])
            for line in deaf:
                flood = [request(Sender(line.transport, line.source, line.port)) for _ in range(5)]
                for message in flood:
                    line.send(message)
            if at % 20 == 0:
                await call_on(demo, "tcp")
        await all_is_well(demo)
        assert time.monotonic() - begun < 60


async def test_112_from_a_banned_address_on_every_transport(demo: Demo) -> None:
    source = fresh_source()
    with wire("udp", source) as line, undone(demo, source):
        ask(line, user_agent="sipvicious")
        banned(demo, source)
        for transport in ("udp", "tcp", "tls", "ws", "wss"):
            async with demo.phone("anna", transport=transport, local_ip=source) as anna:
                call = await anna.call("112")
                await call.answered()
                await call.hang_up()
