"""Tones: sine frames to send, and Goertzel's algorithm to hear them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from tests.sim.media.g711 import SILENCE, encode

RATE = 8000
FRAME = 160
SILENT_FRAMES = (SILENCE * FRAME,)
_AUDIBLE = 1000.0
"""Mean power below which audio counts as silence (A-law idle noise is 64)."""


@cache
def tone_frames(frequency: int, amplitude: int = 8000) -> tuple[bytes, ...]:
    """One second of a sine in frames of 20 ms A-law; a whole number of periods, so it loops cleanly."""
    step = 2 * math.pi * frequency / RATE
    audio = encode(round(amplitude * math.sin(step * n)) for n in range(RATE))
    return frames_of(audio)


def frames_of(audio: bytes) -> tuple[bytes, ...]:
    """A-law audio cut into frames, the last one filled up with silence."""
    return tuple(audio[at : at + FRAME].ljust(FRAME, SILENCE) for at in range(0, max(len(audio), 1), FRAME))


def power(samples: Sequence[int]) -> float:
    return sum(sample * sample for sample in samples) / max(len(samples), 1)


def share(samples: Sequence[int], frequency: float) -> float:
    """Which share of the power lies at this frequency: 1 for a pure tone, 0 for silence."""
    total = power(samples)
    if total < _AUDIBLE:
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * frequency / RATE)
    one = two = 0.0
    for sample in samples:
        one, two = sample + coefficient * one - two, one
    energy = one * one + two * two - coefficient * one * two
    return min(1.0, 2 * energy / (len(samples) ** 2 * total))


def pitch(samples: Sequence[int]) -> int | None:
    """The frequency of a tone to the nearest 10 Hz; None for silence, speech and noise."""
    if power(samples) < _AUDIBLE:
        return None
    crossings = [
        n - samples[n] / (samples[n] - samples[n - 1])
        for n in range(1, len(samples))
        if samples[n - 1] < 0 <= samples[n]
    ]
    if len(crossings) < 3:
        return None
    estimate = RATE * (len(crossings) - 1) / (crossings[-1] - crossings[0])
    return round(estimate / 10) * 10 if share(samples, estimate) > 0.7 else None
