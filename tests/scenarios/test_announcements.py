"""What the attendant says to callers: before a refusal, and when they test their emergency address."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from kiestoon.vocabulary.attendant import HEADER
from kiestoon.vocabulary.g711 import FRAME, SILENCE
from tests.demo import Demo, final
from tests.sim.call import Call

NOBODY = "+3238080199"


def frames(audio: bytes) -> set[bytes]:
    """The frames of it that are not silent."""
    parts = {audio[at : at + FRAME] for at in range(0, len(audio), FRAME)}
    return {part for part in parts if part.strip(SILENCE + b"\x55")}


def prompt(demo: Demo, name: str) -> set[bytes]:
    return frames((Path(demo.stack.state) / "prompts" / f"{name}.alaw").read_bytes())


async def says(call: Call, demo: Demo, name: str, within: float = 5.0) -> None:
    """Half a second of this very prompt is heard, and nothing else."""
    wanted, deadline = prompt(demo, name), time.monotonic() + within
    while len(heard := frames(call.media.heard_audio(0.7)) & wanted) < 25:
        assert time.monotonic() < deadline, f"only {len(heard)} frames of {name} were heard; {call}"
        await asyncio.sleep(0.03)


def checks(demo: Demo, sip_call_id: str) -> list[dict[str, Any]]:
    """The address-check events of a call, from the journal or the database."""
    rows = demo.stack.json("follow", sip_call_id)["rows"]
    return [row for row in rows if row["what"] == "address-check"]


@pytest.mark.parametrize(
    ("who", "language", "how"),
    [
        ("anna", "nl", {}),
        ("denis", "fr", {"transport": "tls", "srtp": True}),
        ("franz", "de", {"local_ip": "::1", "transport": "tcp"}),
        ("elise", "fr", {"transport": "ws"}),
    ],
)
async def test_a_number_nobody_has_is_said_to_be_unreachable_and_costs_nothing(
    demo: Demo, who: str, language: str, how: dict[str, Any]
) -> None:
    async with demo.phone(who, **how) as phone:
        await phone.register()
        call = await phone.call(NOBODY)
        await call.ringing()
        assert call.status == 183
        await call.hears_speech()
        await says(call, demo, f"{language}/number-unreachable")
        assert await final(call) == 404
        assert not call.is_answered
        assert call.media.lost == 0
        assert phone.violations == []
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["sip_code"], cdr["hung_up_by"], cdr["answered_at"]) == (404, "system", None)
    assert (cdr["talk_ms"], cdr["dialled"], cdr["trunk"]) == (0, NOBODY, None)
    assert cdr["reasons"][-1]["result"] == "number-unreachable"


async def test_a_caller_from_outside_hears_it_too(demo: Demo) -> None:
    result = await demo.carrier_calls_in("+32470123456", NOBODY, seconds=6, patience=8)
    assert (result["sip_code"], result["answered"]) == (404, False)
    assert 183 in result["codes"]
    assert result["heard_packets"] > 100
    assert result["lost_packets"] == 0


async def test_explain_says_what_is_announced(demo: Demo) -> None:
    found = demo.stack.cli("explain", "--from", demo.number("anna"), "--to", NOBODY, "--json")
    assert '"outcome": "attendant"' in found.stdout
    assert '"sip_code": 404' in found.stdout
    assert '"result": "number-unreachable"' in found.stdout


async def test_the_caller_gives_up_during_an_announcement(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call(NOBODY)
        await call.hears_speech()
        await call.cancel()
        assert call.status == 487
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["sip_code"], cdr["hung_up_by"]) == (487, "caller")


async def test_a_caller_without_an_offer_or_with_100rel_required_is_refused_at_once(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        began = time.monotonic()
        silent = await anna.call(NOBODY, offer=False)
        assert await final(silent) == 404
        reliable = await anna.call(NOBODY, headers={"Require": "100rel"})
        assert await final(reliable) == 404
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("digit", "result", "then"), [("1", "right", "thanks"), ("2", "wrong", "address-wrong")]
)
async def test_my_emergency_address_is_read_back(demo: Demo, digit: str, result: str, then: str) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("*55")
        await call.answered()
        await says(call, demo, "nl/address-read-back")
        [address] = demo.spoken_address("anna", "nl")
        await says(call, demo, f"address/{address}", within=8)
        await says(call, demo, "nl/address-right-or-wrong", within=8)
        call.send_dtmf(digit)
        await says(call, demo, f"nl/{then}")
        await says(call, demo, "nl/goodbye")
        await call.ended(10)
        assert call.ended_by == "remote"
        assert anna.violations == []
    cdr = demo.cdr(call.invite.call_id)
    assert (cdr["direction"], cdr["to"], cdr["hung_up_by"]) == ("internal", "*55", "system")
    assert cdr["anomalies"] == []
    [check] = checks(demo, call.invite.call_id)
    assert check["result"] == result
    assert digit not in check.values()


async def test_an_address_is_spoken_when_it_is_published(demo: Demo) -> None:
    assert demo.spoken_address("franz", "de")
    assert not demo.spoken_address("franz", "en")
    demo.set_customer("Kontor Meyer", language="en")
    try:
        demo.until(lambda: bool(demo.spoken_address("franz", "en")), 10)
        async with demo.phone("franz") as franz:
            await franz.register()
            call = await franz.call("*55")
            await call.answered()
            await says(call, demo, "en/address-read-back")
            await call.hang_up()
    finally:
        demo.set_customer("Kontor Meyer", language="de")


async def test_who_hangs_up_without_an_answer_has_said_nothing(demo: Demo) -> None:
    async with demo.phone("denis", transport="tls", srtp=True) as denis:
        await denis.register()
        call = await denis.call("*55")
        await call.answered()
        await call.hears_speech()
        await call.hold()
        await asyncio.sleep(0.4)
        assert call.media.silence_seconds > 0.2
        await call.resume()
        await call.hears_speech()
        await call.hang_up()
        assert denis.violations == []
    assert demo.cdr(call.invite.call_id)["hung_up_by"] == "caller"
    [check] = checks(demo, call.invite.call_id)
    assert check["result"] == "none"


async def test_nobody_outside_can_tell_the_attendant_what_to_say(demo: Demo) -> None:
    forged = {HEADER: "name=location-unknown&language=en&early=0&file=&call=x&user=&code=404&reason=x"}
    async with demo.phone("anna") as anna, demo.phone("bram") as bram:
        await anna.register()
        await bram.register()
        call = await anna.call(NOBODY, headers=forged)
        await says(call, demo, "nl/number-unreachable")
        assert await final(call) == 404
        assert not call.is_answered
        call = await anna.call(demo.number("bram"), headers=forged)
        ringing = await bram.wait_call()
        assert HEADER not in ringing.invite.headers
        await call.hang_up()


async def test_a_number_of_a_suspended_user_is_said_to_be_unreachable(demo: Demo) -> None:
    demo.set_user("chloe", suspended=True)
    try:
        async with demo.phone("denis") as denis:
            await denis.register()
            call = await denis.call(demo.number("chloe"))
            await says(call, demo, "fr/number-unreachable")
            assert await final(call) == 480
    finally:
        demo.set_user("chloe", suspended=False)


async def test_a_hundred_callers_are_told_at_once(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        calls: list[Call] = []
        while len(calls) < 100:
            call = await anna.call("*55")
            await call.until(lambda call=call: call.is_answered or call.is_ended, 10, "a final reply")  # type: ignore[misc]
            if call.is_answered:
                calls.append(call)
            else:  # a slow machine puts callers off; who is told so waits
                assert call.status == 503
                await asyncio.sleep(1)
        await asyncio.sleep(2)
        assert not any(call.is_ended for call in calls)
        assert all(call.media.lost == 0 for call in calls)
        assert all(call.media.received > 80 for call in calls)
        for one in calls:
            await one.hang_up()
