"""Every string of the portal is translated: complete, not fuzzy, with the same placeholders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.utils.translation import gettext, override

from kiestoon.portal.translations import LANGUAGES, SOURCE

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]+>")
WRONG_ADDRESS = {
    "nl": re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(tu|toi|ton|tes)\b", re.IGNORECASE),
    "de": re.compile(r"\b(du|dich|dir|dein\w*)\b", re.IGNORECASE),
}
"""Readers are "je" in Dutch, "vous" in French, "Sie" in German."""
SOFTPHONE = Path(__file__).resolve().parents[2] / "softphone" / "src" / "words.ts"


def catalogue(folder: Path, language: str) -> polib.POFile:
    return polib.pofile(str(folder / language / "LC_MESSAGES" / "django.po"))


def pairs(entry: polib.POEntry) -> list[tuple[str, str]]:
    """English and its translation; of a plural, one and many."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return list(zip((entry.msgid, entry.msgid_plural), entry.msgstr_plural.values(), strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated(language: str) -> None:
    entries = [entry for entry in catalogue(SOURCE, language) if not entry.obsolete]
    assert len(entries) > 50
    assert [entry.msgid for entry in entries if not entry.translated() or entry.fuzzy] == []
    both = [pair for entry in entries for pair in pairs(entry)]
    assert [
        english
        for english, theirs in both
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(theirs))
    ] == []
    assert [english for english, theirs in both if "  " in theirs] == []
    ends = (".", "?", ":", "…")
    assert [one for one, other in both if one.endswith(ends) and one[-1] != other[-1]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_readers_are_addressed_in_one_way(language: str) -> None:
    portal = [theirs for entry in catalogue(SOURCE, language) for _, theirs in pairs(entry)]
    blocks = re.findall(
        rf"^const {language}: Words = {{(.*?)^}}", SOFTPHONE.read_text(), re.DOTALL | re.MULTILINE
    )
    phone = re.findall(r'"([^"]*)",$', blocks[0], re.MULTILINE)
    assert len(phone) > 50
    assert [text for text in portal + phone if WRONG_ADDRESS[language].search(text)] == []


def test_no_string_is_forgotten(tmp_path: Path) -> None:
    """`make messages` finds exactly the strings that are in the catalogues."""
    assert shutil.which("xgettext"), "Debian's gettext is missing: ./test installs it"
    copy = tmp_path / "portal"
    shutil.copytree(SOURCE.parent, copy, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    command = [
        sys.executable,
        "-P",
        "-m",
        "django",
        "makemessages",
        "--all",
        "--no-location",
        "--no-obsolete",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=copy, env=environment, check=True, capture_output=True)
    for language in LANGUAGES:
        now = {entry.msgid for entry in catalogue(copy / "locale", language)}
        kept = {entry.msgid for entry in catalogue(SOURCE, language)}
        assert now == kept, language


@pytest.mark.parametrize(("language", "word"), [("nl", "Oproepen"), ("fr", "Appels"), ("de", "Anrufe")])
def test_compiled_translations_are_used(language: str, word: str) -> None:
    with override(language):
        assert gettext("Calls") == word
