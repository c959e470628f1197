"""Malformed, torture and random messages on every transport: the edge lives, calls go through."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.demo import Demo
from tests.scenarios.hostile import all_is_well, edge_lives, fresh_source, meanwhile
from tests.sim.hostile.handshake import broken_handshake
from tests.sim.hostile.mutation import mutated
from tests.sim.hostile.torture import Sender, invite, messages, request, valid
from tests.sim.hostile.wire import TRANSPORTS, Wire, junk_frames, wire

SEED = 20261124


def sender_of(line: Wire) -> Sender:
    return Sender(line.transport, line.source, line.port)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_torture_messages(demo: Demo, transport: str) -> None:
    names = list(messages(Sender(transport, "127.0.0.9", 5060)))

    def abuse() -> None:
        for name in names:
            with wire(transport, fresh_source()) as line:
                line.send(messages(sender_of(line))[name])
                answer = line.receive(0.02)
                assert not answer.startswith(b"SIP/2.0 2") or is_harmless(name), f"{name}: {answer[:60]!r}"

    with edge_lives(demo):
        await meanwhile(demo, abuse)


def is_harmless(name: str) -> bool:
    """Whether a request of this name may be answered 2xx: OPTIONS whose flaw nothing depends on."""
    return name not in ("SQL in the user", "INVITE with a tag", "BYE to no call", "REFER out of nowhere")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_strange_but_correct_messages_are_answered(demo: Demo, transport: str) -> None:
    for name in valid(Sender(transport, "127.0.0.9", 5060)):
        with wire(transport, fresh_source()) as line:
            assert line.send(valid(sender_of(line))[name])
            answer = line.receive(2)
            if answer == b"\r\n":  # to a keep-alive (RFC 5626 section 4.4.1)
                answer = line.receive(2)
            assert b"SIP/2.0 " in answer[:12], f"{name} got {answer[:60]!r}"


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_random_changes_of_valid_messages(demo: Demo, transport: str) -> None:
    """Bytes changed, dropped, doubled, cut and spliced; the seed is fixed, so that a failure comes again."""
    chance = random.Random(f"{SEED}-{transport}")

    def abuse() -> None:
        for _ in range(400 if transport == "udp" else 120):
            with wire(transport, fresh_source()) as line:
                for _ in range(5):
                    if not line.send(mutated(chance, sender_of(line)), binary=chance.random() < 0.2):
                        break
                line.receive(0.002)

    with edge_lives(demo):
        await meanwhile(demo, abuse)


@pytest.mark.parametrize("transport", ["ws", "wss"])
async def test_websocket_junk_frames(demo: Demo, transport: str) -> None:
    def abuse() -> None:
        for junk in junk_frames().values():
            with wire(transport, fresh_source()) as line:
                line.send_raw(junk)
                line.receive(0.05)
                line.send(request(sender_of(line)))  # whatever came before, nobody else is hurt by it
                line.receive(0.05)

    with edge_lives(demo):
        await meanwhile(demo, abuse)


async def test_broken_tls_handshakes(demo: Demo) -> None:
    """Side by side in both workers, which is what OpenSSL's shared state did not survive."""

    def abuse() -> None:
        begun = time.monotonic()
        chance = random.Random(SEED)
        with ThreadPoolExecutor(4) as pool:
            while time.monotonic() - begun < 20:
                seeds = [chance.random() for _ in range(16)]
                list(pool.map(lambda seed: broken_handshake(random.Random(seed), fresh_source()), seeds))

    with edge_lives(demo):
        await meanwhile(demo, abuse)
    assert "kamailio-memory" not in (demo.stack.state / "log" / "edge.log").read_text()


@pytest.mark.parametrize("transport", ["tls", "wss"])
async def test_a_neighbours_broken_handshake_ends_nobody_elses_connection(demo: Demo, transport: str) -> None:
    """OpenSSL keeps errors per process; one left lying is taken for the next connection's own."""
    chance = random.Random(SEED)
    over = threading.Event()

    def abuse() -> None:
        while not over.is_set():
            broken_handshake(chance, fresh_source())

    async with demo.phone("anna", transport=transport) as anna:
        await anna.register()
        flow = anna.agent.flow
        abusers = [asyncio.create_task(asyncio.to_thread(abuse)) for _ in range(3)]
        try:
            begun = time.monotonic()
            while time.monotonic() - begun < 12:
                await anna.register()
                assert anna.agent.flow is flow, "the phone had to connect again"
        finally:
            over.set()
            await asyncio.gather(*abusers)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_content_length_games_on_a_stream(demo: Demo, transport: str) -> None:
    """What follows a wrong length on the same connection is misread at most for this connection."""

    def abuse() -> None:
        for length in ("3", "0", "-1", "99999", "4294967296", "x", ""):
            with wire(transport, fresh_source()) as line:
                sender = sender_of(line)
                first = invite(sender, content_length=length)
                line.send(first + request(sender) + request(sender, "REGISTER"))
                line.receive(0.1)
        with wire(transport, fresh_source()) as line:  # a body that never comes whole
            line.send(request(sender_of(line), body=b"x" * 100)[:-50])
            assert line.receive(0.3) == b""
            line.send(b"x" * 50)
            assert line.receive(2).startswith(b"SIP/2.0 200")

    with edge_lives(demo):
        await meanwhile(demo, abuse)


async def test_a_log_without_numbers(demo: Demo) -> None:
    """What a stranger sends stands nowhere in the edge's log, however broken it is."""
    secret, name = "32479987654", "Mevrouw-Zeldzaam"

    def abuse() -> None:
        for transport in TRANSPORTS:
            for kind in messages(Sender(transport, "127.0.0.9", 5060, user=secret)):
                with wire(transport, fresh_source()) as line:
                    sender = Sender(transport, line.source, line.port, user=secret)
                    line.send(messages(sender)[kind].replace(b"nobody", name.encode()))
                    line.send(invite(sender, secret, body=name.encode(), subject=f"{name} {secret}")[:-9])
            with wire(transport, fresh_source()) as line:
                line.send(f"INVITE sip:+{secret}@[[ SIP/2.0\r\nFrom: {name} <sip:{secret}\r\n\r\n".encode())
                line.receive(0.05)

    with edge_lives(demo):
        await meanwhile(demo, abuse)
    time.sleep(0.5)
    logs = sorted((demo.stack.state / "log").glob("edge.log*"))
    assert logs
    for log in logs:
        text = log.read_text(errors="replace")
        assert secret not in text
        assert name not in text
    await all_is_well(demo)
