"""PROCESS the simulated emergency centre, reached over two paths: our interconnect and a partner's.

    python -m tests.sim.emergency_centre --listen 127.0.1.112:5060 --partner 127.0.1.113:5060 \\
        --edge 127.0.0.1:5060 --http 127.0.1.112:8112

HTTP: GET /calls (newest first), /states, /violations; POST /switch {"name", "state"} for
emergency_centre and emergency_centre_via_partner; POST /misread {"A3": "Gent"} (a fault: places are read
wrongly); POST /calls/ID/call-back. Answers with 1200 Hz.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from tests.sim.behaviour import FAULTS
from tests.sim.carrier import address, until_stopped
from tests.sim.control import Control, Refused
from tests.sim.incoming_call import IncomingCall
from tests.sim.interconnect import Interconnect, Row
from tests.sim.location import read_location
from tests.sim.media.tone import tone_frames
from tests.sim.sip.message import Request
from tests.sim.subscriber import find_subscriber

TONE = 1200
OWN, PARTNER = "emergency_centre", "emergency_centre_via_partner"
TEST_NUMBERS = ("urn:service:test.sos",)


class EmergencyCentre:
    """Two interconnects that fail separately, one log."""

    def __init__(self, own: tuple[str, int], partner: tuple[str, int], edge: str) -> None:
        self.paths = {
            OWN: Interconnect(OWN, *own, edge, lambda row: tone_frames(TONE)),
            PARTNER: Interconnect(PARTNER, *partner, edge, lambda row: tone_frames(TONE)),
        }
        self.calls: list[Row] = []
        for name, path in self.paths.items():
            path.on_call = self._logger("own" if name == OWN else "partner", path)
        self.control = Control()
        self.control.route("GET", "/calls", self._calls)
        self.control.route("GET", "/states", self._states)
        self.control.route("GET", "/violations", self._violations)
        self.control.route("POST", "/switch", self._switch)
        self.control.route("POST", "/calls/ID/call-back", self._call_back)
        self.control.route("POST", "/misread", self._misread)
        self.misread: Row = {}
        """Fields of a location this centre reads wrongly, with what it reads instead."""

    async def open(self, http: tuple[str, int]) -> None:
        for path in self.paths.values():
            await path.open()
        await self.control.listen(*http)

    def close(self) -> None:
        self.control.close()
        for path in self.paths.values():
            path.close()

    def _logger(self, name: str, path: Interconnect) -> Any:
        def log(call: IncomingCall, row: Row) -> None:
            """One dictionary in both logs, so that the end of the call shows here too."""
            report = read_location(call.invite)
            subscriber = find_subscriber(call.invite)
            violations = [
                *report.violations,
                *subscriber.violations,
                *_emergency_violations(row, call.invite),
            ]
            path.violations.extend(
                {"what": what, "message": call.invite.first_line, "call_id": call.invite.call_id}
                for what in violations
            )
            row |= {
                "path": name,
                "from": row["p_asserted_identity"] or row["from"],
                "name": row["p_asserted_name"] or subscriber.data.get("name", ""),
                "pidf_lo_valid": report.valid,
                "location": report.civic,
                "pidf_lo": report.document,
                "confidence": report.confidence or None,
                "location_state": report.state or None,
                "location_note": report.note or None,
                "subscriber": subscriber.data or None,
                "validated_by": report.validated_by,
                "resource_priority": call.invite.headers.get("Resource-Priority") or None,
                "priority": call.invite.headers.get("Priority") or None,
                "test": row["request_uri"].lower().startswith(TEST_NUMBERS),
                "violations": violations,
            }
            self.calls.insert(0, row)
            del self.calls[1000:]

        return log

    async def _calls(self, given: Row) -> Any:
        if not self.misread:
            return self.calls
        return [
            {**row, "location": {**row["location"], **self.misread} if row["location"] else None}
            for row in self.calls
        ]

    async def _misread(self, given: Row) -> Any:
        """From now on these fields of every location are read as given; none: as they are."""
        self.misread = dict(given)
        return self.misread

    async def _states(self, given: Row) -> Any:
        return {
            name: {"state": path.behaviour.state, "faults": list(FAULTS)} for name, path in self.paths.items()
        }

    async def _violations(self, given: Row) -> Any:
        return [one for path in self.paths.values() for one in path.violations]

    async def _switch(self, given: Row) -> Any:
        path = self.paths.get(str(given.get("name")))
        if path is None:
            raise Refused(f"no path is called {given.get('name')}; there are: {', '.join(self.paths)}")
        await path.switch(str(given.get("state")))
        return await self._states(given)

    async def _call_back(self, given: Row) -> Any:
        """Call the number of a logged call back, over our own interconnect."""
        row = next((row for row in self.calls if row["id"] == given["id"]), None)
        if row is None:
            raise Refused(f"no call has the id {given['id']}", 404)
        if not row["from"]:
            raise Refused("that call came without a number")
        return await self.paths[OWN].call(
            str(given.get("number") or "112"),
            row["from"],
            seconds=float(given.get("seconds", 2.0)),
            tone=TONE,
            headers={"Priority": "psap-callback"},
        )


def _emergency_violations(row: Row, invite: Request) -> list[str]:
    """What an emergency call must not carry or lack."""
    found = []
    if row["transport"] not in ("TCP", "TLS"):
        found.append(f"RFC 3261 18.1.1: an emergency call over {row['transport']}")
    is_test = row["request_uri"].lower().startswith(TEST_NUMBERS)
    if invite.headers.get("Resource-Priority").strip().lower() != ("" if is_test else "esnet.1"):
        found.append(f"RFC 7135: Resource-Priority {invite.headers.get('Resource-Priority')!r}")
    if len(invite.headers.all("Priority")) != (0 if is_test else 1):
        found.append(f"RFC 3261 20.26: Priority {invite.headers.all('Priority')!r}")
    if row["privacy"] and "id" in row["privacy"]:
        found.append("WEC arts. 123 and 130: the number of an emergency call is withheld")
    if not row["p_asserted_identity"] and not row["from"]:
        found.append("WEC art. 107: an emergency call without a calling number")
    return found


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sim.emergency_centre")
    parser.add_argument("--listen", type=address, required=True)
    parser.add_argument("--partner", type=address, required=True)
    parser.add_argument("--edge", required=True)
    parser.add_argument("--http", type=address, required=True)
    options = parser.parse_args()
    centre = EmergencyCentre(options.listen, options.partner, options.edge)
    await centre.open(options.http)
    await until_stopped()
    centre.close()


if __name__ == "__main__":
    asyncio.run(main())
