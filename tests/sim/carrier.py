"""PROCESS a simulated carrier or PBX: answers any number and reads it out, calls in, fails on request.

    python -m tests.sim.carrier --listen 127.0.1.1:5060 --edge 127.0.0.1:5060 --control 127.0.1.1:8060 \\
        --name national_carrier

HTTP: GET /states, /calls (newest first), /violations; POST /switch {"name", "state"},
POST /call {"from", "to"} with optional "seconds", "patience", "anonymous", "diversion", "tone", "headers".
It refuses REFER, as carriers do.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import Any

from tests.sim.behaviour import STATES
from tests.sim.control import Control, Refused
from tests.sim.interconnect import Interconnect, Row
from tests.sim.media.endpoint import Frames
from tests.sim.media.speech import DigitVoice
from tests.sim.sip.uri import bare_host, split_host_port


class Carrier:
    """One interconnect and its control interface."""

    def __init__(self, name: str, listen: tuple[str, int], edge: str) -> None:
        self.name = name
        self._voice = DigitVoice()
        self.interconnect = Interconnect(name, *listen, edge, self._speak)
        self.control = Control()
        self.control.route("GET", "/states", self._states)
        self.control.route("GET", "/calls", self._calls)
        self.control.route("GET", "/violations", self._violations)
        self.control.route("POST", "/switch", self._switch)
        self.control.route("POST", "/call", self._call)

    async def open(self, control: tuple[str, int]) -> None:
        self._voice.prepare()
        await self.interconnect.open()
        await self.control.listen(*control)

    def close(self) -> None:
        self.control.close()
        self.interconnect.close()

    def _speak(self, row: Row) -> Frames:
        return self._voice.read_out(row["dialled"])

    async def _states(self, given: Row) -> Any:
        faults = [state for state in STATES if state not in ("on", "off", "slow")]
        return {self.name: {"state": self.interconnect.behaviour.state, "faults": faults}}

    async def _calls(self, given: Row) -> Any:
        return list(self.interconnect.calls)

    async def _violations(self, given: Row) -> Any:
        return self.interconnect.violations

    async def _switch(self, given: Row) -> Any:
        if given.get("name", self.name) != self.name:
            raise Refused(f"this is {self.name}")
        await self.interconnect.switch(str(given.get("state")))
        return await self._states(given)

    async def _call(self, given: Row) -> Any:
        return await self.interconnect.call(**call_arguments(given))


def call_arguments(given: Row) -> Row:
    """The fields of POST /call as arguments of Interconnect.call."""
    if "to" not in given:
        raise Refused('say whom to call: {"from": "+32...", "to": "+32..."}')
    names = ("seconds", "patience", "anonymous", "diversion", "tone", "headers")
    return {
        "from_": str(given.get("from") or ""),
        "to": str(given["to"]),
        **{name: given[name] for name in names if name in given},
    }


def address(text: str) -> tuple[str, int]:
    """HOST:PORT on the command line."""
    host, port = split_host_port(text)
    if port is None:
        raise argparse.ArgumentTypeError(f"{text}: HOST:PORT")
    return bare_host(host), port


async def until_stopped() -> None:
    """Until TERM or Ctrl-C."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sim.carrier")
    parser.add_argument("--listen", type=address, required=True)
    parser.add_argument("--edge", required=True)
    parser.add_argument("--control", type=address, required=True)
    parser.add_argument("--name", required=True)
    options = parser.parse_args()
    carrier = Carrier(options.name, options.listen, options.edge)
    await carrier.open(options.control)
    await until_stopped()
    carrier.close()


if __name__ == "__main__":
    asyncio.run(main())
