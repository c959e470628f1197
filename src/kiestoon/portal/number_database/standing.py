"""How the feed stands now: for its page, the duty board and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Max, Min

from kiestoon.duties.number_database import is_late
from kiestoon.portal.number_database.models import Batch, Comparison, Entry


@dataclass(frozen=True)
class Standing:
    """`last_answered`: of the newest batch the database answered; `waiting`: the one it has not."""

    is_connected: bool
    last_answered: datetime | None
    waiting: Batch | None
    refused: int
    comparison: Comparison | None
    late: bool

    @property
    def differences(self) -> int:
        return self.comparison.differences if self.comparison is not None else 0


def standing(now: datetime) -> Standing:
    """From our own tables: the database itself is not asked."""
    last = Batch.objects.filter(state=Batch.State.ANSWERED).aggregate(last=Max("answered_at"))["last"]
    comparison = Comparison.objects.first()
    first = Batch.objects.aggregate(first=Min("made_at"))["first"]
    return Standing(
        bool(settings.NUMBER_DATABASE_URL),
        last,
        Batch.objects.filter(state=Batch.State.WAITING).defer("body").first(),
        Entry.objects.exclude(error="").count(),
        comparison,
        first is not None and is_late(last, first, now),
    )
