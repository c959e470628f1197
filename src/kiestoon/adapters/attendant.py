"""Does the attendant answer? Asked as the edge would ask it."""

from __future__ import annotations

import secrets
import socket

from kiestoon.vocabulary.attendant import HOST, PORT

PATIENCE = 1.0
"""Seconds; the edge waits no longer either."""


def answers(port: int = PORT) -> bool:
    """Whether an OPTIONS over TCP gets its 200 in time."""
    tag = secrets.token_hex(8)
    request = (
        f"OPTIONS sip:attendant@{HOST}:{port} SIP/2.0\r\nVia: SIP/2.0/TCP {HOST};branch=z9hG4bK{tag}\r\n"
        f"From: <sip:probe@{HOST}>;tag={tag}\r\nTo: <sip:attendant@{HOST}>\r\nCall-ID: {tag}\r\n"
        "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    try:
        with socket.create_connection((HOST, port), PATIENCE, source_address=(HOST, 0)) as connection:
            connection.sendall(request.encode())
            return connection.recv(4096).startswith(b"SIP/2.0 200 ")
    except OSError:
        return False
