"""G.711 A-law and µ-law (ITU-T G.711), as translation tables."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from itertools import pairwise

SILENCE = b"\xd5"


def _alaw_to_linear(code: int) -> int:
    code ^= 0x55
    exponent, mantissa = (code & 0x70) >> 4, code & 0x0F
    value = (mantissa << 4) + 8
    if exponent:
        value = (value + 0x100) << (exponent - 1)
    return value if code & 0x80 else -value


def _ulaw_to_linear(code: int) -> int:
    code = ~code & 0xFF
    value = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return 0x84 - value if code & 0x80 else value - 0x84


ALAW = [_alaw_to_linear(code) for code in range(256)]
ULAW = [_ulaw_to_linear(code) for code in range(256)]


def _nearest(table: list[int], sample: int) -> int:
    return min(range(256), key=lambda code: abs(table[code] - sample))


def _encoder() -> bytes:
    """The A-law code of each 12-bit sample: the nearest of the 256 levels."""
    levels = sorted((level, code) for code, level in enumerate(ALAW))
    middles = [(one[0] + other[0]) / 2 for one, other in pairwise(levels)]
    return bytes(levels[bisect(middles, (sample << 4) + 8)][1] for sample in range(-2048, 2048))


_ENCODE = _encoder()
TO_ULAW = bytes(_nearest(ULAW, ALAW[code]) for code in range(256))
"""A-law bytes as µ-law, for bytes.translate."""
TO_ALAW = bytes(_nearest(ALAW, ULAW[code]) for code in range(256))


def encode(samples: Iterable[int]) -> bytes:
    """16-bit linear samples as A-law."""
    return bytes(_ENCODE[(sample >> 4) + 2048] for sample in samples)


def decode(audio: bytes) -> list[int]:
    return [ALAW[code] for code in audio]
