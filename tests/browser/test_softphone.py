"""The softphone calls and is called; the other end is a simulated desk phone or a second browser.

Bram's phone is the browser throughout, Anna's (extension 101) the desk phone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser_phone import BrowserPhone, browser_phone, configuration
from tests.demo import Demo
from tests.sim.phone import Phone


def of_bram(demo: Demo, **more: Any) -> dict[str, Any]:
    return configuration(demo.users["bram"], demo.world["sip"], **more)


@asynccontextmanager
async def anna_and_browser(
    demo: Demo, folder: Path, **options: Any
) -> AsyncIterator[tuple[Phone, BrowserPhone]]:
    """Anna's desk phone and Bram's browser, both registered; nobody may have broken a rule afterwards."""
    async with demo.phone("anna") as anna, browser_phone(folder, of_bram(demo), **options) as web:
        await anna.register()
        yield anna, web
        assert web.complaints == []
        assert anna.violations == []


@asynccontextmanager
async def talking(demo: Demo, folder: Path) -> AsyncIterator[tuple[Any, BrowserPhone]]:
    """The browser has called the desk phone (880 Hz); both hear each other."""
    async with anna_and_browser(demo, folder) as (anna, web):
        await web.dial("*101")
        desk = await anna.wait_call()
        await desk.answer(tone=880)
        await web.is_phase("talking")
        await web.hears(880)
        await desk.hears(440)
        yield desk, web
        await web.press("Hang up")
        await desk.ended()


async def test_calls_the_desk_phone_of_extension_101(demo: Demo, tmp_path: Path) -> None:
    async with anna_and_browser(demo, tmp_path) as (anna, web):
        await web.dial("*101")
        desk = await anna.wait_call()
        await desk.ring()
        await web.says("It rings there")
        await desk.answer(tone=880)
        await web.is_phase("talking")
        await web.hears(880)
        await desk.hears(440)
        await web.press("Hang up")
        await desk.ended()
        await web.says("You ended the call")


async def test_is_called_and_says_by_whom(demo: Demo, tmp_path: Path) -> None:
    async with anna_and_browser(demo, tmp_path) as (anna, web):
        call = await anna.call(demo.number("bram"), tone=660)
        await web.is_phase("ringing")
        await web.says("03 808 01 01")
        await web.press("Answer")
        await call.answered()
        await call.hears(440)
        await web.hears(660)
        await call.hang_up()
        await web.says("They ended the call")


async def test_a_declined_call_and_a_missed_one(demo: Demo, tmp_path: Path) -> None:
    async with anna_and_browser(demo, tmp_path) as (anna, web):
        call = await anna.call(demo.number("bram"))
        await web.is_phase("ringing")
        await web.press("Decline")
        await call.ended()
        assert call.status == 603
        await web.says("You declined the call")

        call = await anna.call(demo.number("bram"))
        await web.is_phase("ringing")
        await call.ringing()
        await call.cancel()
        await web.says("Missed call")


async def test_a_second_caller_hears_busy(demo: Demo, tmp_path: Path) -> None:
    async with talking(demo, tmp_path) as (_, web):
        async with demo.phone("chloe") as chloe:
            await chloe.register()
            call = await chloe.call(demo.number("bram"))
            await call.ended()
            assert call.status == 486
        await web.is_phase("talking")


async def test_hold_mute_and_keys(demo: Demo, tmp_path: Path) -> None:
    async with talking(demo, tmp_path) as (desk, web):
        await web.press("Mute")
        await web.says("Muted: they don't hear you")
        await desk.hears_silence()
        await web.press("Unmute")
        await desk.hears(440)

        await web.press("Hold")
        await web.is_phase("held")
        await desk.until(lambda: desk.held, 3, "on hold")
        await web.press("Resume")
        await web.is_phase("talking")
        await desk.hears(440, within=5)
        await web.hears(880)

        await web.press("Keypad")
        for key in "12#":
            await web.button(key).click()
            await asyncio.sleep(0.2)
        await web.page.get_by_role("heading", name="*101").focus()
        await web.page.keyboard.press("9")
        await desk.receives_digits("12#9")
        await web.says("Keys sent: 12#9")


async def test_the_other_side_holds(demo: Demo, tmp_path: Path) -> None:
    async with talking(demo, tmp_path) as (desk, web):
        await desk.hold()
        await web.says("They put you on hold")
        await desk.hears_silence()
        await desk.resume()
        await web.says("In a call")
        await web.hears(880)


async def test_by_keyboard_alone(demo: Demo, tmp_path: Path) -> None:
    async with anna_and_browser(demo, tmp_path) as (anna, web):
        page = web.page
        await page.get_by_role("button", name="1", exact=True).focus()
        await page.keyboard.type("*101")
        await page.keyboard.press("Enter")
        desk = await anna.wait_call()
        await desk.answer(tone=880)
        await web.is_phase("talking")
        await page.keyboard.press("Control+m")
        await web.says("Muted: they don't hear you")
        await page.keyboard.press("Escape")
        await desk.ended()

        call = await anna.call(demo.number("bram"))
        await web.is_phase("ringing")
        await page.get_by_role("heading", name="03 808 01 01").focus()
        await page.keyboard.press("Enter")
        await call.answered()
        await call.hang_up()


async def test_two_browsers(demo: Demo, tmp_path: Path) -> None:
    chloe = configuration(demo.users["chloe"], demo.world["sip"])
    (tmp_path / "chloe").mkdir()
    async with (
        browser_phone(tmp_path, of_bram(demo)) as bram,
        browser_phone(tmp_path / "chloe", chloe, tone=1000) as other,
    ):
        await bram.dial("*103")
        await other.is_phase("ringing")
        await other.press("Answer")
        await bram.is_phase("talking")
        await bram.hears(1000)
        await other.hears(440)
        await bram.press("Hang up")
        await other.is_phase("ended")
        assert bram.complaints == []
        assert other.complaints == []


async def test_over_wss(demo: Demo, tmp_path: Path) -> None:
    settings = of_bram(demo, ws_url="wss://localhost:8443")
    certificate = demo.stack.state / "secrets" / "tls" / "server.pem"
    async with (
        demo.phone("anna") as anna,
        browser_phone(tmp_path, settings, certificate=certificate) as web,
    ):
        await anna.register()
        await web.dial("*101")
        desk = await anna.wait_call()
        await desk.answer(tone=880)
        await web.hears(880)
        await desk.hears(440)
        await desk.hang_up()
        await web.is_phase("ended")


# ------------------------------------------------------------------------------- the line


class Proxy:
    """Between browser and edge, so that a test can cut the line as a network does."""

    def __init__(self) -> None:
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Nobody gets through any more, and what was open breaks."""
        assert self._server is not None
        self._server.close()
        self._server = None
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await asyncio.sleep(0.1)  # until the loop has let go of them

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", 8080)
        self._writers |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()


