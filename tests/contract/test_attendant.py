"""The attendant alone, as a process: SIPp, strangers, a lost connection, many listeners, an orderly end."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from kiestoon.adapters.attendant import answers
from kiestoon.attendant.render import render_prompts
from kiestoon.domain.routing.call import Announcement
from kiestoon.domain.routing.instruction import Instruction, to_header
from kiestoon.store.journal import read_segment, segments
from kiestoon.vocabulary.attendant import HEADER
from tests.contract.test_foreign_peers import finished, free_port, run

pytestmark = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
HOST = "127.0.0.1"
EARLY = to_header(Instruction(Announcement("location-unknown", "nl"), "c1", "anna", 480, "No Location"))
ASKING = to_header(Instruction(Announcement("address-read-back", "fr", early=False), "c2", "denis"))
_TIMESTAMPNS = 35
"""SO_TIMESTAMPNS: when the kernel received a packet, whatever keeps this test from reading it."""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attendant")
    render_prompts(folder)
    return folder


@asynccontextmanager
async def attendant(state: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """The process and its port."""
    port = free_port(HOST)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiestoon.attendant", "--port", str(port)),
        env={**os.environ, "KIESTOON_STATE": str(state)},
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    break
            await asyncio.sleep(0.05)
        yield process, port
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 10)


class Edge:
    """What the edge is to the attendant: one TCP connection, messages as text."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int, source: str = HOST) -> Edge:
        return cls(*await asyncio.open_connection(HOST, port, local_addr=(source, 0)))

    def send(
        self,
        method: str,
        call: str,
        cseq: int = 1,
        to_tag: str = "",
        header: str = "",
        rtp: int = 0,
        **more: str,
    ) -> None:
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {rtp} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
        lines = [
            f"{method} sip:attendant@{HOST} SIP/2.0",
            f"Via: SIP/2.0/TCP {HOST}:5060;branch=z9hG4bK{call}{cseq if method != 'CANCEL' else 1}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in more.items()),
            "From: <sip:a@test>;tag=f",
            "To: <sip:b@test>" + (f";tag={to_tag}" if to_tag else ""),
            f"Call-ID: {call}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:a@{HOST}:5062>",
            *([f"{HEADER}: {header}"] if header else []),
            *(["Content-Type: application/sdp"] if rtp else []),
            f"Content-Length: {len(body) if rtp else 0}",
        ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n" + (body if rtp else "")).encode())

    async def receive(self, within: float = 5.0) -> str:
        async with asyncio.timeout(within):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"Content-Length: (\d+)", head)
            return head + (await self.reader.readexactly(int(length.group(1)) if length else 0)).decode()

    async def code(self) -> int:
        return int((await self.receive()).split()[1])


def tag(message: str) -> str:
    found = re.search(r"^To: .*;tag=(\S+)", message, re.MULTILINE)
    assert found
    return found.group(1).strip()


SCENARIO = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="a call to the attendant">
 <send><![CDATA[
INVITE sip:attendant@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]>;tag=[call_number]
To: <sip:b@test>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port];transport=tcp>
HEADER
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:101 telephone-event/8000

 ]]></send>
 REST
</scenario>
"""
ANSWERED = """<recv response="200" rrs="true"/>
 <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]>;tag=[call_number]
