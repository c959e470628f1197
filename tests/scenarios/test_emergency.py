"""112 from everybody, whatever is wrong with them."""

from __future__ import annotations

import asyncio

import pytest

from tests.demo import Demo, final
from tests.sim.call import Call


def last_call(demo: Demo, **expected: object) -> dict[str, object]:
    row = demo.emergency_calls()[0]
    for name, value in expected.items():
        assert row[name] == value, (name, row[name])
    assert not row["violations"], row["violations"]
    return row


async def helped(call: Call) -> None:
    await call.answered(within=8)
    await call.hears(1200)
    await call.hang_up()


@pytest.mark.parametrize(
    "dialled", ["112", "0112", "+32112", "101", "100", "urn:service:sos", "urn:service:sos.police"]
)
async def test_every_way_of_dialling_reaches_the_centre_with_number_and_address(
    demo: Demo, dialled: str
) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call(dialled)
        await helped(call)
    row = last_call(demo, path="own", pidf_lo_valid=True, answered=True)
    assert row["from"] == demo.number("anna")
    assert "Anna" in str(row["name"])
    assert row["location"]["PC"] == "2000"  # type: ignore[index]
    assert demo.cdr(call.invite.call_id)["emergency_class"] == "on-site"


async def test_the_second_path_takes_over(demo: Demo) -> None:
    for fault in ("off", "silent", "unavailable"):
        demo.switch("emergency_centre", fault)
        try:
            async with demo.phone("anna") as anna:
                await anna.register()
                call = await anna.call("112")
                await helped(call)
        finally:
            demo.switch("emergency_centre", "on")
        last_call(demo, path="partner", pidf_lo_valid=True)


async def test_a_withheld_number_is_shown_to_the_centre(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        await helped(await anna.call("112", headers={"Privacy": "id"}))
    assert last_call(demo)["from"] == demo.number("anna")


async def test_from_a_phone_with_a_wrong_password(demo: Demo) -> None:
    async with demo.phone("anna", authenticate=False) as anna:
        await helped(await anna.call("112"))
    row = last_call(demo, pidf_lo_valid=True)
    assert row["from"] == demo.number("anna")
    assert row["verstat"] == "No-TN-Validation"


async def test_an_unverified_claim_gives_no_free_call_elsewhere(demo: Demo) -> None:
    async with demo.phone("anna", authenticate=False) as anna:
        call = await anna.call("112")
        await call.answered()
        elsewhere = await anna.call("0470123456")
        assert await final(elsewhere) in (401, 407)
        assert call.dialog is not None
        forged = call.dialog.request("INVITE", call.contact())
        forged.uri = "sip:+32470123456@127.0.1.1:5060"
        forged.headers.set("Call-ID", "another-call")
        assert (await anna.send(forged)).code in (404, 481)
        await call.hang_up()


async def test_from_a_banned_address(demo: Demo) -> None:
    async with demo.phone("anna", password="wrong", local_ip="127.0.0.4") as stranger:
        for _ in range(21):
            await stranger.try_register()
        with pytest.raises(TimeoutError):  # the address is banned and gets no answer
            await asyncio.wait_for(stranger.try_register(), 1.5)
        await helped(await stranger.call("112"))
    last_call(demo)


async def test_as_a_fourth_device(demo: Demo) -> None:
    async with (
        demo.phone("chloe") as one,
        demo.phone("chloe") as two,
        demo.phone("chloe") as three,
        demo.phone("chloe") as four,
    ):
        for phone in (one, two, three):
            await phone.register()
        assert (await four.try_register()).code == 403
        await helped(await four.call("112"))
    assert last_call(demo)["from"] == demo.number("chloe")


async def test_a_helpline_gets_the_number_only(demo: Demo) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("106", headers={"Privacy": "id"})
        await call.answered()
        await call.hang_up()
    received = demo.carrier_calls()[0]
    assert received["dialled"] == "106"
    assert received["from"] == demo.number("anna")
    assert "Anna" not in str(received["headers"])
    assert "pidf" not in str(received).lower()
    assert demo.cdr(call.invite.call_id)["emergency_class"] == "remote"
