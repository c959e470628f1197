"""What operators are told: logs without personal data, figures, one call followed through all processes."""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import socket
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from tests.demo import DIRECT, Demo, final
from tests.scenarios.test_calls import connect

DIALLED = "0470987654"
MARKS = ("470987654", "quetzal", "7b7b7b7b")
"""Digits dialled, a name, and a word in texts that cannot be read."""


def our_logs(folder: Path) -> list[Path]:
    """Every log of the stack but those of simulators, which play the other end."""
    return [path for path in folder.glob("*.log*") if not path.name.startswith("sim-")]


def fetch(url: str) -> tuple[int, str]:
    try:
        with DIRECT.open(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def post(url: str, fields: dict[str, str]) -> int:
    """A form as a browser sends it."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
    )
    opener.open(url, timeout=20).close()
    token = next((cookie.value or "" for cookie in jar if cookie.name == "csrftoken"), "")
    data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
    request = urllib.request.Request(url, data, {"Referer": url, "Origin": "http://localhost:8000"})
    try:
        with opener.open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def send_nonsense() -> None:
    """Datagrams that Kamailio cannot read, or that its modules complain about."""
    quetzal = "Quetzal <sip:+32470987654@7b7b7b7b.test>"
    heads = (
        f"INVITE sip:{DIALLED}@demo.kiestoon.test SIP/2.0\r\nFrom: {quetzal}\r\n",
        f"INVITE sip:{DIALLED}@demo.kiestoon.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKq\r\n"
        f"From: {quetzal};tag=1\r\nTo: <sip:{DIALLED}@7b7b7b7b\r\nCall-ID: quetzal7b7b7b7b\r\n"
        "CSeq: x INVITE\r\n\r\n",
        f"{DIALLED} sip:quetzal SIP/2.0 7b7b7b7b\r\n\r\n",
        f"INVITE sip:{DIALLED}@demo.kiestoon.test SIP/2.0\r\nVia: quetzal {DIALLED}\r\n\r\n",
        f"REGISTER sip:demo.kiestoon.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKr\r\n"
        f"From: <sip:quetzal@x>;tag=2\r\nTo: <sip:quetzal@x>\r\nCall-ID: 7b7b7b7b\r\nCSeq: 1 REGISTER\r\n"
        f'Contact: <sip:{DIALLED}@\r\nAuthorization: Digest username="quetzal", nonce="7b7b7b7b"\r\n\r\n',
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.8", 0))
        for head in heads:
            sock.sendto(head.encode(), ("127.0.0.1", 5060))
    with socket.create_connection(("127.0.0.1", 5060), 5, ("127.0.0.8", 0)) as stream:
        stream.sendall(
            f"INVITE sip:{DIALLED}@x SIP/2.0\r\nFrom: {quetzal}\r\nContent-Length: -7\r\n\r\n".encode()
        )


async def test_no_log_says_who_called_whom(demo: Demo) -> None:
    """Calls, refusals, unreadable requests, errors of portal and API, with marked numbers and names."""
    async with (
        demo.phone("anna", display="Quetzal") as anna,
        demo.phone("bram", display="Quetzal") as bram,
        demo.phone("anna", username="quetzal.7b7b7b7b", password="x", local_ip="127.0.0.9") as stranger,
    ):
        await anna.register()
        await bram.register()
        assert (await stranger.try_register()).code == 401
        call = await anna.call(DIALLED)
        await call.answered()
        await call.hang_up()
        inside, _ = await connect(anna, bram, demo.number("bram"))
        await inside.hang_up()
        demo.switch("national_carrier", "off")
        demo.switch("international_carrier", "off")
        try:
            assert await final(await anna.call(DIALLED), 20) in (408, 503)
        finally:
            demo.switch("national_carrier", "on")
            demo.switch("international_carrier", "on")
        assert await final(await anna.call("09004709876547b7b7b7b")) >= 400
        await asyncio.to_thread(send_nonsense)
        incoming = asyncio.create_task(demo.carrier_calls_in("+32470987654", demo.number("bram")))
        await (await bram.wait_call()).answer()
        assert (await incoming)["sip_code"] == 200
    portal = "http://localhost:8000"
    for path in (
        "/en/calls/+32470987654/",
        "/quetzal/7b7b7b7b",
        "/en/calls/?number=quetzal",
        "/api/users/quetzal",
    ):
        await asyncio.to_thread(fetch, portal + path)
    await asyncio.to_thread(post, f"{portal}/en/sign-in/", {"username": "quetzal", "password": "7b7b7b7b"})
    username = demo.users["anna"]["username"]
    for method, path, body in (
        ("GET", "/users/quetzal", None),
        ("GET", "/calls?number=quetzal7b7b7b7b", None),
        ("GET", f"/calls?number=%2B32{MARKS[0]}", None),
        ("PATCH", f"/users/{username}", {"name": "Quetzal", "forwarding": [{"to": "+32470987654"}]}),
        ("PATCH", f"/users/{username}", {"quetzal": "7b7b7b7b"}),
        ("POST", f"/users/{username}", {"name": "Quetzal"}),
    ):
        status, _ = await asyncio.to_thread(demo.api, method, path, body)
        assert status < 500
    demo.cdr(call.invite.call_id)
    logs = our_logs(demo.stack.state / "log")
    assert {"edge.log", "media.log", "portal.log", "ingest.log", "postgres.log", "jobs.log"} <= {
        path.name for path in logs
    }
    for log in logs:
        text = log.read_text(errors="replace").lower()
        assert not [mark for mark in MARKS if mark in text], log.name


async def test_logs_are_json_lines(demo: Demo) -> None:
    await asyncio.to_thread(fetch, "http://localhost:8000/en/calls/+32470987654/")
    rows = []
    for name in ("edge", "media", "postgres", "portal", "ingest", "journal", "metrics", "jobs"):
        for line in (demo.stack.state / "log" / f"{name}.log").read_text().splitlines():
            row = json.loads(line)
            assert {"time", "level", "process", "event"} <= row.keys(), line
            assert row["process"] == name
            rows.append(row)
    assert any(row["event"] == "request" and row["route"] == "call" for row in rows)


async def test_every_process_has_figures(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("112")
        await call.answered()
        await call.hang_up()
    demo.cdr(call.invite.call_id)
    status, text = await asyncio.to_thread(fetch, "http://127.0.0.1:9464/metrics")
    assert status == 200
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    for source in ("edge", "media", "processes", "measurements", "alerts"):
        assert figures[f'kiestoon_source_up{{source="{source}"}}'] == "1.0", source
    for process in (row["name"] for row in demo.stack.json("status")["processes"]):
        assert float(figures[f'kiestoon_process_resident_bytes{{process="{process}"}}']) > 1 << 20
        assert f'kiestoon_process_cpu_seconds_total{{process="{process}"}}' in figures
    assert float(figures["kamailio_core_rcv_requests_invite_total"]) > 0
    assert float(figures["kamailio_shmem_free_size"]) > 0
    assert float(figures["rtpengine_managedsessions_total"]) > 0
    emergency = 'kiestoon_call_attempts_total{direction="outgoing",emergency="on-site"}'
    assert float(figures[emergency]) >= 1
    answered = 'kiestoon_calls_ended_total{direction="outgoing",emergency="on-site",outcome="answered"}'
    assert float(figures[answered]) >= 1
    assert float(figures['kiestoon_call_setup_seconds_count{direction="outgoing"}']) >= 1
    assert "32470" not in text
    assert (await asyncio.to_thread(fetch, "http://127.0.0.1:9464/"))[0] == 404


async def test_a_call_is_followed_through_all_processes(demo: Demo) -> None:
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call, _ = await connect(anna, bram, demo.number("bram"))
        await call.hang_up()
    cdr = demo.cdr(call.invite.call_id)
    for wanted in (cdr["call_id"], call.invite.call_id, call.invite.call_id[:12]):
        found = json.loads(demo.stack.cli("follow", wanted, "--json").stdout)
        assert found["call_id"] == cdr["call_id"]
        assert found["sip_call_ids"] == [call.invite.call_id]
        told = [(row["source"], row["what"]) for row in found["rows"]]
        assert told[0] == ("edge", "attempt")
        assert {("edge", "answer"), ("edge", "bye"), ("ingest", "cdr written")} <= set(told)
        times = [row["time"] for row in found["rows"]]
        assert times == sorted(times)
    shown = demo.stack.cli("follow", cdr["call_id"])
    assert "attempt" in shown.stdout
    assert demo.stack.cli("follow", "no-such-call").returncode == 1
    assert "at least 6" in demo.stack.cli("follow", "x").stderr
