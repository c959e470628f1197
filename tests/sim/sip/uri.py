"""SIP, tel and urn URIs, and the name-addr form headers carry (RFC 3261 section 25)."""

from __future__ import annotations

from dataclasses import dataclass, field

Parameters = dict[str, str]


@dataclass
class Uri:
    """A URI; `rest` is everything after the scheme when it is neither sip nor sips."""

    scheme: str
    user: str = ""
    host: str = ""
    port: int | None = None
    parameters: Parameters = field(default_factory=dict)
    headers: str = ""
    rest: str = ""

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Loosely: anything with a colon is a URI."""
        scheme, colon, rest = text.strip().partition(":")
        if not colon:
            raise ValueError(f"not a URI: {text!r}")
        scheme = scheme.lower()
        if scheme not in ("sip", "sips"):
            number, _, tail = rest.partition(";")
            return cls(
                scheme, user=number if scheme == "tel" else "", parameters=_parameters(tail), rest=rest
            )
        rest, _, headers = rest.partition("?")
        before, at, after = rest.rpartition("@")
        if not at:
            after = rest
        hostport, _, tail = after.partition(";")
        host, port = split_host_port(hostport)
        return cls(scheme, before, host, port, _parameters(tail), headers)

    def __str__(self) -> str:
        if self.scheme not in ("sip", "sips"):
            return f"{self.scheme}:{self.rest}"
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{format_parameters(self.parameters)}{headers}"

    @property
    def number(self) -> str:
        """The user part without the parameters a telephone number may carry in it."""
        return self.user.partition(";")[0]

    @property
    def number_parameters(self) -> Parameters:
        """Parameters within the user part (RFC 4694: rn, npdi; verstat)."""
        return _parameters(self.user.partition(";")[2])

    @property
    def transport(self) -> str:
        """UDP, TCP, TLS, WS or WSS, as the URI asks for it."""
        asked = self.parameters.get("transport", "").upper()
        if self.scheme == "sips" and asked in ("", "TCP"):
            return "TLS"
        return asked or "UDP"


@dataclass
class NameAddr:
    """`"Display" <uri>;parameters`."""

    uri: Uri
    display: str = ""
    parameters: Parameters = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        text = text.strip()
        if "<" in text:
            display, _, rest = _split_display(text)
            inner, _, tail = rest.partition(">")
            return cls(Uri.parse(inner), display, _parameters(tail.strip().removeprefix(";")))
        inner, _, tail = text.partition(";")
        return cls(Uri.parse(inner), "", _parameters(tail))

    def __str__(self) -> str:
        quoted = self.display.replace("\\", "\\\\").replace('"', '\\"')
        display = f'"{quoted}" ' if self.display else ""
        return f"{display}<{self.uri}>{format_parameters(self.parameters)}"

    @property
    def tag(self) -> str:
        return self.parameters.get("tag", "")


def _split_display(text: str) -> tuple[str, str, str]:
    """(display name without quotes, "<", rest after it)."""
    if not text.startswith('"'):
        display, bracket, rest = text.partition("<")
        return display.strip(), bracket, rest
    display, at = "", 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\":
            at += 1
        display += text[at : at + 1]
        at += 1
    _, bracket, rest = text[at + 1 :].partition("<")
    return display, bracket, rest


def split_host_port(text: str) -> tuple[str, int | None]:
    """Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`; brackets stay with the host."""
    text = text.strip()
    if text.startswith("["):
        host, _, tail = text.partition("]")
        host, port = host + "]", tail.removeprefix(":")
    else:
        host, _, port = text.partition(":")
    return host, int(port) if port.isdigit() else None


def bare_host(host: str) -> str:
    """Without the brackets of an IPv6 reference."""
    return host.strip("[]")


def in_uri(address: str) -> str:
    """An address as a URI writes it: IPv6 in brackets."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address


def _parameters(text: str) -> Parameters:
    parameters: Parameters = {}
    for part in split_outside_quotes(text, ";"):
        name, _, value = part.partition("=")
        if name.strip():
            parameters[name.strip().lower()] = value.strip()
    return parameters


def format_parameters(parameters: Parameters) -> str:
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in parameters.items())


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split where the separator stands outside quotes and angle brackets."""
    parts, current, quoted, depth, escaped = [], "", False, 0, False
    for character in text:
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif not quoted and character in "<>":
            depth += 1 if character == "<" else -1
        elif character == separator and not quoted and depth <= 0:
            parts.append(current)
            current = ""
            continue
        current += character
    return [part for part in (*parts, current) if part.strip()]
