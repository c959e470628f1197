"""The demo world for tests without a portal: published, and a bare call plane to try it on.

`python -m tests.world` publishes it below KIESTOON_STATE and runs rtpengine, the edge and the simulators
until Ctrl-C; run it in a network namespace of its own so that nothing collides.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kiestoon.adapters import kamailio, rtpengine
from kiestoon.stack import certificates, probes
from kiestoon.stack.demo import SIMULATOR_ADDRESSES, SIP
from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import SIMULATORS, edge_command, media_command, simulator_command
from kiestoon.store.ported_store import PortedPublisher
from kiestoon.store.routing_store import Publisher, seal
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.configuration import Customer, Number, Operator, Trunk, User

DOMAIN = SIP["domain"]
MEIR = CivicAddress("BE", "Antwerpen", "Meir", "78", "2000")
RUE_DE_FER = CivicAddress("BE", "Namur", "Rue de Fer", "42", "5000")
NEUSTRASSE = CivicAddress("BE", "Eupen", "Neustraße", "15", "4700")
PEOPLE = (
    (1, "101", "Anna", "+3238080101", MEIR, False),
    (1, "102", "Bram", "+3238080102", MEIR, True),
    (1, "103", "Chloé", "+3238080103", MEIR, True),
    (2, "201", "Denis", "+3281880201", RUE_DE_FER, False),
    (2, "202", "Elise", "+3281880202", RUE_DE_FER, True),
    (3, "301", "Franz", "+3287880301", NEUSTRASSE, False),
)
CUSTOMERS = (
    Customer(1, "Bakkerij De Zon", "nl", "+3238080100", address=MEIR),
    Customer(2, "Cabinet Lambert", "fr", "+3281880200", address=RUE_DE_FER),
    Customer(3, "Kontor Meyer", "de", "+3287880300", address=NEUSTRASSE),
)
TRUNKS = (
    Trunk("national", "national carrier", "carrier", "sip:127.0.1.1:5060", ("127.0.1.1",), priority=1),
    Trunk(
        "international",
        "international carrier",
        "carrier",
        "sip:127.0.1.2:5060",
        ("127.0.1.2",),
        "international",
        priority=2,
    ),
    Trunk(
        "special", "special nomadic", "carrier", "sip:127.0.1.4:5060", ("127.0.1.4",), "special", priority=3
    ),
    Trunk(
        "emergency-own", "own interconnect", "emergency", "sip:127.0.1.112:5060", ("127.0.1.112",), priority=1
    ),
    Trunk(
        "emergency-partner",
        "partner operator",
        "emergency",
        "sip:127.0.1.113:5060",
        ("127.0.1.113",),
        priority=2,
    ),
    Trunk(
        "pbx-2",
        "Lambert PBX",
        "customer-pbx",
        "sip:127.0.1.3:5060",
        ("127.0.1.3",),
        customer_id=2,
        main_number="+3281880210",
    ),
)
PORTED, ROUTING_NUMBER = "+32470999888", "C1234"
OPERATOR = Operator(DOMAIN, (DOMAIN,), ("+323808", "+328188", "+328788"), TRUNKS)


def username(name: str) -> str:
    return name.lower().replace("é", "e")


def password(name: str) -> str:
    return f"{username(name)}-of-the-demo"


def customers(**changes: dict[str, Any]) -> tuple[Customer, ...]:
    """The three customers; `changes` by user name, for example anna={"srtp": "required"}."""
    found = []
    for customer in CUSTOMERS:
        users, numbers = [], [Number(customer.main_number, customer.customer_id, "everyone", "")]
        for customer_id, extension, name, number, address, nomadic in PEOPLE:
            if customer_id != customer.customer_id:
                continue
            login = username(name)
            ha1 = hashlib.md5(f"{login}:{DOMAIN}:{password(name)}".encode()).hexdigest()
            user = User(login, ha1, customer_id, extension, name, number, nomadic, address=address)
            users.append(replace(user, **changes.get(login, {})))
            numbers.append(Number(number, customer_id, "user", login))
        if customer.customer_id == 2:
            numbers += [Number(f"+32818802{n}", 2, "trunk", "pbx-2") for n in range(10, 20)]
        found.append(replace(customer, users=tuple(users), numbers=tuple(numbers)))
    return tuple(found)


def publish(layout: Layout, **changes: dict[str, Any]) -> None:
    """Publish the world, and write what scripts read of it."""
    layout.make()
    publisher = Publisher(layout.routing_customers)
    now = datetime.now(UTC)
    publication = seal(
        base_version=publisher.version(),
        published_at=now,
        operator=OPERATOR,
        customers=customers(**changes),
    )
    publisher.publish(publication, now)
    publisher.close()
    ported = PortedPublisher(layout.routing_ported)
    ported.publish([(PORTED, ROUTING_NUMBER)])
    ported.close()
    (layout.secrets / "demo.json").write_text(json.dumps(demo(), ensure_ascii=False))


def demo() -> dict[str, Any]:
    """The part of `./kiestoon demo --json` that does not come from the portal."""
    return {
        "sip": SIP,
        "customers": [
            {
                "name": customer.name,
                "language": customer.language,
                "main_number": customer.main_number,
                "users": [
                    {
                        "extension": extension,
                        "name": name,
                        "number": number,
                        "username": username(name),
                        "password": password(name),
                        "nomadic": nomadic,
                    }
                    for customer_id, extension, name, number, _, nomadic in PEOPLE
                    if customer_id == customer.customer_id
                ],
            }
            for customer in CUSTOMERS
        ],
        "simulators": SIMULATOR_ADDRESSES,
    }


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})


@contextmanager
def running(layout: Layout, command: tuple[str, ...], name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process for as long as the block lasts; its output goes to the log folder."""
    with (layout.log / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # a blocked signal would be inherited
            command,
            preexec_fn=_unblock,
            stdout=log,
            stderr=log,
            cwd=layout.app,
            env={**os.environ, **layout.environment},
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def call_plane(layout: Layout, *, simulators: bool = True) -> Iterator[None]:
    """rtpengine, the edge and the simulators on the demo addresses; the world must be published."""
    certificates.ensure(layout)
    subprocess.run(
        [sys.executable, "-m", "kiestoon.edge.configuration"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=layout.app,
        env={**os.environ, **layout.environment},
    )
    (layout.run / "edge.pid").unlink(missing_ok=True)
    with ExitStack() as stack:
        stack.enter_context(running(layout, media_command(), "media"))
        if not probes.wait(rtpengine.answers, 10):
            raise RuntimeError(f"rtpengine did not start, see {layout.log}")
        stack.enter_context(running(layout, edge_command(layout), "edge"))
        if not probes.wait(kamailio.answers, 10):
            raise RuntimeError(f"the edge did not start, see {layout.log}")
        for simulator in SIMULATORS if simulators else ():
            stack.enter_context(running(layout, simulator_command(simulator), simulator.process))
        for simulator in SIMULATORS if simulators else ():
            host, port = simulator.control.split(":")
            if not probes.wait(lambda host=host, port=port: probes.listens(host, int(port)), 10):  # type: ignore[misc]
                raise RuntimeError(f"{simulator.process} did not start, see {layout.log}")
        yield


if __name__ == "__main__":
    LAYOUT = Layout.from_environment()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    publish(LAYOUT)
    with call_plane(LAYOUT, simulators="--bare" not in sys.argv):
        print(f"call plane up, state in {LAYOUT.state}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
