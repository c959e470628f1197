"""Session descriptions (RFC 4566) for one audio stream, offers and answers (RFC 3264)."""

from __future__ import annotations

from dataclasses import dataclass, field

OPPOSITE = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
STATIC = {0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000"}
EVENTS = "telephone-event/8000"


@dataclass
class Stream:
    """One m= line with its attributes."""

    kind: str
    port: int
    profile: str
    formats: list[str]
    address: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def attribute(self, name: str) -> str | None:
        return next((value for own, value in self.attributes if own == name), None)

    def all(self, name: str) -> list[str]:
        return [value for own, value in self.attributes if own == name]

    @property
    def direction(self) -> str:
        return next((name for name, _ in self.attributes if name in OPPOSITE), "sendrecv")

    def encoding(self, payload: str) -> str:
        """`PCMA/8000` and the like; "" when nothing says."""
        for value in self.all("rtpmap"):
            number, _, encoding = value.partition(" ")
            if number == payload:
                return encoding.strip().removesuffix("/1")
        return STATIC.get(int(payload), "") if payload.isdigit() else ""

    def payload_of(self, encoding: str) -> int | None:
        for payload in self.formats:
            if self.encoding(payload).lower() == encoding.lower():
                return int(payload)
        return None


@dataclass
class Session:
    """What matters of a session description."""

    origin: list[str]
    streams: list[Stream]
    text: str

    @property
    def audio(self) -> Stream | None:
        return next((s for s in self.streams if s.kind == "audio" and s.port), None)

    @property
    def session_id(self) -> str:
        return self.origin[1] if len(self.origin) > 1 else ""

    @property
    def version(self) -> str:
        return self.origin[2] if len(self.origin) > 2 else ""


def parse_sdp(text: str) -> Session:
    """Loosely: unknown lines are left alone."""
    session_address, session_attributes, origin = "", list[tuple[str, str]](), list[str]()
    streams: list[Stream] = []
    for line in text.splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "o":
            origin = value.split()
        elif kind == "c":
            address = value.split()[-1].partition("/")[0] if value.split() else ""
            if streams:
                streams[-1].address = address
            else:
                session_address = address
        elif kind == "m":
            fields = value.split()
            port = fields[1].partition("/")[0] if len(fields) > 1 else "0"
            profile = fields[2] if len(fields) > 2 else ""
            streams.append(
                Stream(fields[0], int(port) if port.isdigit() else 0, profile, fields[3:], session_address)
            )
        elif kind == "a":
            name, _, rest = value.partition(":")
            (streams[-1].attributes if streams else session_attributes).append((name, rest))
    for stream in streams:
        own = {name for name, _ in stream.attributes}
        inherited = [(n, v) for n, v in session_attributes if n not in own]
        if own & set(OPPOSITE):
            inherited = [(n, v) for n, v in inherited if n not in OPPOSITE]
        stream.attributes += inherited
    return Session(origin, streams, text)


@dataclass
class LocalSession:
    """What we send: the origin line stays, its version grows by one with each change."""

    address: str
    port: int
    session_id: int
    payloads: tuple[int, ...] = (8, 0)
    crypto: str = ""
    """The value of a=crypto; "" for plain RTP."""
    version: int = 0
    _last: str = ""

    def offer(self, direction: str = "sendrecv") -> str:
        formats = [(payload, STATIC[payload]) for payload in self.payloads]
        return self._render(direction, [*formats, (101, EVENTS)], "RTP/SAVP" if self.crypto else "RTP/AVP")

    def answer(self, offer: Session, direction: str = "sendrecv") -> str | None:
        """The answer to an offer; None when nothing in it can be accepted."""
        stream = offer.audio
        if stream is None or stream.profile != ("RTP/SAVP" if self.crypto else "RTP/AVP"):
            return None
        chosen = [
            (payload, STATIC[payload])
            for payload in self.payloads
            if stream.payload_of(STATIC[payload]) == payload
        ]
        if not chosen:
            return None
        events = stream.payload_of(EVENTS)
        formats = [chosen[0], *([(events, EVENTS)] if events is not None else [])]
        allowed = OPPOSITE[stream.direction]
        if direction == "sendonly":
            direction = {"sendrecv": "sendonly", "recvonly": "inactive"}.get(allowed, allowed)
        else:
            direction = allowed
        text = self._render(direction, formats, stream.profile)
        for other in offer.streams:
            if other is not stream:
                text += f"m={other.kind} 0 {other.profile} {' '.join(other.formats)}\r\n"
        return text

    def _render(self, direction: str, formats: list[tuple[int, str]], profile: str) -> str:
        family = "IP6" if ":" in self.address else "IP4"
        numbers = " ".join(str(payload) for payload, _ in formats)
        lines = [
            f"c=IN {family} {self.address}",
            "t=0 0",
            f"m=audio {self.port} {profile} {numbers}",
            *(f"a=rtpmap:{payload} {encoding}" for payload, encoding in formats),
            *(f"a=fmtp:{payload} 0-15" for payload, encoding in formats if encoding == EVENTS),
            "a=ptime:20",
            *([f"a=crypto:{self.crypto}"] if self.crypto else []),
            f"a={direction}",
        ]
        body = "\r\n".join(lines) + "\r\n"
        if body != self._last:
            self.version += 1
            self._last = body
        return f"v=0\r\no=- {self.session_id} {self.version} IN {family} {self.address}\r\ns=-\r\n{body}"
