"""Speech without a synthesiser: remembers what was said, writes silence of a fitting length."""

from __future__ import annotations

from pathlib import Path

from kiestoon.vocabulary.g711 import FRAME, SILENCE


class FakeSpeech:
    """`FakeSpeech().speak` stands for adapters.speech.speak."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, Path]] = []

    def speak(self, text: str, language: str, path: Path) -> None:
        self.said.append((text, language, path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SILENCE * FRAME * len(text.split()))
