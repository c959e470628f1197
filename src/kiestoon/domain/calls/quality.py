"""How a measured call was heard, in three words.

ITU-T G.107 (06/2015) Annex B: from MOS 4.03 (R 80) users are satisfied, below 3.60 (R 70) many are not.
"""

from __future__ import annotations

from typing import Final, Literal

GOOD_FROM: Final = 4.03
FAIR_FROM: Final = 3.60


def heard(mos: float | None) -> Literal["good", "fair", "poor", "not-measured"]:
    """In words for a mean opinion score of 1 to 5; None: the phones sent no reports.

    >>> heard(4.3), heard(3.7), heard(2.1), heard(None)
    ('good', 'fair', 'poor', 'not-measured')
    """
    if mos is None:
        return "not-measured"
    return "good" if mos >= GOOD_FROM else "fair" if mos >= FAIR_FROM else "poor"
