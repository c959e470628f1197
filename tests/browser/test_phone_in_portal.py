"""A customer's person signs in, opens Phone and calls: the page, policy and secret are the portal's."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import async_playwright, expect

from tests.browser.browser_phone import FLAGS, BrowserPhone, write_tone
from tests.demo import Demo


async def test_signs_in_and_calls_the_desk_phone_of_extension_101(demo: Demo, tmp_path: Path) -> None:
    portal = demo.world["portal"]
    person = next(one for one in portal["people"] if one["username"] == "dezon-user")
    tone = write_tone(tmp_path / "tone.wav", 440)
    async with demo.phone("anna") as anna, async_playwright() as driver:
        await anna.register()
        browser = await driver.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[*FLAGS, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={tone}"],
        )
        page = await browser.new_page(locale="en")
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
        await page.goto(f"{portal['url']}/en/sign-in/")
        await page.fill("[name=username]", person["username"])
        await page.fill("[name=password]", person["password"])
        await page.press("[name=password]", "Enter")
        await page.get_by_role("link", name="Phone", exact=True).click()
        web = BrowserPhone(page.context, page.url)
        web.page = page
        await web.is_line("ready")
        await web.dial("*101")
        desk = await anna.wait_call()
        await desk.answer(tone=880)
        await web.hears(880)
        await desk.hears(440)
        await web.press("Hang up")
        await desk.ended()
        await expect(page).to_have_title("Phone – Kiestoon")
        assert refused == []
        await browser.close()
