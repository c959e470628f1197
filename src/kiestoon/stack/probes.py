"""Is each process ready to do its work? One question to each, over the interface others use."""

from __future__ import annotations

import http.client
import socket
import time
import uuid
from collections.abc import Callable

from kiestoon.stack import database
from kiestoon.stack.layout import EDGE, MEDIA_CONTROL, Layout
from kiestoon.stack.programs import SIMULATORS

Probe = Callable[[], bool]


def _ask(address: tuple[str, int], message: bytes, timeout: float = 0.5) -> bytes:
    """One UDP datagram out, one back; empty when there is no answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect(address)
            sock.send(message)
            return sock.recv(4096)
        except OSError:
            return b""


def media() -> bool:
    """rtpengine answers a ping over the ng protocol."""
    return b"pong" in _ask(MEDIA_CONTROL, b"1 d7:command4:pinge")


def sip(address: tuple[str, int] = EDGE) -> bool:
    """Any answer to OPTIONS."""
    branch, host = uuid.uuid4().hex, f"{address[0]}:{address[1]}"
    lines = (
        f"OPTIONS sip:{host} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK{branch}",
        f"From: <sip:ping@127.0.0.1>;tag={branch[:8]}",
        f"To: <sip:{host}>",
        f"Call-ID: {branch}",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 10",
        "Content-Length: 0",
        "",
        "",
    )
    return _ask(address, "\r\n".join(lines).encode()).startswith(b"SIP/2.0 ")


def listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def portal() -> bool:
    """The portal answers a request, with anything but a server error."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": "localhost:8000"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def all_probes(layout: Layout) -> dict[str, Probe]:
    """By process name; a process without a probe is ready when it runs."""
    probes: dict[str, Probe] = {
        "postgres": lambda: database.ready(layout),
        "media": media,
        "edge": sip,
        "portal": portal,
    }
    for simulator in SIMULATORS:
        host, port = simulator.control.split(":")
        probes[simulator.process] = lambda host=host, port=port: listens(host, int(port))  # type: ignore[misc]
    return probes


def wait(probe: Probe, seconds: float) -> bool:
    """Ask until the answer is yes or the time is up."""
    deadline = time.monotonic() + seconds
    while not probe():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
