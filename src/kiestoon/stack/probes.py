"""Is each process ready to do its work? One question to each, over the interface others use."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable

from kiestoon.adapters import attendant, kamailio, rtpengine
from kiestoon.stack import database
from kiestoon.stack.layout import Layout
from kiestoon.stack.programs import SIMULATORS

Probe = Callable[[], bool]


def listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def portal() -> bool:
    """The portal answers a request, with anything but a server error."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": "localhost:8000"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def all_probes(layout: Layout) -> dict[str, Probe]:
    """By process name; a process without a probe is ready when it runs."""
    probes: dict[str, Probe] = {
        "postgres": lambda: database.ready(layout),
        "media": rtpengine.answers,
        "edge": kamailio.answers,
        "attendant": attendant.answers,
        "portal": portal,
    }
    for simulator in SIMULATORS:
        host, port = simulator.control.split(":")
        probes[simulator.process] = lambda host=host, port=port: listens(host, int(port))  # type: ignore[misc]
    return probes


def wait(probe: Probe, seconds: float) -> bool:
    """Ask until the answer is yes or the time is up."""
    deadline = time.monotonic() + seconds
    while not probe():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
