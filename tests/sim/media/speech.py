"""Numbers read out digit by digit: espeak-ng's voice as A-law, or a tone per digit without it."""

from __future__ import annotations

import array
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import wave
from io import BytesIO
from pathlib import Path

from tests.sim.media.endpoint import Frames
from tests.sim.media.g711 import SILENCE, encode
from tests.sim.media.tone import FRAME, RATE, frames_of, tone_frames

PAUSE = SILENCE * (RATE // 10)
BETWEEN = SILENCE * RATE


class DigitVoice:
    """Ten digits, rendered once in a background thread; tones stand in until they are ready."""

    def __init__(self, language: str = "en") -> None:
        self._language = language
        self._digits: dict[str, bytes] = {}

    def prepare(self) -> None:
        """Begin rendering; returns at once."""
        if shutil.which("espeak-ng"):
            threading.Thread(target=self._render_all, daemon=True).start()

    def read_out(self, number: str) -> Frames:
        """The digits of this number, to be looped."""
        audio = b"".join(self._digit(digit) + PAUSE for digit in number if digit.isdigit())
        return frames_of(audio + BETWEEN)

    def _digit(self, digit: str) -> bytes:
        spoken = self._digits.get(digit)
        return spoken if spoken is not None else b"".join(tone_frames(500 + 100 * int(digit))[:15])

    def _render_all(self) -> None:
        for digit in "0123456789":
            path = _cache() / f"{self._language}-{digit}.alaw"
            try:
                self._digits[digit] = path.read_bytes()
            except OSError:
                audio = render(digit, self._language)
                if audio:
                    self._digits[digit] = audio
                    _keep(path, audio)


def _cache() -> Path:
    """Shared by the simulators of one user, so that only the first renders."""
    return Path(os.environ.get("KIESTOON_STATE") or tempfile.gettempdir()) / f"speech-{os.getuid()}"


def _keep(path: Path, audio: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_bytes(audio)
        new.replace(path)
    except OSError:
        pass  # a cache only


def render(text: str, language: str) -> bytes:
    """A-law audio of espeak-ng saying this; empty when it fails."""
    done = subprocess.run(
        ["espeak-ng", "-v", language, "-s", "150", "--stdout", text], capture_output=True, check=False
    )
    try:
        with wave.open(BytesIO(done.stdout)) as sound:
            rate = sound.getframerate()
            samples = array.array("h", sound.readframes(1 << 24))
    except (wave.Error, EOFError):
        return b""
    if sys.byteorder == "big":
        samples.byteswap()
    return encode(_trimmed(_resampled(samples, rate)))


def _resampled(samples: array.array[int], rate: int) -> list[int]:
    """To 8 kHz: the mean of the samples each new one stands for, which also keeps aliases low."""
    ratio = rate / RATE
    resampled = []
    for n in range(int(len(samples) / ratio)):
        window = samples[int(n * ratio) : max(int((n + 1) * ratio), int(n * ratio) + 1)]
        resampled.append(sum(window) // len(window))
    return resampled


def _trimmed(samples: list[int]) -> list[int]:
    """Without the silence around the word, in whole frames."""
    loud = [n for n, sample in enumerate(samples) if abs(sample) > 300]
    if not loud:
        return samples
    start, end = max(loud[0] - FRAME, 0), loud[-1] + FRAME
    return samples[start:end]
