"""What Prometheus is told about calls; counted when the transaction that holds them is committed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from prometheus_client import Counter, Histogram

from kiestoon.domain.calls.outcome import outcome, setup_ms
from kiestoon.portal.calls.ingestion.batches import Journalled
from kiestoon.store.journal import Event
from kiestoon.vocabulary.cdr import Cdr

EVENTS = Counter("kiestoon_ingested_events", "Journal events committed to PostgreSQL")
ATTEMPTS = Counter(
    "kiestoon_call_attempts",
    "Attempts, by direction as decided and emergency class",
    ["direction", "emergency"],
)
ENDED = Counter("kiestoon_calls_ended", "Calls that ended", ["direction", "outcome", "emergency"])
SETUP = Histogram(
    "kiestoon_call_setup_seconds",
    "From the INVITE until the called side rang, else answered",
    ["direction"],
    buckets=(0.1, 0.2, 0.5, 1, 2, 3, 5, 8, 12, 20, 40, 90),
)
SECURITY = Counter("kiestoon_security_events", "Wrong passwords, bans, malformed requests", ["what"])
REFUSED = Counter("kiestoon_registrations_refused", "REGISTERs refused", ["result"])


@dataclass(slots=True)
class Progress:
    """Calls that began and ended in the transaction under way."""

    begun: list[Cdr] = field(default_factory=list)
    ended: list[tuple[Cdr, list[Event]]] = field(default_factory=list)

    def count(self) -> None:
        for call in self.begun:
            ATTEMPTS.labels(call.direction, call.emergency_class or "").inc()
        for call, events in self.ended:
            how = outcome(call.answered_at is not None, call.sip_code)
            ENDED.labels(call.direction, how, call.emergency_class or "").inc()
            if (setup := setup_ms(events)) is not None:
                SETUP.labels(call.direction).observe(setup / 1000)
        self.forget()

    def forget(self) -> None:
        self.begun.clear()
        self.ended.clear()


def count_batch(events: Collection[Journalled], others: Iterable[Journalled]) -> None:
    """All events, and those that are no calls."""
    EVENTS.inc(len(events))
    for row in others:
        if row.event.get("e") == "security":
            stands_for = row.event.get("n")
            count = stands_for if isinstance(stands_for, int) and stands_for > 0 else 1
            SECURITY.labels(_word(row.event.get("what"))).inc(count)
        elif row.event.get("e") == "registration":
            REFUSED.labels(_word(row.event.get("result"))).inc()


def _word(value: object) -> str:
    """A label the edge chose from a few; anything else would be a new time series each."""
    text = value if isinstance(value, str) else ""
    return text if len(text) <= 40 and not any(letter.isdigit() for letter in text) else "other"
