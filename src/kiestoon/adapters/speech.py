"""Text to speech by espeak-ng (Debian): a file of raw A-law, 8 kHz, made beforehand, never during a call."""

from __future__ import annotations

import contextlib
import math
import os
import struct
import subprocess
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from operator import mul
from pathlib import Path

from kiestoon.vocabulary.g711 import RATE, encode

Speak = Callable[[str, str, Path], None]
"""`speak` below, or the fake beside this module."""

MAX_LETTERS = 500
WORDS_A_MINUTE = 150
LOUDNESS = 0.1
"""Root mean square of speech, of full scale: -20 dB, as loud as a person at a good telephone."""
PEAK = 0.9
PATIENCE = 10.0
_VOICES = {"nl": "nl", "fr": "fr-be", "de": "de", "en": "en-gb"}
_TAPS = 48
_CUTOFF = 3600.0
"""Hz; what is above half of 8 kHz would come back as noise."""


class CannotSpeak(Exception):
    """Nothing was written; the text says what is wrong."""


def speak(text: str, language: str, path: Path) -> None:
    """Write `text` spoken in nl, fr, de or en to `path`, in one step; its folder is made.

    Raises CannotSpeak for an unknown language, an empty text, one of more than MAX_LETTERS, and when the
    synthesiser fails.
    """
    said = "".join(" " if sign in "[]<>" or not sign.isprintable() else sign for sign in text).strip()
    if language not in _VOICES:
        raise CannotSpeak(f"there is no voice for the language {language!r}")
    if not said:
        raise CannotSpeak("there is nothing to say")
    if len(said) > MAX_LETTERS:
        raise CannotSpeak(f"the text has {len(said)} letters; {MAX_LETTERS} are the most that is spoken")
    samples, rate = _synthesised(said, _VOICES[language])
    audio = encode(_levelled(resampled(samples, rate)))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(audio)  # an address says where somebody lives
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise CannotSpeak(f"the file cannot be written: {error.strerror}") from error


def _synthesised(text: str, voice: str) -> tuple[array[int], int]:
    """16-bit samples and their rate. The text goes in by stdin: a command line is everybody's to read."""
    command = ("espeak-ng", "-v", voice, "-s", str(WORDS_A_MINUTE), "--stdin", "--stdout")
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=PATIENCE, check=True)
    except FileNotFoundError:
        raise CannotSpeak("espeak-ng is not installed") from None
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotSpeak(f"espeak-ng failed: {type(error).__name__}") from None
    wave = done.stdout
    data = wave.find(b"data")
    if wave[:4] != b"RIFF" or data < 0:
        raise CannotSpeak("espeak-ng made no sound")
    body = wave[data + 8 :]  # written to a pipe, the lengths in the header say nothing
    samples = array("h", body[: len(body) // 2 * 2])
    if not any(samples):
        raise CannotSpeak("espeak-ng made no sound")
    return samples, int(struct.unpack_from("<I", wave, 24)[0])


def resampled(samples: Sequence[int], rate: int) -> list[float]:
    """Samples at `rate` Hz as samples at 8000 Hz, without what 8000 Hz cannot hold."""
    step = math.gcd(rate, RATE)
    up, down = RATE // step, rate // step
    padded = [0.0] * (_TAPS // 2) + [float(s) for s in samples] + [0.0] * (_TAPS // 2)
    found = []
    for n in range(len(samples) * up // down):
        at, phase = divmod(n * down, up)
        found.append(sum(map(mul, _window(phase, up, rate), padded[at : at + _TAPS])))
    return found


@cache
def _window(phase: int, up: int, rate: int) -> tuple[float, ...]:
    """A low-pass filter (windowed sinc), shifted by phase/up of a sample."""
    cutoff = 2 * _CUTOFF / rate
    taps = []
    for tap in range(_TAPS):
        x = tap - _TAPS // 2 - phase / up
        sinc = 1.0 if x == 0 else math.sin(math.pi * cutoff * x) / (math.pi * cutoff * x)
        taps.append(sinc * (0.5 + 0.5 * math.cos(2 * math.pi * x / (_TAPS + 1))))
    total = sum(taps)
    return tuple(tap / total for tap in taps)


def _levelled(samples: list[float]) -> list[int]:
    """As loud as LOUDNESS where there is speech, never above PEAK."""
    top = max(map(abs, samples), default=0.0)
    loud = [s * s for s in samples if abs(s) > top / 20]
    if not loud:
        return [0] * len(samples)
    gain = min(LOUDNESS * 32768 / math.sqrt(sum(loud) / len(loud)), PEAK * 32767 / top)
    return [round(s * gain) for s in samples]
