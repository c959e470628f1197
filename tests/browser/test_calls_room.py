"""Support is asked "why did my call not arrive?", and answers from one page; calls going on come and go."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, StorageState, async_playwright, expect

from tests.browser.browser_phone import FLAGS
from tests.demo import Demo
from tests.totp import app_shows

TYPED = "0032 (0)3/808.01-02"
"""Bram's number as somebody typed it in a hurry."""


_SESSIONS: dict[str, StorageState] = {}
"""Sessions kept from test to test: a one-time code is good once in 30 seconds."""


async def _sign_in(page: Page, url: str, person: dict[str, str]) -> None:
    await page.goto(f"{url}/en/sign-in/")
    await page.fill("[name=username]", person["username"])
    await page.fill("[name=password]", person["password"])
    await page.press("[name=password]", "Enter")
    if person["totp_secret"]:
        await page.get_by_label("Code").fill(app_shows(person["totp_secret"]))
        await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Sign out").wait_for()


@asynccontextmanager
async def signed_in(
    demo: Demo, username: str, scripts: bool = True, width: int = 1280
) -> AsyncIterator[Page]:
    """A page of this person's; fails at the end when the policy refused anything."""
    portal = demo.world["portal"]
    person = next(one for one in portal["people"] if one["username"] == username)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        context = await browser.new_context(
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            locale="en",
            storage_state=_SESSIONS.get(username),
        )
        page = await context.new_page()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
        page.on("pageerror", lambda error: refused.append(str(error)))
        if username not in _SESSIONS:
            await _sign_in(page, portal["url"], person)
            _SESSIONS[username] = await context.storage_state()
        await page.goto(f"{portal['url']}/en/calls/")
        yield page
        assert refused == []
        await browser.close()


async def test_support_finds_a_call_by_a_badly_typed_number_and_reads_why(demo: Demo, tmp_path: Path) -> None:
    """Anna calls Bram, whose phone is off; support types his number and reads it within one page."""
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("*102")
        await call.ended(8)
    demo.cdr(call.invite.call_id)
    async with signed_in(demo, "support") as page:
        await page.fill("[name=q]", TYPED)
        await page.press("[name=q]", "Enter")
        row = page.get_by_role("row").filter(has_text="03 808 01 02").first
        await expect(row).to_contain_text("Not reachable")
        await row.get_by_role("link", name="Why?").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Why did this call go like that?")
        await expect(page.locator("main")).to_contain_text("No device is registered")
        await expect(page.locator("main")).to_contain_text("Rings the devices of bram.dezon.")
        table = page.get_by_role("table", name="Messages and events of the call")
        await expect(table.get_by_role("row").nth(1)).to_contain_text("INVITE")
        await expect(table).to_contain_text("480")
        await page.get_by_role("button", name="Copy for support").click()
        text = await page.input_value("#for-support")
        assert "03 80· ·· 02" in text
        assert call.invite.call_id in text
        await page.screenshot(path=tmp_path / "call-1280.png", full_page=True)
    async with signed_in(demo, "support", scripts=False) as page:
        await page.goto(f"{page.url}?q={call.invite.call_id}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Why did this call go like that?")


async def test_calls_going_on_come_and_go_by_themselves(demo: Demo) -> None:
    async with demo.phone("anna") as anna, signed_in(demo, "support") as page:
        await anna.register()
        await page.get_by_role("link", name="Calls going on now").click()
        await expect(page.get_by_text("No calls at this moment")).to_be_visible()
        call = await anna.call("0470123456")
        row = page.get_by_role("row").filter(has_text="0470 12 34 56")
        await expect(row).to_contain_text("Talking", timeout=15_000)
        await expect(page.get_by_text("Updated")).to_have_text(re.compile(r"Updated \d+ s ago"))
        async with signed_in(demo, "support", scripts=False) as plain:
            await plain.goto(page.url)
            await expect(plain.get_by_role("row").filter(has_text="0470 12 34 56")).to_be_visible()
        await call.hang_up()
        await expect(row).to_have_count(0, timeout=15_000)
        await page.get_by_role("link", name="Pause updating").click()
        await expect(page.get_by_role("link", name="Go on updating")).to_be_visible()


async def test_a_live_list_without_data_says_so(demo: Demo) -> None:
    async with signed_in(demo, "support") as page:
        await page.get_by_role("link", name="Calls going on now").click()
        await expect(page.get_by_text("Updated")).to_have_text(re.compile(r"Updated \d+ s ago"))
        await page.route("**/calls/live/**", lambda route: route.abort())
        said = page.get_by_text("No data since")
        await expect(said).to_have_text(re.compile(r"No data since \d\d:\d\d:\d\d"), timeout=25_000)


async def test_nothing_is_wider_than_a_phone(demo: Demo, tmp_path: Path) -> None:
    async with demo.phone("anna") as anna:
        await anna.register()
        call = await anna.call("*102")
        await call.ended(8)
    demo.cdr(call.invite.call_id)
    async with signed_in(demo, "dezon-admin", width=375) as page:
        for path in ("", "live/", f"?q={call.invite.call_id}"):
            await page.goto(f"{demo.world['portal']['url']}/en/calls/{path}")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 375, path
            await page.screenshot(path=tmp_path / f"phone-{len(path)}.png", full_page=True)
