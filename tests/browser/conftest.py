"""A real browser on the real stack."""

from __future__ import annotations

import subprocess

import pytest

from tests.stories import demo, pytest_pyfunc_call, stack

__all__ = ["demo", "pytest_pyfunc_call", "stack"]

UPLINK = (
    "ip link add uplink type veth peer name uplink-far",
    "ip address add 192.0.2.5/24 dev uplink",
    "ip link set uplink up",
    "ip link set uplink-far up",
    "ip route add default via 192.0.2.1",
)


@pytest.fixture(scope="session", autouse=True)
def network() -> None:
    """The suite's own network namespace has only loopback; a browser expects a machine with an uplink.

    Nothing answers there. Where there is a default route already, nothing is changed.
    """
    if subprocess.run(("ip", "route", "show", "default"), capture_output=True, check=True).stdout:
        return
    for command in UPLINK:
        subprocess.run(command.split(), check=True)
