"""The running demo world as tests use it: its phones, simulators, API and command line."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiestoon.adapters.edge_rpc import EdgeRpc
from kiestoon.adapters.speech import speak
from kiestoon.stack.private import PrivateStack
from tests.sim.call import Call
from tests.sim.incoming_call import IncomingCall
from tests.sim.phone import Phone

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http(method: str, url: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
    """(status, decoded JSON or None); an error status is an answer, not an exception."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with DIRECT.open(request, timeout=20) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith((b"{", b"[")) else None


async def final(call: Call, within: float = 8) -> int:
    """The SIP status a call that is not answered ends with."""
    await call.ended(within)
    return call.status


async def was_cancelled(call: IncomingCall, within: float = 5) -> None:
    """This device stopped ringing because the caller gave up or another device answered."""
    await call.ended(within)
    assert call.cancelled, f"ended with {call.status}, not by CANCEL"


class Demo:
    """A running stack with the demo world; `phone("anna")` is one of its users' devices."""

    def __init__(self, stack: PrivateStack) -> None:
        self.stack = stack
        self.world: dict[str, Any] = stack.json("demo")
        self.users = {
            user["name"].split()[0].lower().replace("é", "e"): {**user, "customer": customer["name"]}
            for customer in self.world["customers"]
            for user in customer["users"]
        }
        self._next_address = 0

    def phone(self, who: str, *, transport: str = "udp", **options: Any) -> Phone:
        """A device of a user, on an address of its own (127.0.0.5 to 127.0.0.9, or ::1)."""
        user = self.users[who]
        self._next_address = (self._next_address + 1) % 5
        options.setdefault("local_ip", f"127.0.0.{5 + self._next_address}")
        if ":" in options["local_ip"]:
            options.setdefault("server", f"[::1]:{5061 if transport == 'tls' else 5060}")
        options.setdefault("ca_file", str(self.stack.state / "secrets" / "tls" / "ca.pem"))
        options.setdefault("username", user["username"])
        options.setdefault("password", user["password"])
        return Phone(domain=self.world["sip"]["domain"], transport=transport, **options)

    def number(self, who: str) -> str:
        return str(self.users[who]["number"])

    # ------------------------------------------------------------ simulators

    def carrier_calls(self, host: str = "127.0.1.1:8060") -> list[dict[str, Any]]:
        """What a simulated carrier received, newest first."""
        rows: list[dict[str, Any]] = http("GET", f"http://{host}/calls")[1]
        return rows

    def emergency_calls(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = http("GET", self.world["simulators"]["emergency_log"] + "/calls")[1]
        return rows

    def switch(self, simulator: str, state: str) -> None:
        done = self.stack.cli("demo", "switch", simulator, state)
        assert done.returncode == 0, done.stderr
        if simulator.startswith("emergency_centre") and state == "on":
            edge = EdgeRpc(
                self.stack.run / "edge-rpc.sock"
            )  # a path that failed is tried last until it answers
            self.until(lambda: not edge.call("htable.dump", "path"), 12)

    async def carrier_calls_in(self, number: str, to: str, **more: Any) -> dict[str, Any]:
        """The national carrier calls in; the answer says how the call went."""
        host = more.pop("host", "127.0.1.1:8060")
        body = {"name": "national_carrier", "from": number, "to": to, **more}
        status, answer = await asyncio.to_thread(http, "POST", f"http://{host}/call", body)
        assert status == 200, answer
        result: dict[str, Any] = answer
        return result

    # --------------------------------------------------------------- speech

    def spoken_address(self, who: str, language: str) -> list[str]:
        """Names of the files that say a user's address: they hold what the synthesiser makes of it."""
        address = self.users[who]["address"]
        street = f"{address['street']} {address['house_number']}"
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder) / "wanted.alaw"
            speak(f"{street}, {address['postcode']} {address['municipality']}.", language, wanted)
            audio = wanted.read_bytes()
        spoken = self.stack.state / "prompts" / "address"
        return [path.stem for path in spoken.glob("*.alaw") if path.read_bytes() == audio]

    # ------------------------------------------------------------------- API

    def token(self, role: str = "admin") -> str:
        return str(next(t["token"] for t in self.world["portal"]["tokens"] if t["role"] == role))

    def api(self, method: str, path: str, body: Any = None, role: str = "admin") -> tuple[int, Any]:
        return http(method, self.world["portal"]["api"] + path, body, self.token(role))

    def set_user(self, who: str, **fields: Any) -> None:
        """Change a user's settings; returns when the edge knows."""
        username = self.users[who]["username"]
        before = self.stack.json("status")["snapshot"]["version"]
        status, answer = self.api("PATCH", f"/users/{username}", fields)
        assert status == 200, answer
        self._published(before)

    def set_customer(self, name: str, **fields: Any) -> None:
        rows = self.api("GET", "/customers")[1]
        rows = rows["items"] if isinstance(rows, dict) else rows
        customer_id = next(row["id"] for row in rows if row["name"] == name)
        before = self.stack.json("status")["snapshot"]["version"]
        status, answer = self.api("PATCH", f"/customers/{customer_id}", fields)
        assert status == 200, answer
        self._published(before)

    def set_trunk(self, trunk_id: str, **fields: Any) -> None:
        before = self.stack.json("status")["snapshot"]["version"]
        status, answer = self.api("PATCH", f"/trunks/{trunk_id}", fields)
        assert status == 200, answer
        self._published(before)

    @contextmanager
    def banned(self, address: str) -> Iterator[None]:
        """The edge does not answer this address meanwhile."""
        ban = {"address": address, "seconds": 60, "reason": "a test"}
        status, answer = self.api("POST", "/bans", ban)
        assert status == 201, answer
        try:
            yield
        finally:
            self.api("DELETE", f"/bans/{address}")

    def _published(self, before: int) -> None:
        self.until(lambda: self.stack.json("status")["snapshot"]["version"] > before, 3)

    # ----------------------------------------------------------------- calls

    def cdr(self, sip_call_id: str, seconds: float = 6) -> dict[str, Any]:
        """The final CDR of the call with this SIP Call-ID, within the 5 s the operator promises."""
        found: list[dict[str, Any]] = []

        def listed() -> bool:
            found[:] = [
                row
                for row in self.stack.json("calls")
                if sip_call_id in row["sip_call_ids"] and row["ended_at"] is not None
            ]
            return bool(found)

        self.until(listed, seconds)
        assert len(found) == 1, f"{len(found)} CDRs for one call"
        return found[0]

    @staticmethod
    def until(true: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not so within {seconds} s"
            time.sleep(0.1)
