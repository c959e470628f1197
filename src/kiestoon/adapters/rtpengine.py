"""rtpengine over its ng protocol (a datagram out, one back): which sessions it has, ending one.

Questions are asked in JSON; a session is ended in bencode, which costs rtpengine much less.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

ADDRESS = ("127.0.0.1", 2223)
TIMEOUT_SECONDS = 0.5
LIST_LIMIT = 500
"""Sessions asked for at once: their Call-IDs fit in one datagram."""


DELETE_SECONDS = 0.15
"""What a SIP worker may wait for media (docs/architecture.md); no second try."""
PAUSE_SECONDS = 2.0
"""After no answer nothing is asked for so long: a dead rtpengine must not slow every BYE."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of the worse direction: loss in percent, jitter in ms, MOS from 1 to 5.

    `packets`: RTP packets relayed. loss, jitter_ms and mos are None when no device sent RTCP (a call of a
    few seconds).
    """

    packets: int
    loss: float | None = None
    jitter_ms: float | None = None
    mos: float | None = None


class MediaUnavailable(Exception):
    """rtpengine did not answer, or not in a way that can be read: nothing is known."""


class MediaSessions(Protocol):
    """What reconciliation asks."""

    def alive(self, sip_call_ids: Collection[str]) -> set[str]:
        """Those of these SIP Call-IDs that have a media session; raises MediaUnavailable."""
        ...


class Rtpengine:
    """The running rtpengine."""

    def __init__(self, address: tuple[str, int] = ADDRESS) -> None:
        self._address = address

    def alive(self, sip_call_ids: Collection[str]) -> set[str]:
        """One `list` when it holds few sessions, else one `query` for each Call-ID."""
        if not sip_call_ids:
            return set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(TIMEOUT_SECONDS)
            sock.connect(self._address)
            calls = _ask(sock, {"command": "list", "limit": LIST_LIMIT}).get("calls")
            if isinstance(calls, list) and len(calls) < LIST_LIMIT:
                return set(sip_call_ids) & {str(call) for call in calls}
            return {one for one in sip_call_ids if _has(sock, one)}


def statistics(address: tuple[str, int] = ADDRESS) -> dict[str, Any]:
    """Everything rtpengine counts, as it nests it; raises MediaUnavailable."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(TIMEOUT_SECONDS)
        sock.connect(address)
        found = _ask(sock, {"command": "statistics"}).get("statistics")
        return found if isinstance(found, dict) else {}


def free_ports(address: tuple[str, int] = ADDRESS) -> int | None:
    """UDP ports rtpengine has left on the local address that has fewest; None when it does not say.

    Raises MediaUnavailable.
    """
    counts = [one.get("ports", {}).get("free") for one in statistics(address).get("interfaces", [])]
    return min((int(count) for count in counts if count is not None), default=None)


def answers(address: tuple[str, int] = ADDRESS) -> bool:
    """Whether rtpengine answers a ping."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(TIMEOUT_SECONDS)
        sock.connect(address)
        try:
            return _ask(sock, {"command": "ping"}).get("result") == "pong"
        except MediaUnavailable:
            return False


def _has(sock: socket.socket, sip_call_id: str) -> bool:
    answer = _ask(sock, {"command": "query", "call-id": sip_call_id})
    if answer.get("result") == "ok":
        return True
    if "nknown call" in str(answer.get("error-reason")):
        return False
    raise MediaUnavailable(f"rtpengine answers {answer.get('result')}")


def _ask(sock: socket.socket, command: dict[str, Any]) -> dict[str, Any]:
    """Send one command; answers to earlier ones (another cookie) are passed over."""
    cookie = os.urandom(6).hex().encode()
    try:
        sock.send(cookie + b" " + json.dumps(command).encode())
        while True:
            answer, _, body = sock.recv(65_535).partition(b" ")
            if answer == cookie:
                found = json.loads(body)
                if isinstance(found, dict):
                    return found
                raise MediaUnavailable("rtpengine answers no dictionary")
    except (OSError, ValueError) as error:
        raise MediaUnavailable(type(error).__name__) from error


class MediaEnds:
    """Ends sessions and says how they were; one per process, opened lazily, after fork."""

    def __init__(self, address: tuple[str, int] = ADDRESS) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        self._ask_at = 0.0
        self._count = 0

    def delete(self, sip_call_id: str, from_tag: str) -> Quality | None:
        """End the session of this SIP Call-ID and tag; None when there was none.

        Raises MediaUnavailable after DELETE_SECONDS without an answer, and at once for PAUSE_SECONDS more.
        """
        now = time.monotonic()
        if now < self._ask_at:
            raise MediaUnavailable("did not answer a moment ago")
        try:
            answer = self._exchange(_delete(sip_call_id, from_tag))
        except OSError as error:
            self._ask_at = now + PAUSE_SECONDS
            raise MediaUnavailable(type(error).__name__) from error
        return quality(answer) if b"6:result2:ok" in answer and b"7:warning" not in answer else None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, command: bytes) -> bytes:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.connect(self._address)
        self._count += 1
        cookie = b"k%d_%d" % (os.getpid(), self._count)
        deadline = time.monotonic() + DELETE_SECONDS
        self._socket.settimeout(DELETE_SECONDS)
        self._socket.send(cookie + b" " + command)
        while True:
            answer, _, body = self._socket.recv(65_535).partition(b" ")
            if answer == cookie:
                return body
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)


def _delete(sip_call_id: str, from_tag: str) -> bytes:
    call_id, tag = sip_call_id.encode(errors="replace"), from_tag.encode(errors="replace")
    return b"d7:command6:delete7:call-id%d:%b8:from-tag%d:%be" % (len(call_id), call_id, len(tag), tag)


_SOURCE = re.compile(
    rb":(\d+)d15:cumulative lossi(\d+)e"
    rb"(?:11:average MOSd3:MOSi(\d+)e[^:]*:round-trip timei\d+e[^:]*:round-trip time legi\d+e"
    rb"6:jitteri(\d+)e11:packet lossi\d+e7:samplesi\d+ee)?"
)
_RELAYED = re.compile(rb"4:SSRCi(\d+)e5:statsd7:packetsi(\d+)e")
_TOTAL = re.compile(rb"6:totalsd3:RTPd7:packetsi(\d+)e")


def quality(answer: bytes) -> Quality:
    """The quality in the bencoded answer of rtpengine 10 to `delete` or `query`.

    Loss is reckoned from what the receivers counted (RFC 3550 cumulative number of packets lost) and the
    packets relayed; rtpengine's own average is in whole percents, rounded down twice.
    """
    packets: dict[bytes, int] = {}
    for source, count in _RELAYED.findall(answer):
        packets[source] = max(packets.get(source, 0), int(count))  # the RTCP stream has the same source
    losses, jitters, scores = [], [], []
    for source, lost, mos, jitter in _SOURCE.findall(answer):
        if mos:
            losses.append(100 * int(lost) / max(1, int(lost) + packets.get(source, 0)))
            scores.append(int(mos) / 10)
            jitters.append(float(jitter))
    total = _TOTAL.search(answer)
    relayed = int(total[1]) if total else 0
    if not losses:
        return Quality(relayed)
    return Quality(relayed, round(max(losses), 2), max(jitters), min(scores))
