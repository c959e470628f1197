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
User = dict[str, Any]
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


def pairs(world: dict[str, Any]) -> list[tuple[User, User]]:
    """Anna and Bram; then the first two users of other customers, should somebody have changed those."""
    found: list[tuple[User, User]] = []
    for customer in world["customers"]:
        users = {user["name"].split()[0]: user for user in customer["users"]}
        if CALLER in users and CALLED in users:
            found.insert(0, (users[CALLER], users[CALLED]))
        elif len(users) >= 2:
            first, second, *_ = users.values()
            found.append((first, second))
    if not found:
        raise NoWorld("the demo world has no two users of one customer")
    return found


async def first_call(sip: dict[str, Any], anna: User, bram: User) -> None:
    """Raises Unexpected when any step does not go as it must."""
    caller = Phone(anna["username"], anna["password"], sip["domain"], server=sip["udp"], local_ip="127.0.0.2")
    called = Phone(bram["username"], bram["password"], sip["domain"], server=sip["udp"], local_ip="127.0.0.3")
    async with caller, called:
        registered = await caller.try_register(60)
        if registered.code != 200 and "Too many devices" not in registered.reason:
            raise Unexpected(f"{anna['name']} cannot register: {registered.code} {registered.reason}")
        await called.register(60)
        call = await caller.call(bram["number"], tone=TONES[0])
        waiting = asyncio.ensure_future(called.wait_call())
        await asyncio.wait([waiting, asyncio.ensure_future(call.ended(6))], return_when="FIRST_COMPLETED")
        if not waiting.done():
            waiting.cancel()
            raise Unexpected(f"{anna['name']}'s call to {bram['number']} failed: {call.status} {call.reason}")
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


async def any_call(world: dict[str, Any]) -> None:
    """The first pair that can talk is enough; what failed before it is told."""
    candidates = pairs(world)
    for number, (caller, called) in enumerate(candidates, 1):
        try:
            await first_call(world["sip"], caller, called)
            return
        except Unexpected as error:
            if number == len(candidates):
                raise
            print(f"first call: {error}; trying another pair", file=sys.stderr)


def main() -> int:
    try:
        asyncio.run(asyncio.wait_for(any_call(read_world()), PATIENCE))
    except (NoWorld, Unexpected, OSError) as error:
        print(f"first call: {error}", file=sys.stderr)
        return 1
    except TimeoutError:
        print(f"first call: not finished within {PATIENCE:.0f} s", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
