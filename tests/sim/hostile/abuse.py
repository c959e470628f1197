"""PROCESS what attackers do, all at once, until it is ended: `./kiestoon bench abuse` runs it beside calls.

Each kind runs in a thread of its own, from addresses in 127/8 that are used up, so that bans stop none for
long. Nothing is checked here; what must hold is seen by the calls beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import random
import re
import threading
import time
from collections.abc import Callable

from tests.sim.hostile.flood import RequestFlood, open_connections
from tests.sim.hostile.handshake import broken_handshake
from tests.sim.hostile.mutation import mutated
from tests.sim.hostile.torture import DOMAIN, Sender, messages, request
from tests.sim.hostile.wire import TRANSPORTS, Wire, junk_frames, wire

FLOODS = (("REGISTER", 40), ("OPTIONS", 40), ("INVITE", 40), ("REGISTER", 1), ("INVITE", 1))
"""Method, and from how many addresses."""
FLOOD_SECONDS, PAUSE_SECONDS = 10.0, 10.0
_numbers = itertools.count(1)


def source() -> str:
    """An address not used yet."""
    number = next(_numbers)
    return f"127.{100 + number // 62_500 % 100}.{number // 250 % 250 + 1}.{number % 250 + 1}"


def sender(line: Wire, user: str = "nobody") -> Sender:
    return Sender(line.transport, line.source, line.port, user)


def torture(chance: random.Random) -> None:
    transport = chance.choice(TRANSPORTS)
    with wire(transport, source()) as line:
        line.send(chance.choice(list(messages(sender(line)).values())))
        line.receive(0.02)


def mutations(chance: random.Random) -> None:
    with wire(chance.choice(TRANSPORTS), source()) as line:
        for _ in range(10):
            if not line.send(mutated(chance, sender(line)), binary=chance.random() < 0.2):
                break


def scan(chance: random.Random) -> None:
    """Extensions tried one after the other, under a scanner's name or another."""
    with wire(chance.choice(TRANSPORTS), source()) as line:
        agent = chance.choice(("friendly-scanner", "Telephone 1.0", "Telephone 1.0"))
        for number in range(chance.randrange(100, 900), 1000, 7):
            user = f"{number}"
            asked = request(sender(line, user), "REGISTER", to=f"<sip:{user}@{DOMAIN}>", user_agent=agent)
            if not line.send(asked) or not line.receive(0.05):
                break


def guess(chance: random.Random) -> None:
    """Wrong passwords for a user there is."""
    with wire("udp", source()) as line:
        for _ in range(5):
            line.send(request(sender(line), "REGISTER"))
            challenge = re.search(rb'nonce="([^"]+)"', line.receive(0.1))
            if challenge is None:
                return
            digest = (
                f'Digest username="franz.meyer", realm="{DOMAIN}", nonce="{challenge.group(1).decode()}", '
                f'uri="sip:{DOMAIN}", qop=auth, nc=00000001, cnonce="x", '
                f'response="{chance.getrandbits(128):032x}"'
            )
            line.send(request(sender(line), "REGISTER", authorization=digest))
            line.receive(0.1)


def junk(chance: random.Random) -> None:
    with wire(chance.choice(("ws", "wss")), source()) as line:
        line.send_raw(chance.choice(list(junk_frames().values())))
        line.receive(0.05)


def handshakes(chance: random.Random) -> None:
    for _ in range(10):
        broken_handshake(chance, source())


def connections(chance: random.Random) -> None:
    """More than one source may hold, held a while; some of them slowly say a little."""
    with open_connections(chance.choice(("tcp", "tls", "ws")), source(), 260) as lines:
        for at in range(40):
            for line in lines[:50]:
                line.send_raw(b"OPTIONS sip:x SIP/2.0\r\nVia: slow"[at : at + 1])
            time.sleep(0.2)


def floods(rate: float) -> Callable[[random.Random], None]:
    kinds = itertools.cycle(FLOODS)

    def flood(chance: random.Random) -> None:
        method, many = next(kinds)
        with RequestFlood(method, rate, [source() for _ in range(many)], user="franz.meyer"):
            time.sleep(FLOOD_SECONDS)
        time.sleep(PAUSE_SECONDS)

    return flood


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=3000, help="requests a second in a flood")
    parser.add_argument("--only", default="", help="some of the kinds, comma-separated")
    options = parser.parse_args()
    # What is done, and how long to wait after each time.
    kinds: dict[str, tuple[Callable[[random.Random], None], float]] = {
        "torture": (torture, 0.05),
        "mutations": (mutations, 0.1),
        "scan": (scan, 0.5),
        "guess": (guess, 0.2),
        "junk": (junk, 0.2),
        "handshakes": (handshakes, 0.2),
        "connections": (connections, 5.0),
        "floods": (floods(options.rate), 0.0),
    }
    threads = [
        threading.Thread(target=_again, args=(*kinds[name], seed), daemon=True)
        for seed, name in enumerate(options.only.split(",") if options.only else kinds)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _again(act: Callable[[random.Random], None], pause: float, seed: int) -> None:
    chance = random.Random(seed)
    while True:
        with contextlib.suppress(OSError):
            act(chance)
        time.sleep(pause)


if __name__ == "__main__":
    main()
