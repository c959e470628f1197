"""The simulators against SIP stacks nobody here wrote: SIPp and baresip."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import wave
from array import array
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.sim.carrier import Carrier
from tests.sim.media.g711 import decode
from tests.sim.media.tone import tone_frames
from tests.sim.phone import Phone

pytestmark = pytest.mark.skipif(
    not (shutil.which("sipp") and shutil.which("baresip")), reason="sip-tester and baresip are not installed"
)
OURS, THEIRS = "127.0.2.1", "127.0.2.2"


def free_port(host: str) -> int:
    """A port that is free for UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((host, 0))
            port: int = udp.getsockname()[1]
            with socket.socket() as tcp:
                try:
                    tcp.bind((host, port))
                except OSError:
                    continue
                return port


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


async def finished(process: asyncio.subprocess.Process, within: float = 15) -> tuple[int, str]:
    """Exit code and output; ends a process that does not end."""
    try:
        output, _ = await asyncio.wait_for(process.communicate(), within)
    except TimeoutError:
        process.kill()
        output, _ = await process.communicate()
        return -1, output.decode(errors="replace")
    return process.returncode or 0, output.decode(errors="replace")


async def sipp(directory: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("sipp", "-i", THEIRS, "-m", "1", "-nostdin", "-trace_err", *arguments),
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@asynccontextmanager
async def carrier(state: str = "on") -> Any:
    one = Carrier("test", (OURS, free_port(OURS)), f"{THEIRS}:5060")
    await one.interconnect.open()
    await one.interconnect.switch(state)
    try:
        yield one.interconnect
    finally:
        one.close()


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_sipp_calls_the_carrier(tmp_path: Path, transport: str) -> None:
    async def scenario() -> None:
        async with carrier() as interconnect:
            peer = f"{OURS}:{interconnect.port}"
            arguments = ("-sn", "uac", peer, "-s", "+32470123456", "-d", "600", "-t", transport)
            code, output = await finished(await sipp(tmp_path, "-p", str(free_port(THEIRS)), *arguments))
            assert code == 0, output
            [row] = interconnect.calls
            assert (row["dialled"], row["answered"], row["ended_by"]) == ("+32470123456", True, "them")
            assert row["transport"] == ("UDP" if transport == "u1" else "TCP")
            assert interconnect.violations == []

    run(scenario())


def test_sipp_is_refused_by_a_busy_carrier(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with carrier("busy") as interconnect:
            peer = f"{OURS}:{interconnect.port}"
            code, _ = await finished(await sipp(tmp_path, "-p", str(free_port(THEIRS)), "-sn", "uac", peer))
            assert code == 1
            assert interconnect.calls[0]["sip_code"] == 486
            assert interconnect.violations == []

    run(scenario())


def test_sipp_answers_the_phone_and_echoes(tmp_path: Path) -> None:
    async def scenario() -> None:
        port = free_port(THEIRS)
        media = str(free_port(THEIRS) // 2 * 2)
        answerer = await sipp(tmp_path, "-sn", "uas", "-p", str(port), "-rtp_echo", "-mp", media)
        await asyncio.sleep(0.5)
        async with Phone("anna", "x", server=f"{THEIRS}:{port}", local_ip=OURS) as phone:
            call = await phone.call(f"sip:service@{THEIRS}:{port}", tone=440)
            await call.answered()
            await call.hears(440)
            await call.hang_up()
            assert phone.violations == []
        code, output = await finished(answerer)
        assert code == 0, output

    run(scenario())


CHALLENGE = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="a registrar that checks the password">
 <recv request="REGISTER"/>
 <send><![CDATA[
SIP/2.0 401 Unauthorized
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
WWW-Authenticate: Digest realm="demo.kiestoon.test", nonce="47ebe028cda119c35d4877b383", qop="auth"
Content-Length: 0

 ]]></send>
 <recv request="REGISTER">
  <action><verifyauth assign_to="ok" username="anna" password="right"/></action>
 </recv>
 <nop hide="true" test="ok" next="good"/>
 <send><![CDATA[
SIP/2.0 403 Wrong Password
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

 ]]></send>
 <nop next="end"/>
 <label id="good"/>
 <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Contact:]
Content-Length: 0

 ]]></send>
 <label id="end"/>
</scenario>
"""


@pytest.mark.parametrize(("password", "code"), [("right", 200), ("wrong", 403)])
def test_sipp_checks_the_phones_digest(tmp_path: Path, password: str, code: int) -> None:
    async def scenario() -> None:
        (tmp_path / "registrar.xml").write_text(CHALLENGE)
        port = free_port(THEIRS)
        registrar = await sipp(tmp_path, "-sf", "registrar.xml", "-p", str(port))
        await asyncio.sleep(0.5)
        async with Phone("anna", password, server=f"{THEIRS}:{port}", local_ip=OURS) as phone:
            response = await phone.try_register()
            assert response.code == code
            phone.vanish()
        await finished(registrar)

    run(scenario())


def baresip_folder(directory: Path, port: int, *, transport: str = "udp", encryption: str = "") -> Path:
    """A baresip that answers at once and plays 660 Hz."""
    tone = array("h", decode(b"".join(tone_frames(660))) * 10)
    with wave.open(str(directory / "tone.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(tone.tobytes())
    lines = [
        f"sip_listen {THEIRS}:{port}",
        "module_path /usr/lib/baresip/modules",
        *(f"module {name}.so" for name in ("g711", "aufile", "srtp")),
        *(f"module_app {name}.so" for name in ("account", "menu")),
        f"audio_source aufile,{directory}/tone.wav",
        f"audio_player aufile,{directory}/heard.wav",
        f"audio_alert aufile,{directory}/tone.wav",
        "audio_srate 8000",
        "audio_channels 1",
        "rtp_ports 20000-20100",
    ]
    (directory / "config").write_text("\n".join(lines) + "\n")
    media = f";mediaenc={encryption}" if encryption else ""
    account = f"<sip:bare@{THEIRS}:{port};transport={transport}>;regint=0;answermode=auto{media}\n"
    (directory / "accounts").write_text(account)
    (directory / "contacts").write_text("")
    return directory


async def baresip(directory: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("baresip", "-f", str(directory), *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.parametrize("secure", [False, True])
def test_baresip_answers_the_phone(tmp_path: Path, secure: bool) -> None:
    async def scenario() -> None:
        port = free_port(THEIRS)
        baresip_folder(tmp_path, port, encryption="srtp-mand" if secure else "")
        answerer = await baresip(tmp_path)
        await asyncio.sleep(1)
        async with Phone("anna", "x", server=f"{THEIRS}:{port}", local_ip=OURS, srtp=secure) as phone:
            call = await phone.call(f"sip:bare@{THEIRS}:{port}", tone=440)
            await call.answered()
            await call.hears(660)
            assert call.media.rejected == 0
            await call.hold()
            await call.resume()
            await call.hears(660)
            await call.hang_up()
            assert phone.violations == []
        answerer.terminate()
        await finished(answerer)

    run(scenario())


def test_baresip_calls_the_carrier(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with carrier("tone") as interconnect:
            baresip_folder(tmp_path, free_port(THEIRS))
            uri = f"sip:0470123456@{OURS}:{interconnect.port}"
            caller = await baresip(tmp_path, "-e", f"/dial {uri}", "-t", "3")
            _, output = await finished(caller)
            [row] = interconnect.calls
            assert row["answered"], output
            assert row["heard_tone"] == 660
            assert row["ended_by"] == "them"
            assert interconnect.violations == []

    run(scenario())
