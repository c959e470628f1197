"""What every duty holds: where it is written, when it is in force, and what proves that it is met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

Confidence = Literal["P", "O", "D", "S", "G", "?"]
"""Of the facts behind a duty, as docs/law/belgian-rules.md tags them; S, G and ? are "to verify"."""

BELGIUM = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Count:
    """How often a branch of a duty's rule decided on one Belgian day."""

    day: date
    step: str
    result: str
    why: str
    decisions: int


class Evidence(Protocol):
    """What the portal registers for a duty: proof from the running network's own records."""

    def rows(self, since: datetime, until: datetime) -> Iterable[dict[str, Any]]:
        """One row per decision in the half-open period [since, until), oldest first."""
        ...

    def counts(self, first: date, last: date) -> list[Count]:
        """Decisions by day and branch, both days included."""
        ...

    def measured_at(self) -> datetime | None:
        """When the records were last looked through; None: never, which proves nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One article; `link` is the official address of the text."""

    article: str
    link: str
    confidence: Confidence
    in_force: date
    """First day it is known to hold: its entry into force, or the date of the consolidated copy read."""
    dated_by: Literal["entry into force", "copy read"] = "entry into force"
    until: date | None = None
    """First day on which it no longer holds; None while it does."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of an operator. `key` is what reasons, evidence and pages call it by."""

    key: str
    title: str
    summary: str
    """The rule in our own words."""
    sources: tuple[Source, ...]
    module: str
    test: str
    """The test that is red without the rule, as pytest names it: path::function."""
    evidence: str
    """What proves it, in words; the portal registers the `Evidence` under `key`."""
    applied_at: str
    """Where the rule is applied, "module:name"; with this name made neutral the test is red."""

    def holds_on(self, day: date) -> bool:
        """Whether any of its sources is in force on this day (Belgian date)."""
        return any(s.in_force <= day and (s.until is None or day < s.until) for s in self.sources)

    @property
    def to_verify(self) -> bool:
        return any(source.confidence in ("S", "G", "?") for source in self.sources)


def belgian_day(now: datetime) -> date:
    """The date in Belgium at this moment: laws begin at midnight there."""
    return now.astimezone(BELGIUM).date()


def belgian_period(first: date, last: date) -> tuple[datetime, datetime]:
    """[since, until) of these Belgian days, both included."""
    return datetime.combine(first, time(), BELGIUM), datetime.combine(
        last + timedelta(days=1), time(), BELGIUM
    )
