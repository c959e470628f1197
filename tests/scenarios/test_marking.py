"""Signalling and media carry their DSCP (RFC 4594: CS3 for signalling, EF for telephony), seen by tshark."""

from __future__ import annotations

import asyncio

from tests.demo import Demo
from tests.scenarios.test_calls import connect, talk

EF, CS3 = 46, 24
WANTED = "udp and src host 127.0.0.1 and not port 2223"
"""What the edge and the media relay send; what they say to each other (port 2223) leaves no machine."""
CAPTURE = ("tshark", "-l", "-i", "lo", "-f", WANTED, "-T", "fields")


async def test_signalling_is_marked_cs3_and_media_ef(demo: Demo) -> None:
    command = (*CAPTURE, "-e", "udp.srcport", "-e", "ip.dsfield.dscp")
    tshark = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert tshark.stderr is not None
    while b"Capturing on" not in await tshark.stderr.readline():
        pass
    await asyncio.sleep(1)  # it says so before its capture process has begun
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, ringing = await connect(anna, bram, demo.number("bram"))
        await talk(call, ringing)
        await asyncio.sleep(0.5)
        await call.hang_up()
    await asyncio.sleep(1.5)  # and shows what it caught a moment later
    tshark.terminate()
    captured, _ = await tshark.communicate()
    rows = [line.split() for line in captured.decode().splitlines() if len(line.split()) == 2]
    signalling = {int(dscp) for port, dscp in rows if port == "5060"}
    media = {int(dscp) for port, dscp in rows if 30000 <= int(port) <= 38000}
    assert signalling == {CS3}, f"{len(rows)} datagrams seen"
    assert media == {EF}
