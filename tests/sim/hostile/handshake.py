"""TLS handshakes that break: cut, changed, in plain text, refused with an alert, garbage after a good one."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl

from tests.sim.hostile.wire import SERVERS
from tests.sim.sip.transport import trust

PATIENCE = 0.05


def broken_handshake(chance: random.Random, source: str) -> None:
    """One connection from this address to the TLS or the WSS port."""
    with socket.socket() as plain, contextlib.suppress(OSError):
        plain.settimeout(2)
        plain.bind((source, 0))
        plain.connect(SERVERS[chance.choice(("tls", "wss"))])
        kind = chance.randrange(6)
        if kind == 0:
            plain.send(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
        elif kind == 1:
            hello = bytearray(_hello())
            hello[chance.randrange(len(hello))] ^= chance.randrange(1, 256)
            plain.send(hello)
        elif kind == 2:
            plain.send(_hello()[: chance.randrange(1, 200)])
        elif kind == 3:
            plain.send(_hello() + chance.randbytes(100))
        elif kind == 4:
            ssl.create_default_context().wrap_socket(plain, server_hostname="nobody.test").close()
        else:
            good = trust(None).wrap_socket(plain)
            with socket.socket(fileno=good.detach()) as raw:
                raw.send(b"\x17\x03\x03\x00\x20" + chance.randbytes(32))
                raw.settimeout(PATIENCE)
                raw.recv(100)
            return
        plain.settimeout(PATIENCE)
        plain.recv(100)


def _hello() -> bytes:
    """The first flight of a client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust(None).wrap_bio(incoming, outgoing)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()