@pytest.mark.parametrize("in_call", [False, True], ids=["idle", "in a call"])
async def test_comes_back_after_the_connection_drops(demo: Demo, tmp_path: Path, in_call: bool) -> None:
    proxy = Proxy()
    await proxy.listen()
    settings = of_bram(demo, ws_url=f"ws://localhost:{proxy.port}")
    async with demo.phone("anna") as anna, browser_phone(tmp_path, settings) as web:
        await anna.register()
        if in_call:
            await web.dial("*101")
            desk = await anna.wait_call()
            await desk.answer(tone=880)
            await web.hears(880)
        await proxy.cut()
        await web.is_line("offline")
        await web.says("No connection. Trying again…")
        if in_call:
            await web.hears(880)  # the media did not go through what broke
        await proxy.listen()
        await web.is_line("ready", within=20)
        if in_call:
            await desk.until(lambda: any(r.method == "INVITE" for r in desk.requests), 5, "the new route")
            await desk.hears(440)
            await web.hears(880)
            await desk.hang_up()
            await web.says("They ended the call")  # so the edge found the new connection
        else:
            call = await anna.call(demo.number("bram"))
            await web.is_phase("ringing")
            await call.cancel()
        assert web.complaints == []
        await proxy.cut()


async def test_a_reload_replaces_the_old_registration(demo: Demo, tmp_path: Path) -> None:
    async with anna_and_browser(demo, tmp_path) as (anna, web):
        for _ in range(4):  # a user may have three devices
            await web.page.reload()
            await web.is_line("ready")
        call = await anna.call(demo.number("bram"))
        await web.is_phase("ringing")
        await web.press("Answer")
        await call.answered()
        await call.hang_up()


