"""One load of one page, asked everything: axe, language, titles, overflow, keyboard, other hosts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Request, sync_playwright

AXE = Path(sys.prefix) / "share/kiestoon/softphone.build/node_modules/axe-core/axe.min.js"
"""npm ci puts it there with what the softphone is built with."""
CHECKS = Path(__file__).with_name("page_checks.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ERROR = {"nl": "Fout: ", "fr": "Erreur : ", "de": "Fehler: ", "en": "Error: "}
"""Begins the title of a page that refused what was entered."""
NARROW, WIDE = 320, 1280
MOST_STOPS = 400


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


class Walker:
    """A browser tab of one person, who opens page after page."""

    def __init__(self, browser: Browser, origin: str, session: dict[str, str]) -> None:
        self._origin = origin
        self._heard: list[str] = []
        self._context = browser.new_context(reduced_motion="reduce")
        self._context.add_cookies(
            [{"name": name, "value": value, "url": origin} for name, value in session.items()]
        )
        self._context.add_init_script(path=AXE)
        self._context.add_init_script(path=CHECKS)
        self._context.route_web_socket("**", lambda _: None)  # there is no edge behind this portal
        self.page = self._context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._heard.append(f"script error: {error}"))
        self.page.on("request", self._asked)

    def close(self) -> None:
        self._context.close()

    def faults(
        self, address: str, language: str, width: int, status: int = 200, *, by_keyboard: bool = True
    ) -> list[str]:
        """Everything that is wrong with this page in this language at this width."""
        self._heard.clear()
        page = self.page
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(f"{self._origin}/{language}{address}")
        assert answer is not None
        if answer.status != status:
            return [f"answers {answer.status} instead of {status}"]
        found = page.evaluate("tags => kCheck.axe(tags)", TAGS)
        facts = page.evaluate("kCheck.facts()")
        if facts["lang"] != language:
            found.append(f"says it is in {facts['lang']}")
        if len(facts["headings"]) != 1:
            found.append(f"has {len(facts['headings'])} first headings")
        elif facts["title"].removeprefix(ERROR[language]) != f"{facts['headings'][0]} – Kiestoon":
            found.append(f"is called {facts['title']!r} and headed {facts['headings'][0]!r}")
        if facts["overflow"] > 0:
            found.append(f"is {facts['overflow']} pixels too wide: {', '.join(facts['wide'])}")
        found += facts["small"]
        found += facts["refused"]
        if by_keyboard:
            found += self._tab_walk()
        if width == WIDE and (more := page.evaluate("kCheck.larger()")) > 0:
            found.append(f"is {more} pixels too wide with letters twice as large")
        return [*found, *self._heard]

    def picture(self, address: str, language: str, width: int, path: Path) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(f"{self._origin}/{language}{address}")
        self.page.screenshot(path=path, full_page=True)

    def _tab_walk(self) -> list[str]:
        page = self.page
        found: list[str] = []
        expected = page.evaluate("kCheck.begin()")
        ends = 0
        for _ in range(min(expected, MOST_STOPS) + 20):
            page.keyboard.press("Tab")
            faults = page.evaluate("kCheck.stop()")
            ends += (
                faults is None
            )  # a page that puts the focus on what is wrong is walked from there, and round
            if ends > 1 or (ends and not page.evaluate("kCheck.missed()")):
                break
            found += faults or []
        found += [f"the Tab key never reaches {one}" for one in page.evaluate("kCheck.missed()")]
        page.evaluate("document.querySelector('.k-skip')?.focus()")
        page.keyboard.press("Enter")
        if (at := page.evaluate("kCheck.focused()")) != "main#main":
            found.append(f"its skip link leads to {at or 'nothing'}")
        return found

    def _said(self, message: ConsoleMessage) -> None:
        of_the_page_itself = message.location["url"] == self.page.url  # an error page's own status
        if message.type in ("error", "warning") and not of_the_page_itself:
            self._heard.append(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self._origin:
            self._heard.append(f"asks another host: {parts.scheme}://{parts.netloc}")
