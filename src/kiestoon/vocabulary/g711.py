"""G.711 (ITU-T G.711): linear samples as A-law, and A-law as µ-law; 8000 samples a second, a byte each."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from itertools import pairwise

RATE = 8000
FRAME = 160
"""Bytes of 20 ms."""
SILENCE = b"\xd5"


def _alaw(code: int) -> int:
    """The 16-bit sample an A-law code stands for."""
    code ^= 0x55
    segment, step = (code & 0x70) >> 4, code & 0x0F
    value = (step << 4) + 8
    if segment:
        value = (value + 0x100) << (segment - 1)
    return value if code & 0x80 else -value


def _ulaw(code: int) -> int:
    code = ~code & 0xFF
    value = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return 0x84 - value if code & 0x80 else value - 0x84


def _encoder() -> bytes:
    """The nearest A-law code of each 13-bit sample."""
    levels = sorted((_alaw(code), code) for code in range(256))
    middles = [(one[0] + other[0]) / 2 for one, other in pairwise(levels)]
    return bytes(levels[bisect(middles, (sample << 3) + 4)][1] for sample in range(-4096, 4096))


_ENCODE = _encoder()
_ULAW = [_ulaw(code) for code in range(256)]
TO_ULAW = bytes(min(range(256), key=lambda code: abs(_ULAW[code] - _alaw(alaw))) for alaw in range(256))
"""For bytes.translate."""


def encode(samples: Iterable[int]) -> bytes:
    """16-bit linear samples as A-law; what is louder than 16 bits is clipped."""
    return bytes(_ENCODE[(max(-32768, min(32767, sample)) >> 3) + 4096] for sample in samples)


def decode(audio: bytes) -> list[int]:
    return [_alaw(code) for code in audio]


def frames(audio: bytes) -> tuple[bytes, ...]:
    """Frames of 20 ms, the last one filled up with silence; () of nothing."""
    return tuple(audio[at : at + FRAME].ljust(FRAME, SILENCE) for at in range(0, len(audio), FRAME))