async def test_browsers_that_went_are_no_devices(demo: Demo, tmp_path: Path) -> None:
    for _ in range(5):  # a user may have three; each of these is another browser
        async with browser_phone(tmp_path, of_bram(demo)) as web:
            assert web.complaints == []


async def test_a_second_window_waits_and_can_take_over(demo: Demo, tmp_path: Path) -> None:
    async with anna_and_browser(demo, tmp_path) as (anna, web):
        second = BrowserPhone(web.context, web.url)
        await second.open(ready=False)
        await second.says("The phone is open in another window")
        await second.press("Use it here")
        await second.is_line("ready")
        await web.is_line("elsewhere")
        call = await anna.call(demo.number("bram"))
        await second.is_phase("ringing")
        await web.is_phase("idle")
        await call.cancel()

        await second.page.close()
        await web.is_line("ready")
        call = await anna.call(demo.number("bram"))
        await web.is_phase("ringing")
        await call.cancel()


async def test_a_wrong_secret_is_told(demo: Demo, tmp_path: Path) -> None:
    settings = of_bram(demo, ha1="0" * 32)
    async with browser_phone(tmp_path, settings, ready=False, lang="nl") as web:
        await web.says("Zal niet rinkelen: meld je opnieuw aan, je toegang is gewijzigd")


# -------------------------------------------------------------------------- the microphone


async def test_a_refused_microphone_is_told_and_one_may_listen(demo: Demo, tmp_path: Path) -> None:
    async with anna_and_browser(demo, tmp_path, microphone=False) as (anna, web):
        await web.dial("*101")
        await web.says("The browser blocks the microphone for this page.")
        await anna.no_call()
        await web.is_phase("idle")
        await web.press("Call without microphone")
        desk = await anna.wait_call()
        await desk.answer(tone=880)
        await web.hears(880)
        await web.press("Hang up")
        await desk.ended()


async def test_112_goes_out_without_a_microphone_and_without_a_registration(
    demo: Demo, tmp_path: Path
) -> None:
    settings = of_bram(demo, ha1="0" * 32)
    before = {call["id"] for call in demo.emergency_calls()}
    async with browser_phone(tmp_path, settings, ready=False, microphone=False) as web:
        await web.is_line("refused-password")
        await web.says("112 is told your registered address")
        await web.dial("112")
        await web.is_phase("talking")
        demo.until(lambda: {call["id"] for call in demo.emergency_calls()} > before, 5)
        await web.press("Hang up")


async def test_hears_that_a_number_cannot_be_reached(demo: Demo, tmp_path: Path) -> None:
    async with browser_phone(tmp_path, of_bram(demo)) as web:
        await web.dial("+3238080199")
        await web.hears_something()
        await web.is_phase("ended", within=10)
        assert web.complaints == []


async def test_hears_its_emergency_address_and_says_it_is_right(demo: Demo, tmp_path: Path) -> None:
    async with browser_phone(tmp_path, of_bram(demo)) as web:
        await web.dial("*55")
        await web.is_phase("talking")
        await web.hears_something()
        await web.press("Keypad")
        await web.press("1")
        await web.says("They ended the call", within=10)
        assert web.complaints == []
    checks = [
        row
        for call in demo.stack.json("calls")
        if call["dialled"] == "*55"
        for row in demo.stack.json("follow", call["call_id"])["rows"]
        if row["what"] == "address-check"
    ]
    assert "right" in [check["result"] for check in checks]
