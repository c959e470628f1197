"""The notice in four languages, version by version, as dated data (texts/*.toml)."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from kiestoon.duties.duty import belgian_day

FOLDER = Path(__file__).with_name("texts")
LANGUAGES = ("nl", "fr", "de", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """What is read, in one language."""

    language: str
    title: str
    lead: str
    points: tuple[str, ...]
    close: str

    @property
    def plain(self) -> str:
        return "\n\n".join((self.title, self.lead, *(f"- {point}" for point in self.points), self.close))

    @property
    def sha256(self) -> str:
        """Of `plain` in UTF-8: what an acceptance is about."""
        return hashlib.sha256(self.plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Notice:
    """One version, in force from a Belgian day until the next one's."""

    version: int
    since: date
    texts: dict[str, Text]

    def text(self, language: str) -> Text:
        return self.texts.get(language) or self.texts["en"]


@cache
def notices() -> tuple[Notice, ...]:
    """Every version, oldest first."""
    found = [_read(path) for path in FOLDER.glob("*.toml")]
    return tuple(sorted(found, key=lambda notice: notice.version))


def notice_in_force(now: datetime) -> Notice:
    """The newest version whose first day has come; before the first, the first."""
    day = belgian_day(now)
    return next((one for one in reversed(notices()) if one.since <= day), notices()[0])


def notice_of(version: int) -> Notice | None:
    return next((one for one in notices() if one.version == version), None)


def _read(path: Path) -> Notice:
    data = tomllib.loads(path.read_text())
    texts = {
        language: Text(
            language,
            data[language]["title"],
            data[language]["lead"],
            tuple(data[language]["points"]),
            data[language]["close"],
        )
        for language in LANGUAGES
    }
    return Notice(data["version"], data["from"], texts)
