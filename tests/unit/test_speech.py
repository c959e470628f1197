"""Text spoken into A-law files, by the real synthesiser."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from kiestoon.adapters import speech
from kiestoon.adapters.speech import MAX_LETTERS, CannotSpeak, resampled, speak
from kiestoon.adapters.speech_fake import FakeSpeech
from kiestoon.domain.emergency.spoken import MAX_LETTERS as ADDRESS_LETTERS
from kiestoon.domain.emergency.spoken import address_file, spoken_address
from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.g711 import decode

MEIR = CivicAddress("BE", "Antwerpen", "Meir", "78", "2000")
needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")


def loudness(samples: list[int]) -> float:
    """Root mean square of what is loud enough to be speech, of full scale."""
    top = max(map(abs, samples))
    loud = [s for s in samples if abs(s) > top / 20]
    return math.sqrt(sum(s * s for s in loud) / len(loud)) / 32768


@needs_espeak
@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_an_address_is_spoken_at_a_sensible_loudness(tmp_path: Path, language: str) -> None:
    path = tmp_path / address_file(MEIR, language)
    speak(spoken_address(MEIR, language), language, path)
    samples = decode(path.read_bytes())
    assert 1.0 < len(samples) / 8000 < 8.0
    assert 0.04 < loudness(samples) < 0.15
    assert max(map(abs, samples)) < 32768 * 0.95
    assert path.stat().st_mode & 0o077 == 0, "an address is nobody else's to read"
    assert list(path.parent.iterdir()) == [path]


@needs_espeak
def test_voices_differ(tmp_path: Path) -> None:
    for language in ("nl", "fr"):
        speak("1 2 3", language, tmp_path / language)
    assert (tmp_path / "nl").read_bytes() != (tmp_path / "fr").read_bytes()


@pytest.mark.parametrize(
    ("text", "language", "why"),
    [("x", "it", "no voice"), (" \n[[]]", "nl", "nothing"), ("x" * (MAX_LETTERS + 1), "nl", "letters")],
)
def test_what_cannot_be_spoken_changes_nothing(tmp_path: Path, text: str, language: str, why: str) -> None:
    path = tmp_path / "x.alaw"
    path.write_bytes(b"before")
    with pytest.raises(CannotSpeak, match=why):
        speak(text, language, path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_synthesiser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotSpeak, match="not installed"):
        speak("hallo", "nl", tmp_path / "x.alaw")
    (tmp_path / "espeak-ng").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "espeak-ng").chmod(0o755)
    with pytest.raises(CannotSpeak, match="failed"):
        speak("hallo", "nl", tmp_path / "x.alaw")


def test_the_text_is_on_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "espeak-ng").write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n/bin/cat > {tmp_path}/in\n'
    )
    (tmp_path / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotSpeak, match="no sound"):
        speak("Meir 78", "nl", tmp_path / "x.alaw")
    assert (tmp_path / "in").read_text() == "Meir 78"
    assert "Meir" not in (tmp_path / "arguments").read_text()


@pytest.mark.parametrize(("frequency", "kept"), [(400, True), (3000, True), (5000, False), (7600, False)])
def test_resampling_keeps_what_a_telephone_can_hold(frequency: int, kept: bool) -> None:
    rate = 22050
    tone = [round(10_000 * math.sin(2 * math.pi * frequency * n / rate)) for n in range(rate // 2)]
    found = resampled(tone, rate)
    assert len(found) == pytest.approx(4000, abs=1)
    middle = found[500:3500]
    level = math.sqrt(sum(s * s for s in middle) / len(middle)) / (10_000 / math.sqrt(2))
    assert level > 0.9 if kept else level < 0.03


def test_an_address_in_words() -> None:
    full = CivicAddress("BE", "Namur", "Rue de Fer", "42", "5000", HNS="B", UNIT="3")
    assert spoken_address(full, "fr") == "Rue de Fer 42 B, boîte 3, 5000 Namur."
    assert spoken_address(MEIR, "nl") == "Meir 78, 2000 Antwerpen."
    assert len(spoken_address(CivicAddress("BE", "x" * 500, "y" * 500, "1", "2000"), "nl")) == ADDRESS_LETTERS
    assert ADDRESS_LETTERS <= speech.MAX_LETTERS
    assert len({address_file(MEIR, "nl"), address_file(MEIR, "fr"), address_file(full, "fr")}) == 3


def test_the_fake_remembers(tmp_path: Path) -> None:
    fake = FakeSpeech()
    fake.speak("een twee", "nl", tmp_path / "a" / "x.alaw")
    assert fake.said == [("een twee", "nl", tmp_path / "a" / "x.alaw")]
    assert len((tmp_path / "a" / "x.alaw").read_bytes()) == 320
