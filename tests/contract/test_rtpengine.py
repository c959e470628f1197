"""The adapter against a real rtpengine, and against answers it must not trust."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from kiestoon.adapters.rtpengine import LIST_LIMIT, MediaEnds, MediaUnavailable, Quality, Rtpengine, _ask

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)


@pytest.fixture
def engine() -> Iterator[tuple[str, int]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address: tuple[str, int] = free.getsockname()
    command = ["/usr/bin/rtpengine", "--foreground", "--log-stderr", "--log-level=3", "--table=-1"]
    command += ["--config-file=none", "--interface=127.0.0.1", f"--listen-ng={address[0]}:{address[1]}"]
    command += ["--port-min=38100", "--port-max=39900", "--delete-delay=0"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                if tell(address, {"command": "ping"}).get("result") == "pong":
                    break
            except MediaUnavailable:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def tell(address: tuple[str, int], command: dict[str, object]) -> dict[str, object]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.connect(address)
        return _ask(sock, command)


def offer(address: tuple[str, int], call_id: str) -> None:
    answer = tell(address, {"command": "offer", "call-id": call_id, "from-tag": "f", "sdp": SDP})
    assert answer["result"] == "ok", answer


def test_sessions_are_found_and_missed(engine: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    offer(engine, "a@x")
    offer(engine, "b@x")
    media = Rtpengine(engine)
    assert media.alive(["a@x", "b@x", "never"]) == {"a@x", "b@x"}
    assert media.alive([]) == set()
    tell(engine, {"command": "delete", "call-id": "b@x", "from-tag": "f", "delete-delay": 0})
    assert media.alive(["a@x", "b@x"]) == {"a@x"}
    # Too many to list: asked one by one.
    monkeypatch.setattr("kiestoon.adapters.rtpengine.LIST_LIMIT", 1)
    assert media.alive(["a@x", "b@x"]) == {"a@x"}
    assert LIST_LIMIT > 1


def test_silence_says_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        with pytest.raises(MediaUnavailable):
            Rtpengine(server.getsockname()).alive(["a"])


@pytest.mark.parametrize("body", [b"[1]", b"{half", b'{"result":"error","error-reason":"overloaded"}'])
def test_nonsense_says_nothing(body: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            for _ in range(2):
                with contextlib.suppress(TimeoutError):
                    data, sender = server.recvfrom(4096)
                    server.sendto(b"other " + json.dumps({"calls": []}).encode(), sender)
                    server.sendto(data.partition(b" ")[0] + b" " + body, sender)

        server.settimeout(1)
        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(MediaUnavailable):
            Rtpengine(server.getsockname()).alive(["a"])
        thread.join()


def test_a_session_is_ended_once(engine: tuple[str, int]) -> None:
    offer(engine, "a@x")
    ends = MediaEnds(engine)
    assert ends.delete("a@x", "f") == Quality(0)
    assert Rtpengine(engine).alive(["a@x"]) == set()
    assert ends.delete("a@x", "f") is None
    assert ends.delete("never: é", "") is None
    ends.close()


def test_an_end_waits_150_ms_and_then_not_at_all() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        ends = MediaEnds(server.getsockname())
        begun = time.monotonic()
        with pytest.raises(MediaUnavailable):
            ends.delete("a", "f")
        first = time.monotonic() - begun
        with pytest.raises(MediaUnavailable):
            ends.delete("a", "f")
        ends.close()
        assert 0.1 < first < 0.3
        assert time.monotonic() - begun - first < 0.05
