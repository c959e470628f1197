"""Floods: more requests or connections than a server can take, from as many addresses as wanted."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.sim.hostile.torture import SDP, Sender, request
from tests.sim.hostile.wire import SERVERS, Wire

_counter = itertools.count()


class RequestFlood:
    """`with RequestFlood("REGISTER", 5000, sources) as flood:` sends over UDP until the block ends.

    `answers` counts what came back by status; `retry_after` the answers that carried it.
    """

    def __init__(self, method: str, rate: float, sources: Sequence[str], user: str = "anna") -> None:
        self.answers: Counter[int] = Counter()
        self.retry_after = 0
        self.sent = 0
        self._rate = rate
        self._over = threading.Event()
        self._lines: list[tuple[socket.socket, bytes, bytes]] = []
        for source in sources:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind((source, 0))
            sock.connect(SERVERS["udp"])
            sock.setblocking(False)
            sender = Sender("udp", source, sock.getsockname()[1], user)
            body: bytes = SDP if method == "INVITE" else b""
            uri = "sip:+32470123456@demo.kiestoon.test" if body else "sip:demo.kiestoon.test"
            parts: list[bytes] = request(
                sender,
                method,
                uri,
                body,
                via=f"SIP/2.0/UDP {sender.sent_by};branch=z9hG4bK@@;rport",
                call_id="@@",
                to=f"<sip:{user}@demo.kiestoon.test>",
            ).split(b"@@")
            self._lines.append((sock, parts[0], b"@@".join(parts[1:])))
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> RequestFlood:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        for sock, _, _ in self._lines:
            sock.close()

    def _run(self) -> None:
        begun = time.monotonic()
        while not self._over.is_set():
            due = int((time.monotonic() - begun) * self._rate) - self.sent
            for _ in range(min(due, 500)):
                unique = b"%x" % next(_counter)
                sock, head, tail = self._lines[self.sent % len(self._lines)]
                with contextlib.suppress(OSError):
                    sock.send(head + unique + tail.replace(b"@@", unique))
                self.sent += 1
            for sock, _, _ in self._lines:
                self._drain(sock)
            time.sleep(0.001)

    def _drain(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while answer := sock.recv(4096):
                self.answers[int(answer[8:11])] += 1
                self.retry_after += b"\r\nRetry-After: " in answer


@contextlib.contextmanager
def open_connections(transport: str, source: str, count: int) -> Iterator[list[Wire]]:
    """As many connections as the server and this machine allow, up to `count`; they say nothing."""
    lines: list[Wire] = []
    try:
        for _ in range(count):
            try:
                lines.append(Wire(transport, source))
            except OSError:
                time.sleep(0.001)
        yield lines
    finally:
        for line in lines:
            line.close()


def still_open(lines: Sequence[Wire]) -> int:
    """How many of the connections the server has not ended."""
    found = 0
    for line in lines:
        line.socket.setblocking(False)
        try:
            found += bool(line.socket.recv(4096))
        except (BlockingIOError, InterruptedError):
            found += 1
        except OSError as error:
            found += type(error).__name__ == "SSLWantReadError"
    return found


def main() -> None:
    """PROCESS one flood: METHOD RATE SECONDS ADDRESS...; prints what came back as JSON."""
    method, rate, seconds, *sources = sys.argv[1:]
    with RequestFlood(method, float(rate), sources, user="franz.meyer") as flood:
        time.sleep(float(seconds))
    print(json.dumps({"sent": flood.sent, "retry_after": flood.retry_after, "answers": flood.answers}))


if __name__ == "__main__":
    main()
