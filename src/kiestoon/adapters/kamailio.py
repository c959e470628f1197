"""Kamailio over its JSON-RPC socket (a process of its own answers, no SIP worker), and over SIP."""

from __future__ import annotations

import contextlib
import socket
import uuid
from pathlib import Path

from kiestoon.adapters.edge_rpc import EdgeRpc

EDGE = ("127.0.0.1", 5060)


def statistics(run: Path) -> dict[tuple[str, str], int]:
    """(group, name) → value of everything Kamailio counts; raises EdgeUnavailable and EdgeRefused."""
    found: dict[tuple[str, str], int] = {}
    for row in EdgeRpc(run / "edge-rpc.sock").call("stats.get_statistics", "all"):
        name, _, value = str(row).partition(" = ")
        group, _, name = name.partition(":")
        with contextlib.suppress(ValueError):
            found[group, name] = int(value)
    return found


def answers(address: tuple[str, int] = EDGE, timeout: float = 0.5) -> bool:
    """Whether a SIP worker answers OPTIONS over UDP with anything at all."""
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
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect(address)
            sock.send("\r\n".join(lines).encode())
            return sock.recv(4096).startswith(b"SIP/2.0 ")
        except OSError:
            return False
