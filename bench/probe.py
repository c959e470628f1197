"""An unauthenticated emergency call every so often, timed from INVITE to 200: what a person in need waits.

Also samples the edge's UDP receive queue. Standard library only; plain SIP over UDP from 127.0.0.6.
"""

from __future__ import annotations

import re
import socket
import threading
import time
import uuid
from pathlib import Path

EDGE = ("127.0.0.1", 5060)
HERE = "127.0.0.6"
PATIENCE_S = 10.0


def _message(
    method: str, uri: str, call: str, cseq: int, to_tag: str = "", route: str = "", body: str = ""
) -> bytes:
    """`route` is the whole Route header lines, "" for none."""
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {HERE}:5090;branch=z9hG4bK{uuid.uuid4().hex};rport",
        "Max-Forwards: 70",
        f"From: <sip:probe@{HERE}>;tag={call[:8]}",
        f"To: <sip:112@127.0.0.1>{to_tag}",
        f"Call-ID: {call}",
        f"CSeq: {cseq} {method}",
        f"Contact: <sip:probe@{HERE}:5090>",
        *([route] if route else []),
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class EmergencyProbe:
    """`with EmergencyProbe() as probe:` calls 112 every `interval` seconds in a thread of its own."""

    def __init__(self, interval: float = 0.5) -> None:
        self.setup_ms: list[float] = []
        self.first_ms: list[float] = []
        """From INVITE to 100 Trying: what the edge's queue and its work on the INVITE take."""
        self.failed = 0
        self.queue_bytes = 0
        """Largest receive queue of the edge's UDP sockets seen, in bytes."""
        self._interval = interval
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call_again), threading.Thread(target=self._watch)]

    def __enter__(self) -> EmergencyProbe:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def percentile(self, q: int) -> float | None:
        return percentile(self.setup_ms, q)

    def _call_again(self) -> None:
        while not self._over.wait(self._interval):
            took, first = _call_112()
            if took is None:
                self.failed += 1
            else:
                self.setup_ms.append(took * 1000)
                self.first_ms.append(first * 1000)

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.queue_bytes = max(self.queue_bytes, _receive_queue())


def percentile(found: list[float], q: int) -> float | None:
    """The q-th percentile, to a tenth; None of nothing."""
    values = sorted(found)
    return round(values[min(len(values) - 1, len(values) * q // 100)], 1) if values else None


def _call_112() -> tuple[float | None, float]:
    """Seconds from INVITE to 200 (None when there was none) and to the first answer."""
    call = uuid.uuid4().hex
    sdp = f"v=0\r\no=- 1 1 IN IP4 {HERE}\r\ns=-\r\nc=IN IP4 {HERE}\r\nt=0 0\r\nm=audio 6200 RTP/AVP 8\r\n"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HERE, 5090))
        sock.connect(EDGE)
        invite = _message("INVITE", "sip:112@127.0.0.1", call, 1, body=sdp)
        begun, wait, first = time.monotonic(), 0.5, 0.0
        sock.send(invite)
        while time.monotonic() - begun < PATIENCE_S:
            sock.settimeout(wait)
            try:
                answer = sock.recv(65535).decode(errors="replace")
            except (TimeoutError, ConnectionError):
                sock.send(invite)
                wait = min(4.0, wait * 2)
                continue
            status = int(answer.split(" ", 2)[1]) if answer.startswith("SIP/2.0") else 0
            first = first or time.monotonic() - begun
            if status < 200 or call not in answer:
                wait = PATIENCE_S
                continue
            took = time.monotonic() - begun
            _end(sock, answer, call, status)
            return (took if status == 200 else None), first
    return None, 0.0


def _end(sock: socket.socket, answer: str, call: str, status: int) -> None:
    """ACK, and BYE when it was answered."""
    found = re.search(r"^To:.*?(;tag=[^\s;]+)", answer, re.M | re.I)
    tag = found.group(1) if found else ""
    if status != 200:
        sock.send(_message("ACK", "sip:112@127.0.0.1", call, 1, tag))
        return
    routes = re.findall(r"^Record-Route:\s*(.+?)\r?$", answer, re.M | re.I)
    route = "\r\n".join(f"Route: {one}" for one in reversed(routes))
    contact = re.search(r"^Contact:.*?<([^>]+)>", answer, re.M | re.I)
    uri = contact.group(1) if contact else "sip:112@127.0.0.1"
    sock.send(_message("ACK", uri, call, 1, tag, route))
    time.sleep(0.05)
    sock.send(_message("BYE", uri, call, 2, tag, route))
    sock.settimeout(1)
    try:
        sock.recv(65535)
    except OSError:
        return


def _receive_queue() -> int:
    """Bytes waiting in the edge's UDP sockets (all listens on port 5060)."""
    total = 0
    for name in ("udp", "udp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(":13C4") and fields[1].startswith(("0100007F", "0" * 24)):
                total += int(fields[4].split(":")[1], 16)
    return total
