"""Current bans and recent security events, as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from kiestoon.portal.calls.models import SecurityEvent
from kiestoon.portal.security import services
from kiestoon.portal.security.labels import event, reason
from kiestoon.portal.security.models import BanChange
from kiestoon.vocabulary.ban import EDGE, Ban

RECENT = timedelta(days=1)
MOST = 100


@dataclass(frozen=True)
class BanRow:
    """`why` is the edge's code, `by` None when the edge placed it itself."""

    source: str
    why: str
    label: str
    since: datetime
    until: datetime
    times: int
    by: str | None


@dataclass(frozen=True)
class EventRow:
    source: str
    label: str
    username: str
    first_at: datetime
    last_at: datetime
    count: int


def current_bans() -> list[BanRow]:
    """Newest first."""
    return [shown(ban) for ban in services.bans().current()]


def shown(ban: Ban) -> BanRow:
    return BanRow(
        ban.source,
        ban.why,
        reason(ban.why),
        datetime.fromtimestamp(ban.since, UTC),
        datetime.fromtimestamp(ban.until, UTC),
        ban.times,
        None if ban.by == EDGE else ban.by,
    )


def recent_events() -> list[EventRow]:
    """Of the last day, newest first."""
    rows = SecurityEvent.objects.filter(last_at__gte=datetime.now(UTC) - RECENT).order_by("-last_at")[:MOST]
    return [
        EventRow(row.source, event(row.what), row.username, row.first_at, row.last_at, row.count)
        for row in rows
    ]


def recent_changes() -> QuerySet[BanChange]:
    """Who banned and undid, newest first."""
    return BanChange.objects.all()[:20]
