"""The demo world as scripts see it, and the switches of its simulators."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

from kiestoon.stack.layout import PORTAL_URL, Layout
from kiestoon.stack.programs import SIMULATORS

SIMULATOR_ADDRESSES = {
    "national_carrier": "127.0.1.1:5060",
    "international_carrier": "127.0.1.2:5060",
    "special_nomadic": "127.0.1.4:5060",
    "customer_pbx": "127.0.1.3:5060",
    "emergency_centre": "127.0.1.112:5060",
    "emergency_centre_via_partner": "127.0.1.113:5060",
    "emergency_log": "http://127.0.1.112:8112",
    "number_database": "http://127.0.1.20:8080",
    "mail": "127.0.1.21:2525",
    "mail_log": "http://127.0.1.21:8025",
}
SIP = {
    "domain": "demo.kiestoon.test",
    "udp": "127.0.0.1:5060",
    "tcp": "127.0.0.1:5060",
    "tls": "127.0.0.1:5061",
    "wss": "wss://127.0.0.1:8443",
    "ws": "ws://localhost:8080",
}


class DemoMissing(Exception):
    """The demo world cannot be shown or switched; the message says why."""


def demo_world(layout: Layout) -> dict[str, Any]:
    """The object of `demo --json`: people and customers from the portal, the rest is fixed."""
    done = subprocess.run(
        [sys.executable, "-m", "kiestoon.portal", "demo_world", "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=layout.app,
        env={**os.environ, **layout.environment},
    )
    if done.returncode:
        raise DemoMissing(f"the portal could not tell the demo world: {done.stderr.strip()[-500:]}")
    world: dict[str, Any] = json.loads(done.stdout)
    return {
        "portal": world["portal"],
        "sip": world.get("sip", SIP),
        "customers": world["customers"],
        "simulators": world.get("simulators", SIMULATOR_ADDRESSES),
        "simulator_states": simulator_states(),
    }


def simulator_states() -> dict[str, Any]:
    """State and faults of each simulator; `off` when its process does not answer."""
    states: dict[str, Any] = {}
    for simulator in SIMULATORS:
        try:
            answer = _http(f"http://{simulator.control}/states")
        except DemoMissing:
            answer = {simulator.name: {"state": "off", "faults": []}}
        states.update(answer)
    return states


def control_of(name: str) -> str:
    """Address of the control interface that knows this simulator."""
    own = {simulator.name: simulator.control for simulator in SIMULATORS}
    own["emergency_centre_via_partner"] = own["emergency_centre"]
    if name not in own:
        raise DemoMissing(f"no simulator is called {name}; there are: {', '.join(own)}")
    return own[name]


def switch(name: str, state: str) -> Any:
    return _http(f"http://{control_of(name)}/switch", {"name": name, "state": state})


def call(name: str, number: str, to: str) -> Any:
    return _http(f"http://{control_of(name)}/call", {"from": number, "to": to, "name": name})


def greeting(layout: Layout) -> str:
    """What ./run prints at the end: where to look and what to dial."""
    try:
        world = demo_world(layout)
    except (DemoMissing, KeyError, ValueError) as error:
        return f"The demo world is not there yet: {error}"
    sip, portal = world["sip"], world["portal"]
    lines = [f"Portal   {portal.get('url', PORTAL_URL)}"]
    for person in portal["people"]:
        code = "  and a code" if person.get("totp_secret") else ""
        lines.append(f"         {person['role']:<15} {person['username']:<24} {person['password']}{code}")
    lines.append("         ./kiestoon demo code admin shows the code of admin, which works once.")
    lines += ["", f"Phones   domain {sip['domain']}, server {sip['udp']} (UDP, TCP), {sip['tls']} (TLS)"]
    for customer in world["customers"]:
        lines.append(f"  {customer['name']}, {customer['main_number']}")
        for user in customer["users"]:
            who = f"{user['extension']} {user['name']}"
            lines.append(f"         {who:<15} {user['username']:<24} {user['password']}  {user['number']}")
    lines += [
        "",
        "Dial     *102 from Anna's phone rings Bram (102 alone is a helpline); 0470 12 34 56 goes out to the",
        "         simulated carrier;",
        "         112 reaches the simulated emergency centre: http://127.0.1.112:8112/calls shows the call.",
        "Call in  ./kiestoon demo call --from national_carrier --number +32470123456 --to +3238080101",
        "Look     ./kiestoon status · calls · explain --from +3238080101 --to 0470123456 · doctor",
        f"Logs     {layout.log}",
    ]
    return "\n".join(lines)


def _http(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        raise DemoMissing(f"{url} refused: {error.read().decode(errors='replace')[:300]}") from error
    except (OSError, ValueError) as error:
        raise DemoMissing(f"{url} does not answer ({error}): is the stack running?") from error
