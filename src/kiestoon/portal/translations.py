"""Compile the .po files, which are in the source, to the .mo files Django reads, which are not."""

from __future__ import annotations

from pathlib import Path

import polib

SOURCE = Path(__file__).parent / "locale"
LANGUAGES = ("nl", "fr", "de")


def compile_translations(target: Path) -> None:
    """Write TARGET/nl/LC_MESSAGES/django.mo and so on. Pure Python: gettext need not be installed."""
    for language in LANGUAGES:
        where = target / language / "LC_MESSAGES"
        where.mkdir(parents=True, exist_ok=True)
        catalogue = polib.pofile(str(SOURCE / language / "LC_MESSAGES" / "django.po"))
        new = where / "django.mo.new"
        catalogue.save_as_mofile(str(new))
        new.replace(where / "django.mo")
