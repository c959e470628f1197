"""Random changes of valid messages: bytes changed, dropped, doubled, cut and spliced."""

from __future__ import annotations

import random

from tests.sim.hostile.torture import Sender, invite, request, valid


def mutated(chance: random.Random, sender: Sender) -> bytes:
    """One message with one to twenty changes; the same for the same state of `chance`, but for its ids."""
    seeds = (
        request(sender),
        request(
            sender, "REGISTER", authorization='Digest username="anna", realm="x", nonce="y", response="z"'
        ),
        invite(sender),
        request(sender, "BYE", to="<sip:x@y>;tag=1", route="<sip:127.0.0.1;lr;k=c.r4r4.0>"),
        request(sender, "SUBSCRIBE", event="presence"),
        *valid(sender).values(),
    )
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at, many = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 8, 200))
        action = chance.randrange(6)
        if action == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif action == 1:
            del data[at : at + many]
        elif action == 2:
            data[at:at] = data[at : at + many] * chance.choice((1, 2, 50))
        elif action == 3:
            data[at:at] = chance.choice((b"\r\n", b"\0", b"<", b'"', b"%", b";", b"\xff", b":", b"," * 99))
        elif action == 4:
            data[at:at] = chance.choice((b"4294967296", b"-1", b"99999999999999999999"))
        else:
            other = chance.choice(seeds)
            data[at:] = other[chance.randrange(len(other)) :]
    return bytes(data[:60_000])
