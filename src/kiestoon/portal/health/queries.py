"""The questions to PostgreSQL; each costs the same however many calls there are in all."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum

from kiestoon.domain.health import measurements as m
from kiestoon.domain.health import trunks as trunk_states
from kiestoon.domain.health.trunks import Tried
from kiestoon.portal.calls.models import Call, SecurityEvent
from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.emergency_drills.current import drill_settings, stands
from kiestoon.portal.health.models import Evaluation, Minute
from kiestoon.portal.publication.models import Change

HOUR, FIVE_MINUTES = timedelta(hours=1), timedelta(minutes=5)
ANNOUNCED = Q(hung_up_by="system", sip_code=403)
"""Of on-site emergency calls: announced under the operator's recorded decision (RD Numbering art. 43)."""
LATEST_CALLS = 2000
"""Calls of the last hour, the newest, that tell how trunks are."""


def last_evaluation() -> datetime | None:
    return Evaluation.objects.values_list("at", flat=True).first()


def database() -> m.Database:
    """Raises django.db.Error when there is no answer."""
    query = (
        "SELECT sum(numbackends), current_setting('max_connections')::int, "
        "pg_database_size(current_database()) FROM pg_stat_database"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        connections, most, size = cursor.fetchone()
    return m.Database(True, connections, most, size)


def trunks(at: datetime) -> tuple[m.Trunk, ...]:
    """Of every trunk we send calls over, by the latest calls of the last hour."""
    names = dict(Trunk.objects.values_list("trunk_id", "name"))
    rows = (
        Call.objects.filter(started_at__gte=at - HOUR, ended_at__isnull=False)
        .order_by("-started_at")
        .values_list("stages", "answered_at", "sip_code", "hung_up_by", "ended_at")[:LATEST_CALLS]
    )
    calls = [
        Tried(tuple(stages), answered is not None, code, by, int(ended.timestamp() * 1000) if ended else 0)
        for stages, answered, code, by, ended in rows
    ]
    return trunk_states.states(names, reversed(calls))


def calls(at: datetime) -> m.Calls:
    rows = Call.objects.filter(started_at__gte=at - FIVE_MINUTES, ended_at__isnull=False)
    broken = Q(hung_up_by="system", answered_at__isnull=True, sip_code__gte=500)
    found = rows.aggregate(
        attempts=Count("pk"),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        broken=Count("pk", filter=broken),
    )
    return m.Calls(**found)


def emergency_calls(at: datetime) -> m.EmergencyCalls:
    rows = Call.objects.filter(started_at__gte=at - HOUR, ended_at__isnull=False, emergency_class="on-site")
    failed = Q(answered_at__isnull=True) & ~Q(hung_up_by="caller") & ~ANNOUNCED
    found = rows.aggregate(
        attempts=Count("pk"),
        failed=Count("pk", filter=failed),
        last_failed=Max("ended_at", filter=failed),
    )
    return m.EmergencyCalls(**found)


def drills(at: datetime) -> m.Drills:
    found = Counter(one.standing for one in stands(at))
    overdue = found["overdue"] + found["never"]
    return m.Drills(found.total(), overdue, found["failed"], drill_settings().limit_days)


def security(at: datetime) -> m.Security:
    rows = SecurityEvent.objects.filter(minute__gte=at - FIVE_MINUTES)
    found = rows.aggregate(
        events=Sum("count", default=0), bans=Sum("count", filter=Q(what__startswith="banned"), default=0)
    )
    return m.Security(**found)


def jobs(at: datetime) -> m.Jobs:
    """procrastinate's own tables."""
    due = (
        "SELECT count(*), min(coalesce(j.scheduled_at, e.at)) FROM procrastinate_jobs j "
        "LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' "
        "WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= %s)"
    )
    failed = (
        "SELECT count(*) FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id "
        "AND e.type = 'failed' WHERE j.status = 'failed' AND e.at > %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(due, [at])
        count, since = cursor.fetchone()
        cursor.execute(failed, [at - HOUR])
        (broken,) = cursor.fetchone()
    return m.Jobs(count, since, broken)


def waiting_changes() -> tuple[int, datetime | None]:
    found: dict[str, Any] = Change.objects.aggregate(count=Count("pk"), since=Min("marked_at"))
    return found["count"], found["since"]


def most_registrations(at: datetime) -> int | None:
    rows = Minute.objects.filter(minute__gte=at - HOUR)
    found: dict[str, int | None] = rows.aggregate(most=Max("registrations"))
    return found["most"]


FIGURES = """
WITH ours AS (
  SELECT date_trunc('minute', started_at) AS minute, answered_at, ended_at,
    (SELECT min((e ->> 'm')::bigint) FROM jsonb_array_elements(events) e
       WHERE e ->> 'e' = 'attempt') AS begun,
    (SELECT min(coalesce(e ->> 'rang', CASE WHEN e ->> 'e' = 'answer' THEN e ->> 'm' END)::bigint)
       FROM jsonb_array_elements(events) e WHERE e ->> 'e' IN ('answer', 'fail')) AS reached
  FROM calls_call WHERE started_at >= %s AND started_at < %s)
SELECT minute, count(*), count(answered_at), count(ended_at),
  percentile_disc(0.99) WITHIN GROUP (ORDER BY reached - begun) FILTER (WHERE reached >= begun)
FROM ours GROUP BY minute
"""
"""As `domain.calls.outcome.setup_ms`: a test compares the two."""


def figures(since: datetime, until: datetime) -> dict[datetime, tuple[int, int, int, int | None]]:
    """minute → (attempts, answered, ended, p99 of setup in ms) of the minutes in which calls began."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [since, until])
        return {minute: tuple(rest) for minute, *rest in cursor.fetchall()}
