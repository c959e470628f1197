"""Session descriptions (RFC 4566, RFC 3264): one audio stream of G.711 with telephone events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PCMA, PCMU = 8, 0
_EVENTS = re.compile(r"a=rtpmap:(\d+) telephone-event/8000", re.IGNORECASE)
_DIRECTION = re.compile(r"a=(sendrecv|sendonly|recvonly|inactive)\s*$", re.MULTILINE)
_OWN_DIRECTION: Final = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly"}
_NAMES: Final = {PCMA: "PCMA", PCMU: "PCMU"}
MIME = "application/sdp"


@dataclass(frozen=True, slots=True)
class Session:
    """What the other side described. `streams` are its m= lines; audio is number `audio` of them."""

    address: str
    port: int
    payload_type: int
    event_type: int | None
    direction: str
    streams: tuple[str, ...]
    audio: int

    @property
    def is_held(self) -> bool:
        """It does not want to hear us now."""
        return self.direction in ("sendonly", "inactive")


def read(text: str) -> Session | None:
    """The first stream of plain RTP audio over IPv4 in G.711; None when there is none we can talk to."""
    head, *sections = re.split(r"^(?=m=)", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    streams = tuple(section.partition("\n")[0] for section in sections)
    for number, section in enumerate(sections):
        fields = streams[number].split()
        if len(fields) < 4 or fields[0] != "m=audio" or fields[2] != "RTP/AVP" or not fields[1].isdigit():
            continue
        address, port = _connection(section) or _connection(head), int(fields[1])
        offered = [int(one) for one in fields[3:] if one.isdigit()]
        known = [one for one in offered if one in _NAMES]
        if not address or not 0 < port < 65536 or not known:
            continue
        events = [int(one) for one in _EVENTS.findall(section) if int(one) in offered]
        said = _DIRECTION.search(section) or _DIRECTION.search(head)
        direction = said.group(1) if said else "sendrecv"
        return Session(address, port, known[0], events[0] if events else None, direction, streams, number)
    return None


def _connection(section: str) -> str:
    found = re.search(r"^c=IN IP4 (\d{1,3}(?:\.\d{1,3}){3})", section, re.MULTILINE)
    return found.group(1) if found else ""


def answer(offered: Session, host: str, port: int, identity: int, version: int) -> str:
    """Our answer: their first codec that we have; every other stream is refused."""
    lines = _head(host, identity, version)
    for number, stream in enumerate(offered.streams):
        if number == offered.audio:
            direction = _OWN_DIRECTION.get(offered.direction, "inactive")
            lines += _audio(port, (offered.payload_type,), offered.event_type, direction)
        else:
            kind, _, rest = stream.partition(" ")
            lines.append(f"{kind} 0 {rest.partition(' ')[2]}")
    return "\r\n".join(lines) + "\r\n"


def offer(host: str, port: int, identity: int, version: int) -> str:
    """Our own offer, for an INVITE that had none."""
    return (
        "\r\n".join([*_head(host, identity, version), *_audio(port, (PCMA, PCMU), 101, "sendrecv")]) + "\r\n"
    )


def _head(host: str, identity: int, version: int) -> list[str]:
    return [
        "v=0",
        f"o=- {identity} {version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
    ]


def _audio(port: int, codecs: tuple[int, ...], events: int | None, direction: str) -> list[str]:
    kinds = [*codecs, *([events] if events is not None else [])]
    lines = [f"m=audio {port} RTP/AVP {' '.join(map(str, kinds))}"]
    lines += [f"a=rtpmap:{codec} {_NAMES[codec]}/8000" for codec in codecs]
    if events is not None:
        lines += [f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15"]
    return [*lines, "a=ptime:20", f"a={direction}"]


_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;,]+))', re.IGNORECASE)


def of_body(content_type: str, body: bytes) -> str:
    """The session description in a message body, alone or as a part (RFC 5621); "" when there is none."""
    text = body.decode("utf8", "replace")
    lowered = content_type.lower()
    if lowered.partition(";")[0].strip() == MIME:
        return text
    boundary = _BOUNDARY.search(content_type) if lowered.startswith("multipart/") else None
    if boundary is None:
        return ""
    for part in ("\r\n" + text).split("\r\n--" + (boundary.group(1) or boundary.group(2)))[1:]:
        head, _, inner = part.removeprefix("\r\n").partition("\r\n\r\n")
        if MIME in head.lower():
            return inner + "\r\n"
    return ""
