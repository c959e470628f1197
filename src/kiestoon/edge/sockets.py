"""The addresses the edge listens on, and the one each trunk is spoken to from.

Kamailio would take any of its TCP sockets, a WebSocket port too, as source and name it in Record-Route.
"""

from __future__ import annotations

V4, V6 = "127.0.0.1", "[::1]"
SIP_PORT, TLS_PORT = 5060, 5061
WSS_PORT, WS_PORT = 8443, 8080
"""WebSocket (RFC 7118); the plain one serves the portal's phone on this machine in the demo."""


def listen_lines() -> str:
    """The `listen` lines of kamailio.cfg."""
    lines = []
    for host in (V4, V6):
        for transport, port in (
            ("udp", SIP_PORT),
            ("tcp", SIP_PORT),
            ("tls", TLS_PORT),
            ("tls", WSS_PORT),
            ("tcp", WS_PORT),
        ):
            lines.append(f"listen={transport}:{host}:{port}\n")
    return "".join(lines)


def socket_towards(uri: str) -> str:
    """Our socket for a trunk's URI, as Kamailio names it."""
    lowered = uri.lower()
    transport = lowered.partition(";transport=")[2].partition(";")[0] or "udp"
    if lowered.startswith("sips:"):
        transport = "tls"
    host = V6 if "[" in uri else V4
    return f"{transport}:{host}:{TLS_PORT if transport == 'tls' else SIP_PORT}"