To: <sip:b@test>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0

 ]]></send>
 <recv request="BYE" timeout="15000"/>
 <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

 ]]></send>"""
REFUSED = """<recv response="183"/>
 <recv response="480" timeout="15000"/>
 <send><![CDATA[
ACK sip:attendant@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
From: <sip:sipp@[local_ip]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0

 ]]></send>"""


@pytest.mark.skipif(not shutil.which("sipp"), reason="sip-tester is not installed")
@pytest.mark.parametrize(
    ("header", "rest"), [(ASKING, ANSWERED), (EARLY, REFUSED)], ids=["answered", "early"]
)
def test_sipp_calls_the_attendant(state: Path, tmp_path: Path, header: str, rest: str) -> None:
    async def scenario() -> None:
        (tmp_path / "call.xml").write_text(
            SCENARIO.replace("HEADER", f"{HEADER}: {header}").replace("REST", rest)
        )
        async with attendant(state) as (_, port):
            sipp = await asyncio.create_subprocess_exec(
                *("sipp", f"{HOST}:{port}", "-sf", "call.xml", "-i", HOST, "-p", str(free_port(HOST))),
                *("-mi", HOST, "-mp", "6300", "-t", "t1", "-m", "3", "-r", "10", "-nostdin", "-trace_err"),
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            code, output = await finished(sipp, 25)
            assert code == 0, output

    run(scenario())


def test_what_is_asked_and_what_is_refused(state: Path) -> None:
    async def scenario() -> None:
        async with attendant(state) as (_, port):
            assert await asyncio.to_thread(answers, port)
            edge = await Edge.connect(port)
            edge.send("OPTIONS", "o")
            assert "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS" in await edge.receive()
            for number, (method, more, expected) in enumerate(
                [
                    ("INVITE", {"rtp": 6300}, 403),
                    ("INVITE", {"rtp": 6300, "header": "name=x"}, 400),
                    ("INVITE", {"rtp": 6300, "header": EARLY.replace("location-unknown", "x")}, 404),
                    ("INVITE", {"header": EARLY}, 488),
                    ("INVITE", {"rtp": 6300, "header": EARLY, "Require": "100rel"}, 420),
                    ("BYE", {"to_tag": "none"}, 481),
                    ("CANCEL", {}, 481),
                    ("MESSAGE", {}, 405),
                ]
            ):
                edge.send(method, f"r{number}", **more)  # type: ignore[arg-type]
                assert await edge.code() == expected, method
            edge.writer.write(b"\r\n\r\nnonsense\r\nmore\r\n\r\n")
            edge.send("OPTIONS", "after")
            assert await edge.code() == 200
            edge.writer.close()

    run(scenario())


def test_a_stranger_on_the_machine_is_not_served(state: Path) -> None:
    async def scenario() -> None:
        async with attendant(state) as (_, port):
            stranger = await Edge.connect(port, "127.0.0.9")
            stranger.send("OPTIONS", "o")
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await stranger.receive()
            stranger.writer.close()

    run(scenario())


def test_the_caller_cancels(state: Path) -> None:
    async def scenario() -> None:
        async with attendant(state) as (_, port):
            edge = await Edge.connect(port)
            edge.send("INVITE", "c", header=EARLY, rtp=6300)
            assert await edge.code() == 183
            edge.send("CANCEL", "c")
            assert sorted([await edge.code(), await edge.code()]) == [200, 487]
            edge.writer.close()

    run(scenario())


def test_the_connection_is_lost_and_the_bye_comes_over_another(state: Path) -> None:
    async def scenario() -> None:
        came: asyncio.Queue[Edge] = asyncio.Queue()
        async with attendant(state) as (_, port):
            server = await asyncio.start_server(lambda r, w: came.put_nowait(Edge(r, w)), HOST, 0)
            back = server.sockets[0].getsockname()[1]
            edge = await Edge.connect(port)
            route = f"<sip:{HOST}:{back};transport=tcp;lr>"
            edge.send("INVITE", "lost", header=ASKING, rtp=6300, Record_Route=route)
            answer = await edge.receive()
            edge.send("ACK", "lost", to_tag=tag(answer))
            await edge.writer.drain()
            edge.writer.close()
            other = await asyncio.wait_for(came.get(), 15)
            bye = await other.receive()
            assert bye.startswith("BYE sip:a@127.0.0.1:5062 ")
            assert f"Route: {route}" in bye
            other.writer.close()
            server.close()

    run(scenario())


def test_told_to_end_it_lets_what_it_says_come_to_an_end(state: Path) -> None:
    async def scenario() -> None:
        async with attendant(state) as (process, port):
            edge = await Edge.connect(port)
            edge.send("INVITE", "asked", header=ASKING, rtp=6300)
            edge.send("ACK", "asked", to_tag=tag(await edge.receive()))
            await asyncio.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            await asyncio.sleep(0.2)
            edge.send("INVITE", "late", header=ASKING, rtp=6302)
            assert await edge.code() == 503
            assert (await edge.receive(8)).startswith("BYE")
            assert await asyncio.wait_for(process.wait(), 5) == 0
            assert 3 < time.monotonic() - began < 8
            edge.writer.close()
        events = [event for path in segments(state / "journal") for _, _, event in read_segment(path)]
        [check] = [event for event in events if event["i"] == "asked"]
        assert (check["e"], check["c"], check["user"], check["result"]) == (
            "address-check",
            "c2",
            "denis",
            "none",
        )

    run(scenario())


def arrivals(sock: socket.socket) -> list[float]:
    """When each waiting packet was received, in seconds."""
    found: list[float] = []
    while True:
        try:
            _, ancillary, _, _ = sock.recvmsg(2048, 64)
        except BlockingIOError:
            return found
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
        found.append(seconds + nanoseconds / 1e9)


def test_a_hundred_listeners_hear_without_gaps(state: Path) -> None:
    """The limit is for a machine that does other work besides; bench/README.md has figures."""

    async def scenario() -> None:
        async with attendant(state) as (_, port):
            edge = await Edge.connect(port)
            ears = []
            for number in range(100):
                ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                ear.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
                ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
                ear.setblocking(False)
                ear.bind((HOST, 0))
                ears.append(ear)
                edge.send("INVITE", f"n{number}", header=EARLY, rtp=ear.getsockname()[1])
            for _ in ears:
                assert await edge.code() == 183
            await asyncio.sleep(4)
            gaps: list[float] = []
            for ear in ears:
                at = arrivals(ear)
                assert len(at) > 180
                gaps += [(b - a) * 1000 for a, b in pairwise(at)]
                ear.close()
            gaps.sort()
            middle, late = gaps[len(gaps) // 2], gaps[len(gaps) * 99 // 100]
            print(f"gaps p50 {middle:.1f} p99 {late:.1f} max {gaps[-1]:.1f} ms")
            assert 18 < middle < 22
            assert late < 60
            edge.writer.close()

    run(scenario())
