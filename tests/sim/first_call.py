"""PROCESS the test call of ./run: Anna calls Bram, both hear each other; exit 0, or 1 and a sentence."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.sim.call import Unexpected
from tests.sim.phone import Phone

CALLER, CALLED = "Anna", "Bram"
TONES = 440, 880
PATIENCE = 20.0


class NoWorld(Exception):
    """The demo world cannot be read."""


def read_world() -> dict[str, Any]:
    """What the portal wrote: domain, user names, passwords, numbers."""
    state = os.environ.get("KIESTOON_STATE")
    if not state:
        raise NoWorld("KIESTOON_STATE is not set")
    path = Path(state) / "secrets" / "demo.json"
    try:
        world: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise NoWorld(f"the demo world cannot be read from {path}: {error}") from error
    return world


def user_named(world: dict[str, Any], name: str) -> dict[str, Any]:
    for customer in world["customers"]:
        for user in customer["users"]:
            if user["name"].split()[0] == name:
                return dict(user)
    raise NoWorld(f"the demo world has no user called {name}")


async def first_call(world: dict[str, Any]) -> None:
    """Raises Unexpected when any step does not go as it must."""
    sip = world["sip"]
    anna, bram = user_named(world, CALLER), user_named(world, CALLED)
    caller = Phone(anna["username"], anna["password"], sip["domain"], server=sip["udp"], local_ip="127.0.0.2")
    called = Phone(bram["username"], bram["password"], sip["domain"], server=sip["udp"], local_ip="127.0.0.3")
    async with caller, called:
        await caller.register(60)
        await called.register(60)
        call = await caller.call(bram["number"], tone=TONES[0])
        waiting = asyncio.ensure_future(called.wait_call())
        await asyncio.wait([waiting, asyncio.ensure_future(call.ended(6))], return_when="FIRST_COMPLETED")
        if not waiting.done():
            waiting.cancel()
            raise Unexpected(f"{CALLER}'s call to {bram['number']} failed: {call.status} {call.reason}")
        incoming = waiting.result()
        await incoming.ring()
        await call.ringing()
        await incoming.answer(tone=TONES[1])
        await call.answered()
        await call.hears(TONES[1])
        await incoming.hears(TONES[0])
        await call.hang_up()
        await incoming.ended()
    if found := caller.violations + called.violations:
        raise Unexpected(f"the edge broke a standard: {found[0]['what']} ({found[0]['message']})")


def main() -> int:
    try:
        asyncio.run(asyncio.wait_for(first_call(read_world()), PATIENCE))
    except (NoWorld, Unexpected, OSError) as error:
        print(f"first call: {error}", file=sys.stderr)
        return 1
    except TimeoutError:
        print(f"first call: not finished within {PATIENCE:.0f} s", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
