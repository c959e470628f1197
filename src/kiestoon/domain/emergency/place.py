"""What an emergency centre is told about where a caller is, and how sure we are of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiestoon.vocabulary.address import CivicAddress
from kiestoon.vocabulary.emergency import LocationState

NOTES: Final[dict[LocationState, str]] = {
    "confirmed": "the address of this line was confirmed",
    "declared": "the customer gave this address, it was not confirmed",
    "stale": "last known address, the device has moved since",
    "unknown": "no address is known, ask the caller",
}
CONFIDENCE: Final[dict[LocationState, str]] = {
    "confirmed": "95",
    "declared": "unknown",
    "stale": "unknown",
    "unknown": "unknown",
}
"""RFC 7459 section 4: a percentage, of which 95 is what is meant when nothing is said, or unknown."""


@dataclass(frozen=True, slots=True)
class PlaceSaid:
    """A place as it is said to a centre; `address` is None only when the state is unknown.

    `note` says more than the state does; `at` is when the place was confirmed or declared.
    """

    address: CivicAddress | None
    state: LocationState
    note: str = ""
    at: datetime | None = None

    @property
    def text(self) -> str:
        """The note an operator in the centre reads; it begins with the state."""
        return f"{self.state}: {NOTES[self.state]}" + (f"; {self.note}" if self.note else "")

    @property
    def confidence(self) -> str:
        """Of RFC 7459: a percentage, or "unknown"."""
        return CONFIDENCE[self.state]
