"""The phone in the browser asks where it is, takes an address or a known place, and 112 carries it."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.async_api import async_playwright, expect

from tests.browser.browser_phone import FLAGS, BrowserPhone, write_tone
from tests.demo import Demo

PICTURES = os.environ.get("KIESTOON_SCREENSHOTS", "")


async def test_where_are_you_now(demo: Demo, tmp_path: Path) -> None:
    portal = demo.world["portal"]
    person = next(one for one in portal["people"] if one["username"] == "dezon-user")
    tone = write_tone(tmp_path / "tone.wav", 440)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[*FLAGS, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={tone}"],
        )
        page = await browser.new_page(locale="fr", viewport={"width": 375, "height": 900})
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await page.goto(f"{portal['url']}/fr/sign-in/")
        await page.fill("[name=username]", person["username"])
        await page.fill("[name=password]", person["password"])
        await page.press("[name=password]", "Enter")
        await page.goto(f"{portal['url']}/fr/phone/")
        web = BrowserPhone(page.context, page.url)
        web.page = page
        await web.is_line("ready")
        panel = page.get_by_role("region", name="Où êtes-vous maintenant ?")
        await expect(panel).to_be_visible(timeout=15_000)
        await expect(page.get_by_text("le 112 reçoit Meir 1, 2000 Antwerpen (déclaré).")).to_be_visible()
        await expect(panel.get_by_role("button", name="Meir 1, 2000 Antwerpen")).to_be_visible()
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/where-375.png", full_page=True)

        await panel.get_by_text("Une autre adresse").click()
        await panel.get_by_label("Rue").fill("Korenmarkt")
        await panel.get_by_label("Numéro", exact=True).fill("4")
        await panel.get_by_label("Code postal").fill("2000")
        await panel.get_by_label("Commune").fill("Gent")
        await panel.get_by_role("button", name="Je suis ici").click()
        await expect(panel).to_contain_text("Gent / Gand a 9000")
        await expect(panel.get_by_label("Commune")).to_be_focused()
        await expect(panel.get_by_label("Rue")).to_have_value("Korenmarkt")
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/where-wrong-375.png", full_page=True)
        # A call is never kept waiting by the question.
        await page.get_by_role("textbox", name="Numéro", exact=True).last.fill("112")
        await page.keyboard.press("Enter")
        await web.is_phase("talking")
        await expect(panel).to_be_hidden()
        await web.press("Raccrocher")
        await expect(panel).to_be_visible(timeout=10_000)
        row = demo.emergency_calls()[0]
        assert (row["location"]["PC"], row["location_state"]) == ("2000", "declared")

        version = demo.stack.json("status")["snapshot"]["version"]
        await panel.get_by_label("Code postal").fill("9000")
        await panel.get_by_role("button", name="Je suis ici").click()
        await expect(page.get_by_text("Enregistré. Le 112 reçoit cette adresse")).to_be_visible()
        await expect(page.get_by_text("le 112 reçoit Korenmarkt 4, 9000 Gent (confirmé).")).to_be_visible()
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/where-answered-375.png", full_page=True)
        demo.until(lambda: demo.stack.json("status")["snapshot"]["version"] > version, 5)
        await web.is_phase("idle", within=10)
        await page.get_by_role("textbox", name="Numéro", exact=True).last.fill("112")
        await page.keyboard.press("Enter")
        await web.is_phase("talking")
        await web.press("Raccrocher")
        row = demo.emergency_calls()[0]
        assert (row["location"]["PC"], row["location_state"]) == ("9000", "confirmed")

        await page.reload()
        await web.is_line("ready")
        await expect(page.get_by_text("le 112 reçoit Korenmarkt 4, 9000 Gent (confirmé).")).to_be_visible(
            timeout=15_000
        )
        await expect(panel).to_be_hidden()
        assert [one for one in complaints if "422" not in one] == []
        await browser.close()
