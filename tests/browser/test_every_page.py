"""Every page, for every role that may open it, in every language: WCAG 2.2 AA by machine and by keyboard.

Routes come from Django's resolver. A new route with parameters fails until page_world.PARAMETERS says what
fills them. KIESTOON_SCREENSHOTS=FOLDER keeps a picture of every page at phone and desk width.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser
from pytest_django.plugin import DjangoDbBlocker

from tests.browser.page_checks import NARROW, WIDE, Walker, chromium
from tests.browser.page_world import NEWCOMER, NOBODY, PEOPLE, SIGNING_IN, Opened, portal
from tests.browser.routes import routes

LOADS = (("nl", NARROW), ("de", WIDE), ("fr", NARROW), ("en", WIDE), ("de", NARROW), ("fr", WIDE))
"""Every page is seen as the first four, in turn by those who may open it; each further person sees it once,
without the keyboard."""
PICTURES = os.environ.get("KIESTOON_SCREENSHOTS", "")


@dataclass
class Walk:
    """The browser, and a tab for each person, opened when first needed."""

    browser: Browser
    origin: str
    pages: dict[str, Opened]
    sessions: dict[str, str]
    tabs: dict[str, Walker]

    def tab(self, who: str) -> Walker:
        if who not in self.tabs:
            session = {"sessionid": self.sessions[who]} if who in self.sessions else {}
            self.tabs[who] = Walker(self.browser, self.origin, session)
        return self.tabs[who]


@pytest.fixture(scope="module")
def walk(django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Walk]:
    """A database of its own for the whole walk: pytest-django's belongs to one test."""
    with django_db_blocker.unblock():
        database = setup_databases(verbosity=0, interactive=False)
        with portal() as (origin, pages, sessions), chromium() as browser:
            yield Walk(browser, origin, pages, sessions, {})
        teardown_databases(database, verbosity=0)


def _loads(opened: Opened) -> Iterator[tuple[str, str, tuple[str, int], bool]]:
    """(person, address, (language, width), walked by keyboard); other states of a page once."""
    people = list(opened.by)
    for number in range(max(4, len(people)) if people else 0):
        who = people[number % len(people)]
        yield who, opened.by[who][0], LOADS[number % len(LOADS)], number < 4
    for who, addresses in opened.by.items():
        for number, address in enumerate(addresses[1:]):
            yield who, address, LOADS[number % len(LOADS)], True


@pytest.mark.parametrize("route", routes(), ids=str)
def test_page(walk: Walk, route: object) -> None:
    opened = walk.pages[str(route)]
    assert opened.fault == ""
    found: list[str] = []
    for who, address, (language, width), by_keyboard in _loads(opened):
        status = 422 if "nonsense" in address else 200
        faults = walk.tab(who).faults(address, language, width, status, by_keyboard=by_keyboard)
        found += [f"{who or 'nobody'} {language} {width}: {address} {fault}" for fault in faults]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("support", "/no-such-page/", 404),
        ("finance", "/calls/", 403),
    ],
    ids=["no such page", "not for this role"],
)
def test_page_of_an_error(walk: Walk, who: str, address: str, status: int) -> None:
    found = [fault for load in LOADS[:4] for fault in walk.tab(who).faults(address, *load, status)]
    assert not found, "\n".join(found)


def test_every_role_has_a_page(walk: Walk) -> None:
    """Guards the walk itself: a session that ends would leave every page unseen."""
    seen = {who for opened in walk.pages.values() for who in opened.by}
    assert seen == {NOBODY, NEWCOMER, SIGNING_IN, *PEOPLE}


@pytest.mark.skipif(not PICTURES, reason="KIESTOON_SCREENSHOTS names no folder")
def test_pictures(walk: Walk) -> None:
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    for name, opened in walk.pages.items():
        for who in sorted(opened.by, key=lambda one: one != "admin")[:1]:
            for number, address in enumerate(opened.by[who]):
                for language, width in (("nl", 375), ("fr", WIDE)):
                    file = f"{name.replace(':', '-')}{number or ''}-{width}.png"
                    walk.tab(who).picture(address, language, width, folder / file)
