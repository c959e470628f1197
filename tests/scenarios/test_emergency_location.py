"""Where a phone is: said through the portal, carried by the next 112 call, uncertain once it has moved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.demo import Demo, http
from tests.sim.phone import Phone

LAPTOP = "urn:uuid:5f0f6e0a-0000-4000-8000-0000000000e1"
HOME, TRAIN, ABROAD = "127.0.2.9", "127.0.3.9", "127.0.4.9"
LEUVEN = {"street": "Bondgenotenlaan", "house_number": "20", "postcode": "3000", "municipality": "Louvain"}
GHENT = {
    "street": "Veldstraat", "house_number": "3", "floor": "2", "postcode": "9000", "municipality": "Gent",
}  # fmt: skip


class Elise:
    """Elise of Cabinet Lambert: her sign-in, and her laptop wherever it is."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        tokens = demo.world["portal"]["tokens"]
        self._token = next(
            one["token"]
            for one in tokens
            if (one["role"], one["customer"]) == ("customer-user", "Cabinet Lambert")
        )

    def laptop(self, at: str) -> Phone:
        return self.demo.phone("elise", local_ip=at, instance=LAPTOP)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = http(method, self.demo.world["portal"]["api"] + path, body, self._token)
        assert status in (200, 201), answer
        return answer

    def device(self) -> dict[str, Any]:
        found = [one for one in self.api("GET", "/locations")["items"] if one["instance"] == f"<{LAPTOP}>"]
        return found[0] if found else {}

    async def is_seen(self, network: str) -> int:
        """The portal has heard that the laptop is in this network; its number there."""
        await self._until(lambda: self.device().get("network", {}).get("name") == network)
        return int(self.device()["id"])

    async def says(self, device: int, address: dict[str, str]) -> None:
        before = self.demo.stack.json("status")["snapshot"]["version"]
        self.api("POST", f"/locations/{device}/places", {"address": address})
        await self._until(lambda: self.demo.stack.json("status")["snapshot"]["version"] > before)

    async def _until(self, true: Callable[[], bool]) -> None:
        await asyncio.to_thread(self.demo.until, true, 10)


async def place_of_112(demo: Demo, phone: Phone) -> tuple[str, str]:
    """(postcode, state) that the centre reads of a call to 112."""
    call = await phone.call("112")
    await call.answered(within=8)
    await call.hang_up()
    row = demo.emergency_calls()[0]
    assert not row["violations"], row["violations"]
    assert row["from"] == demo.number("elise")
    return row["location"]["PC"], row["location_state"]


async def test_112_from_a_laptop_that_moved(demo: Demo) -> None:
    elise = Elise(demo)
    async with elise.laptop(HOME) as laptop:
        await laptop.register()
        device = await elise.is_seen("demo: fibre at home")
        assert await place_of_112(demo, laptop) == ("5000", "declared"), "the address given for the line"
        await elise.says(device, LEUVEN)
        assert await place_of_112(demo, laptop) == ("3000", "confirmed")
    async with elise.laptop(TRAIN) as laptop:
        await laptop.register()
        await elise.is_seen("demo: train and mobile")
        assert elise.device()["state"] == "stale"
        assert await place_of_112(demo, laptop) == ("3000", "stale"), (
            "the last known address, and that it is old"
        )
        await elise.says(device, GHENT)
        assert await place_of_112(demo, laptop) == ("9000", "confirmed")
        assert demo.emergency_calls()[0]["location"]["FLR"] == "2"
    async with elise.laptop(HOME) as laptop:
        await laptop.register()
        assert await place_of_112(demo, laptop) == ("3000", "confirmed"), "back home nobody is asked again"
        await elise.is_seen("demo: fibre at home")
        assert elise.device()["state"] == "confirmed"


async def test_112_from_a_hotel_abroad_before_anybody_said_so(demo: Demo) -> None:
    elise = Elise(demo)
    async with elise.laptop(ABROAD) as laptop:
        await laptop.register()
        postcode, state = await place_of_112(demo, laptop)
    assert state == "stale"
    assert postcode


async def test_explain_asks_as_the_device_that_registered_last(demo: Demo) -> None:
    elise = Elise(demo)
    async with elise.laptop(TRAIN) as laptop:
        await laptop.register()
        device = await elise.is_seen("demo: train and mobile")
        await elise.says(device, GHENT)
        name = demo.users["elise"]["username"]

        def explained(*more: str) -> str:
            reasons = demo.stack.json("explain", "--from", name, "--to", "112", *more)["reasons"]
            return str(next(one["result"] for one in reasons if one["step"] == "emergency-location"))

        await asyncio.to_thread(demo.until, lambda: explained() == "confirmed", 15)
        assert explained("--source", ABROAD) == "stale"
        assert explained("--source", TRAIN, "--device", "<urn:uuid:another>") == "declared"


async def test_112_from_a_site_behind_a_customers_pbx(demo: Demo) -> None:
    call = {"name": "customer_pbx", "from": "205", "to": "112"}
    status, answer = await asyncio.to_thread(http, "POST", "http://127.0.1.3:8060/call", call)
    assert status == 200, answer
    row = demo.emergency_calls()[0]
    assert (row["location"]["FLR"], row["location_state"]) == ("2", "confirmed")
    assert not row["violations"], row["violations"]
