"""112 from a device that moved: routed unless a recorded decision says otherwise (RD Numbering art. 43)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.chaos.faults import stopped
from tests.demo import Demo
from tests.sim.call import Unexpected

DOCUMENT = {
    "policy": "announce",
    "reason": "the authority asks for it",
    "document": "decision 12",
    "document_date": "2026-11-02",
    "signed_by": "An Peeters",
}
HOTEL = {"prefix": "127.0.0.9/32", "asn": 64501, "country": "FR", "name": "hotel"}


def done(answer: tuple[int, Any], status: int) -> Any:
    assert answer[0] == status, answer
    return answer[1]


@contextmanager
def policy(demo: Demo, proposal: dict[str, Any]) -> Iterator[None]:
    """In force within the block; "route" again afterwards."""
    decide(demo, proposal)
    try:
        yield
    finally:
        decide(demo, {"policy": "route", "reason": "the authority has answered"})


def decide(demo: Demo, proposal: dict[str, Any]) -> None:
    proposed = done(demo.api("POST", "/emergency-policy", proposal, "network"), 201)
    before = demo.stack.json("status")["snapshot"]["version"]
    done(demo.api("POST", f"/emergency-policy/{proposed['id']}/approve", {}, "compliance"), 200)
    demo.until(lambda: demo.stack.json("status")["snapshot"]["version"] > before, 5)


@contextmanager
def hotel_abroad(demo: Demo) -> Iterator[None]:
    """The table of networks, and 127.0.0.9 in it as an address in France."""
    known = done(demo.api("GET", "/networks?limit=1000", role="network"), 200)["items"]
    load(demo, [*known, HOTEL])
    try:
        yield
    finally:
        load(demo, known)


def load(demo: Demo, rows: list[dict[str, Any]]) -> None:
    names = ("prefix", "asn", "country", "name")
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)]
    before = demo.stack.json("status")["snapshot"]["version"]
    table = {"csv": "\n".join(lines) + "\n", "origin": "a story"}
    done(demo.api("POST", "/networks/tables", table, "network"), 201)
    demo.until(lambda: demo.stack.json("status")["snapshot"]["version"] > before, 5)


async def called_112(demo: Demo, who: str) -> tuple[int, int]:
    """(status, packets heard) of 112 from the hotel."""
    async with demo.phone(who, local_ip="127.0.0.9") as phone:
        await phone.register()
        call = await phone.call("112")
        try:
            await call.answered(within=15)
        except Unexpected:
            return call.status, call.media.received
        await call.hang_up()
        return call.status, call.media.received


async def test_112_from_a_laptop_abroad_is_announced_only_under_a_recorded_decision(demo: Demo) -> None:
    with hotel_abroad(demo):
        assert (await called_112(demo, "bram"))[0] == 200
        assert demo.emergency_calls()[0]["from"] == demo.number("bram")
        received = len(demo.emergency_calls())
        with policy(demo, DOCUMENT):
            status, heard = await called_112(demo, "bram")
            assert status == 403
            assert heard > 100, "the announcement was not heard"
            with stopped(demo.stack, "attendant"):
                assert (await called_112(demo, "bram"))[0] == 403
            assert len(demo.emergency_calls()) == received
            assert (await called_112(demo, "anna"))[0] == 200, "a fixed line is always routed"
        assert (await called_112(demo, "bram"))[0] == 200
