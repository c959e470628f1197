"""What proves each duty: the journalled reasons of calls that name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Sum
from django.db.models.functions import TruncDate

from kiestoon.duties.duty import BELGIUM, Count, Evidence, belgian_period
from kiestoon.portal.calls.models import Call
from kiestoon.portal.compliance.models import DecisionCount, Measurement
from kiestoon.portal.compliance.records import evidence_row
from kiestoon.portal.emergency_drills.evidence import DrillsMade
from kiestoon.portal.emergency_routes.evidence import PoliciesDecided
from kiestoon.portal.malicious_calls.evidence import CaseEvidence
from kiestoon.portal.notices.evidence import NoticeEvidence
from kiestoon.portal.number_counts.evidence import CountEvidence
from kiestoon.portal.number_database.evidence import FeedEvidence


@dataclass(frozen=True)
class CallDecisions:
    """The decisions about calls that name one duty."""

    duty: str

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """From the calls themselves: when, call, step, result and why, and what became of the call."""
        calls = Call.objects.filter(
            started_at__gte=since,
            started_at__lt=until,
            events__contains=[{"reasons": [{"duty": self.duty}]}],
        )
        fields = ("call_id", "started_at", "sip_code", "trunk_in_id", "emergency_class", "events")
        for call in calls.order_by("started_at").only(*fields).iterator(chunk_size=500):
            steps: set[str] = set()
            for reason in call.reasons:
                step = str(reason.get("step"))
                if reason.get("duty") != self.duty or step in steps:
                    continue
                steps.add(step)
                yield evidence_row(
                    call.started_at,
                    step,
                    reason["result"],
                    reason["why"],
                    call_id=call.call_id,
                    trunk_in=call.trunk_in_id,
                    emergency_class=call.emergency_class,
                    sip_code=call.sip_code,
                )

    def counts(self, first: date, last: date) -> list[Count]:
        """From what the job counted."""
        since, until = belgian_period(first, last)
        rows = (
            DecisionCount.objects.filter(duty=self.duty, hour__gte=since, hour__lt=until)
            .annotate(day=TruncDate("hour", tzinfo=BELGIUM))
            .values_list("day", "step", "result", "why")
            .annotate(total=Sum("decisions"))
            .order_by("day", "step", "result", "why")
        )
        return [Count(*row) for row in rows]

    def measured_at(self) -> datetime | None:
        return Measurement.objects.values_list("at", flat=True).first()


@dataclass(frozen=True)
class Together:
    """Decisions of calls, and records of another kind that prove the same duty."""

    calls: CallDecisions
    others: Evidence

    def rows(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Each kind by itself, oldest first."""
        yield from self.calls.rows(since, until)
        yield from self.others.rows(since, until)

    def counts(self, first: date, last: date) -> list[Count]:
        return [*self.calls.counts(first, last), *self.others.counts(first, last)]

    def measured_at(self) -> datetime | None:
        """When calls were last counted; the other records are their own."""
        return self.calls.measured_at()


PROVIDERS: Final[dict[str, Evidence]] = {
    "emergency-calls": Together(CallDecisions("emergency-calls"), DrillsMade()),
    "nomadic-emergency-calls": Together(CallDecisions("nomadic-emergency-calls"), PoliciesDecided()),
    "calling-line-identity": CallDecisions("calling-line-identity"),
    "call-barring": CallDecisions("call-barring"),
    "spoofed-numbers": CallDecisions("spoofed-numbers"),
    "emergency-notice": NoticeEvidence(),
    "number-database": FeedEvidence(),
    "redundant-access": CountEvidence(),
    "malicious-calls": CaseEvidence(),
}
"""By duty; a duty that is missing here fails a test."""
