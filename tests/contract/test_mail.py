"""Our mail client against the simulated server, and the simulated server against curl."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiestoon.adapters.mail import MailRefused, MailServer, MailUnavailable
from kiestoon.portal.mail import message_to
from kiestoon.stack import probes

ROOT = Path(__file__).resolve().parents[2]
SMTP, CONTROL = 22525, 28025


def ask(path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{CONTROL}{path}", data, timeout=5) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def simulator() -> Iterator[None]:
    ends = ("--listen", f"127.0.0.1:{SMTP}", "--control", f"127.0.0.1:{CONTROL}")
    process = subprocess.Popen([sys.executable, "-m", "tests.sim.mail", *ends], cwd=ROOT)
    assert probes.wait(lambda: probes.listens("127.0.0.1", CONTROL), 10)
    yield
    process.terminate()
    process.wait(5)


@pytest.fixture
def server(simulator: None) -> MailServer:
    ask("/switch", {"state": "on"})
    ask("/forget", {})
    ask("/refuse", {"addresses": []})
    return MailServer("127.0.0.1", SMTP)


def test_a_letter_arrives_as_it_was_written(server: MailServer) -> None:
    text = "Wo hilft man?\n.\n. ein Punkt am Anfang\n" + "é" * 2000
    reply = server.send(message_to("an@zon.example", "Étoile et É", text))
    assert reply == "250 2.0.0 kept as 1"
    (letter,) = ask("/messages")
    assert letter["to"] == ["an@zon.example"]
    assert letter["subject"] == "Étoile et É"
    assert letter["text"].rstrip("\n") == text
    assert letter["auto-submitted"] == "auto-generated"


def test_refused_for_good_and_for_now_are_told_apart(server: MailServer) -> None:
    ask("/refuse", {"addresses": ["gone@zon.example"]})
    with pytest.raises(MailRefused, match=r"550 5\.1\.1 no such mailbox"):
        server.send(message_to("gone@zon.example", "S", "t"))
    assert server.send(message_to("an@zon.example", "S", "t"))
    ask("/switch", {"state": "later"})
    with pytest.raises(MailUnavailable, match="451"):
        server.send(message_to("an@zon.example", "S", "t"))
    ask("/switch", {"state": "off"})
    with pytest.raises(MailUnavailable, match="ConnectionRefusedError"):
        server.send(message_to("an@zon.example", "S", "t"))
    ask("/switch", {"state": "on"})
    assert server.send(message_to("an@zon.example", "S", "t"))


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (b"Subject: x\r\n\r\nt\r\n", "no From, To, Date, Message-ID, MIME-Version"),
        ("From: a@b\r\nSubject: x\r\n\r\né\r\n".encode(), "8 bits"),
    ],
)
def test_the_simulator_refuses_what_breaks_the_standard(
    server: MailServer, tmp_path: Path, message: bytes, problem: str
) -> None:
    """Sent by curl: somebody else's client."""
    file = tmp_path / "letter"
    file.write_bytes(message)
    url = f"smtp://127.0.0.1:{SMTP}"
    ends = ("--mail-from", "a@b.example", "--mail-rcpt", "c@d.example", "--upload-file", str(file))
    done = subprocess.run(
        ["curl", "-sv", "--noproxy", "*", url, *ends], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert problem in done.stderr


def test_curls_letter_is_taken(server: MailServer, tmp_path: Path) -> None:
    head = "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: Tue, 24 Nov 2026 12:00:00 +0100\r\n"
    file = tmp_path / "letter"
    file.write_bytes(f"{head}Message-ID: <1@b.example>\r\nMIME-Version: 1.0\r\n\r\n.dot\r\n".encode())
    begun = time.monotonic()
    subprocess.run(
        [
            *("curl", "-s", "--noproxy", "*", f"smtp://127.0.0.1:{SMTP}", "--mail-from", "a@b.example"),
            *("--mail-rcpt", "c@d.example", "--upload-file", str(file)),
        ],
        check=True,
    )
    assert ask("/messages")[0]["text"].startswith(".dot")
    assert time.monotonic() - begun < 5
