"""Signing in as a person does: a password and a code, a passkey of Chromium's own, by keyboard alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, async_playwright, expect

from tests.demo import Demo
from tests.totp import app_shows

PICTURES = os.environ.get("KIESTOON_SCREENSHOTS", "")
WIDTHS = (1280, 375)


@asynccontextmanager
async def browser_page(demo: Demo) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page of a new browser, and what the Content-Security-Policy refused in it."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page(locale="en", base_url=demo.world["portal"]["url"])
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
        page.on("pageerror", lambda error: refused.append(str(error)))
        yield page, refused
        await browser.close()


async def authenticator(page: Page) -> tuple[CDPSession, str]:
    """A telephone's fingerprint reader, as Chromium plays one: it keeps passkeys and finds its owner."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    made = await devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, made["authenticatorId"]


def person(demo: Demo, username: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in demo.world["portal"]["people"] if one["username"] == username)
    return found


async def picture(page: Page, name: str) -> None:
    """Of the page at desk and phone width, where somebody wants to look."""
    if not PICTURES:
        return
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 720})


async def sign_in(page: Page, who: dict[str, Any], steps_ahead: int = 0) -> None:
    """User name, password, code, by keyboard."""
    await page.goto("/en/sign-in/")
    await page.get_by_label("User name").fill(who["username"])
    await page.get_by_label("Password").fill(who["password"])
    await page.keyboard.press("Enter")
    if who["totp_secret"]:
        await expect(page).to_have_title("Second step – Kiestoon")
        await page.get_by_label("Code").fill(app_shows(who["totp_secret"], steps_ahead=steps_ahead))
        await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()


async def test_a_password_a_code_and_then_a_passkey_alone(demo: Demo) -> None:
    admin = person(demo, "admin")
    async with browser_page(demo) as (page, refused):
        devtools, key = await authenticator(page)
        await page.goto("/en/sign-in/")
        await picture(page, "sign-in")
        await sign_in(page, admin)
        await page.get_by_role("link", name="My account").click()
        await page.get_by_role("link", name="Add a passkey").click()
        await page.get_by_label("Name", exact=True).fill("my telephone")
        await picture(page, "add-passkey")
        await page.get_by_role("button", name="Add passkey").click()
        await expect(page.locator("#said")).to_contain_text("The passkey was added.")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
        await picture(page, "recovery-codes")
        await page.get_by_role("link", name="I have kept them").click()
        await page.get_by_role("link", name="My account").click()
        await expect(page.get_by_role("link", name="Remove my telephone")).to_be_visible()
        await expect(page.get_by_text("signs you in alone")).to_be_visible()
        await picture(page, "account")
        kept = await devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})
        assert [one["isResidentCredential"] for one in kept["credentials"]] == [True]
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page).to_have_title("Sign in – Kiestoon")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("link", name="My account")).to_be_visible()
        for name in ("access", "access/tokens", "access/tokens/new", "access/roles", "audit"):
            await page.goto(f"/en/{name}/")
            await picture(page, name.replace("/", "-"))
        await page.goto("/en/access/")
        await page.get_by_role("link", name="dezon-admin").click()
        await picture(page, "person")
        await page.goto("/en/audit/")
        await expect(page.get_by_text("Added a second factor").first).to_be_visible()
        assert refused == []


async def test_a_passkey_that_is_refused_says_so(demo: Demo) -> None:
    """No finger on the reader: the page says what to do, and a password still works."""
    async with browser_page(demo) as (page, refused):
        devtools, key = await authenticator(page)
        await devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
        await page.goto("/en/sign-in/")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("alert").filter(has_text="did not work")).to_be_visible(timeout=30_000)
        await picture(page, "passkey-refused")
        await sign_in(page, person(demo, "dezon-admin"))
        assert refused == []


async def test_wrong_codes_sign_nobody_in(demo: Demo) -> None:
    network = person(demo, "network")
    async with browser_page(demo) as (page, refused):
        await page.goto("/en/sign-in/")
        await page.get_by_label("User name").fill("network")
        await page.get_by_label("Password").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert").first).to_contain_text("is not right")
        await picture(page, "wrong-password")
        await page.get_by_label("Password").fill(network["password"])
        await page.keyboard.press("Enter")
        for code in ("000000", "12345"):
            await page.get_by_label("Code").fill(code)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("alert").first).to_contain_text("The code is not right")
        await picture(page, "wrong-code")
        await page.goto("/en/calls/")
        await expect(page).to_have_title("Second step – Kiestoon")
        await page.get_by_role("button", name="Sign in as somebody else").click()
        await expect(page).to_have_title("Sign in – Kiestoon")
        assert refused == []


async def test_by_keyboard_alone(demo: Demo) -> None:
    """From the address bar to the last page with Tab, Enter and the keys of the code."""
    finance = person(demo, "finance")
    async with browser_page(demo) as (page, refused):
        await authenticator(page)
        await page.goto("/en/sign-in/")

        async def tab_to(name: str) -> None:
            for _ in range(60):
                await page.keyboard.press("Tab")
                focused = page.locator(":focus")
                label = await focused.evaluate(
                    "e => (e.labels && e.labels.length ? e.labels[0].textContent : e.textContent).trim()"
                )
                if label.startswith(name):
                    return
            raise AssertionError(f"the Tab key never reaches {name}")

        await tab_to("User name")
        await page.keyboard.type("finance")
        await tab_to("Password")
        await page.keyboard.type(finance["password"])
        await tab_to("Sign in")
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("Second step – Kiestoon")
        await tab_to("Code")
        await page.keyboard.type(app_shows(finance["totp_secret"]))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
        await tab_to("finance")
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("My account – Kiestoon")
        await tab_to("Add a passkey")
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("Add a passkey – Kiestoon")
        await tab_to("Add passkey")
        await page.keyboard.press("Space")
        await expect(page).to_have_title("Recovery codes – Kiestoon")
        await tab_to("Sign out")
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("Sign in – Kiestoon")
        await tab_to("Sign in with a passkey")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
        assert refused == []


async def test_the_demo_tells_the_code(demo: Demo) -> None:
    said = await asyncio.to_thread(demo.stack.cli, "demo", "code", "support")
    secret = person(demo, "support")["totp_secret"]
    assert said.stdout.strip() in {app_shows(secret), app_shows(secret, steps_ahead=-1)}
    for username, words in (("dezon-user", "without a code"), ("nobody", "there are: support")):
        refused = await asyncio.to_thread(demo.stack.cli, "demo", "code", username)
        assert refused.returncode == 1
        assert words in refused.stderr
