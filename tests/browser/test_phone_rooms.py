"""A company's administrator on a phone screen, by keyboard alone, while real calls go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright, expect

from kiestoon.stack.totp import code_of
from tests.browser.browser_phone import FLAGS
from tests.demo import Demo, final

PHONE = 375
MOBILE = "+32470555666"
FOCUSED = """() => {
  const here = document.activeElement;
  const label = here.labels && here.labels[0];
  return ((label ? label.innerText : here.innerText) || here.name || '').trim();
}"""


@asynccontextmanager
async def signed_in(demo: Demo, username: str) -> AsyncIterator[Page]:
    """A page of this person's on a phone screen; fails at the end when the policy refused anything."""
    portal = demo.world["portal"]
    person = next(one for one in portal["people"] if one["username"] == username)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        page = await browser.new_page(viewport={"width": PHONE, "height": 800}, locale="en")
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
        await page.goto(f"{portal['url']}/en/sign-in/")
        await page.fill("[name=username]", username)
        await page.fill("[name=password]", person["password"])
        await page.press("[name=password]", "Enter")
        if person["totp_secret"]:
            await page.fill("[name=code]", code_of(demo.world, username, time.time()))
            await page.press("[name=code]", "Enter")
        await expect(page.locator(".k-menu")).to_be_visible()
        await page.goto(f"{portal['url']}/en/calls/")
        yield page
        assert refused == []
        await browser.close()


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if name in await page.evaluate(FOCUSED):
            return
    raise AssertionError(f"Tab never reaches {name!r}")


async def follow(page: Page, name: str) -> None:
    """The link or button of this name, by Enter, to the next page."""
    await tab_to(page, name)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def open_room(page: Page, name: str) -> None:
    """By the menu, with the keyboard."""
    await tab_to(page, "Menu")
    await page.keyboard.press("Enter")
    await follow(page, name)
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)


async def calls_in(demo: Demo, number: str) -> int:
    answer = await demo.carrier_calls_in("+32499000101", number)
    return int(answer["sip_code"])


async def published(demo: Demo, before: int) -> None:
    def newer() -> bool:
        return bool(demo.stack.json("status")["snapshot"]["version"] > before)

    await asyncio.to_thread(demo.until, newer, 5)


async def test_a_forwarding_set_on_a_phone_by_keyboard_holds_for_the_next_call(demo: Demo) -> None:
    """Bram's phone is off: calls fail until Anna's colleague forwards them to a mobile."""
    bram = demo.number("bram")
    async with signed_in(demo, "dezon-admin") as page:
        assert await calls_in(demo, bram) == 480
        await open_room(page, "Forwarding and blocking")
        await follow(page, "Bram")
        await tab_to(page, "When no phone is registered, to")
        await page.keyboard.type("0470 55 56 66")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("Saved. It holds from the next call on.")
        saved = begun = time.monotonic()
        while await calls_in(demo, bram) != 200:
            begun = time.monotonic()
            assert begun - saved < 1
        print(f"a call begun {(begun - saved) * 1000:.0f} ms after the page said so went to the mobile")
        assert demo.carrier_calls()[0]["dialled"] == MOBILE
        overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0
        before = demo.stack.json("status")["snapshot"]["version"]
        await page.fill("[name=unreachable]", "")
        await page.press("[name=unreachable]", "Enter")
        await published(demo, before)
        assert await calls_in(demo, bram) == 480


async def test_a_forwarding_to_oneself_is_refused_in_ones_own_language(demo: Demo) -> None:
    async with signed_in(demo, "dezon-user") as page:
        await page.goto(page.url.replace("/en/calls/", "/nl/forwarding/"))
        await page.fill("[name=always]", "*102")
        await page.press("[name=always]", "Enter")
        await expect(page.get_by_role("alert")).to_contain_text("eigen interne nummer")
        assert await page.input_value("[name=always]") == "*102"
        assert await page.evaluate("document.activeElement.id") == "errors"
        await page.reload()
    assert demo.api("GET", f"/users/{demo.users['bram']['username']}")[1]["forwarding"] == []


async def test_a_user_removed_during_a_call_finishes_it(demo: Demo) -> None:
    """Made in the page, registered with the password it showed; removed in the page while talking."""
    async with signed_in(demo, "dezon-admin") as page:
        await open_room(page, "Users and devices")
        await follow(page, "Add a user")
        await tab_to(page, "Name")
        await page.keyboard.type("Gust")
        await tab_to(page, "Extension")
        await page.keyboard.type("277")
        before = demo.stack.json("status")["snapshot"]["version"]
        await follow(page, "Add the user")
        password = await page.inner_text("#password")
        await published(demo, before)
        credentials = {"username": "gust.bakkerijdezon", "password": password}
        async with demo.phone("bram", **credentials) as gust, demo.phone("anna") as anna:
            await gust.register()
            await anna.register()
            call = await gust.call("*101")
            desk = await anna.wait_call()
            await desk.answer(tone=880)
            await call.answered()
            call.play(tone=440)
            await page.goto(page.url.split("/customers/")[0] + "/users/gust.bakkerijdezon/remove/")
            before = demo.stack.json("status")["snapshot"]["version"]
            await follow(page, "Remove the user")
            await expect(page.get_by_role("status")).to_have_text("Gust is removed.")
            await published(demo, before)
            await asyncio.sleep(1)
            await call.hears(880)
            await desk.hears(440)
            await call.hang_up()
            await desk.ended()
            refused = await gust.call("*101")
            assert await final(refused) in (401, 403, 404, 407)
    cdr = demo.cdr(call.invite.call_id)
    assert cdr["sip_code"] == 200
    assert cdr["talk_ms"] >= 1000
    assert cdr["hung_up_by"] == "caller"


async def test_a_device_switched_off_in_the_page_no_longer_rings(demo: Demo) -> None:
    chloe = demo.number("chloe")
    async with signed_in(demo, "support") as page, demo.phone("chloe", transport="tcp") as phone:
        await phone.register()
        await page.goto(page.url.replace("/calls/", "/users/chloe.dezon/"))
        button = page.get_by_role("button", name="Switch off the device")
        for _ in range(15):
            if await button.count():
                break
            await asyncio.sleep(1)
            await page.reload()
        await expect(page.locator("main")).to_contain_text("TCP")
        await button.click()
        await expect(page.get_by_role("status")).to_contain_text("The device is off")
        assert await calls_in(demo, chloe) == 480
