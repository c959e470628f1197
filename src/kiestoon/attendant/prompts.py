"""Prompts as frames of 20 ms, read when first said and kept: a call reads no file twice."""

from __future__ import annotations

from pathlib import Path

from kiestoon.attendant.texts import TEXTS
from kiestoon.domain.callflow.script import FILE
from kiestoon.vocabulary.attendant import LANGUAGES
from kiestoon.vocabulary.g711 import FRAME, RATE, SILENCE, frames

Frames = tuple[bytes, ...]

FOLDER = "prompts"
PAUSE = (SILENCE * FRAME,) * 10
"""Between one prompt and the next: 200 ms."""
LEAD_EARLY, LEAD = (SILENCE * FRAME,) * 25, (SILENCE * FRAME,) * 5
"""Before the first: until the media relay, and a browser's DTLS, are ready for early media."""
MAX_SECONDS = 30
"""Of a spoken file."""


def prompt_path(state: Path, key: str, language: str) -> Path:
    return state / FOLDER / language / f"{key}.alaw"


class PromptStore:
    """The built-in prompts, read at once, and files that come with a call."""

    def __init__(self, state: Path) -> None:
        self._state = state.resolve()
        self._known: dict[tuple[str, str], Frames] = {}
        for key in TEXTS:
            for language in LANGUAGES:
                path = prompt_path(self._state, key, language)
                self._known[key, language] = frames(path.read_bytes()) if path.is_file() else ()

    @property
    def missing(self) -> list[str]:
        """Prompts without a file: `./run` makes them."""
        return sorted(f"{language}/{key}" for (key, language), found in self._known.items() if not found)

    def file(self, name: str) -> Frames:
        """A spoken file below the state directory; () when there is none, it is empty, or not below."""
        if not name:
            return ()
        path = (self._state / name).resolve()
        if not path.is_relative_to(self._state / FOLDER) or not path.is_file():
            return ()
        with path.open("rb") as file:
            return frames(file.read(MAX_SECONDS * RATE))

    def said(self, keys: tuple[str, ...], language: str, file: Frames, lead: Frames = ()) -> Frames:
        """One prompt after another, as one; what has no file is left out."""
        found: Frames = lead
        for number, key in enumerate(keys):
            part = file if key == FILE else self._known.get((key, language), ())
            found += (PAUSE if number else ()) + part
        return found
