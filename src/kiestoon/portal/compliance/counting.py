"""Counting the decisions of the duties from the records of calls, an hour of calls at a time.

Pages must not look through ten million calls, so a job counts. An hour is counted again when it has another
number of calls than when it was counted: the ingest may be behind, a call's first event may come late.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from kiestoon.portal.compliance.models import CountedHour, DecisionCount, Example, Measurement

RECENT: Final = timedelta(days=2)
EVERYTHING: Final = timedelta(days=400)
EXAMPLES: Final = 200
"""Newest decisions kept of each duty for its page."""

CALLS_BY_HOUR: Final = """
SELECT date_trunc('hour', started_at, 'UTC') AS hour, count(*)
FROM calls_call WHERE started_at >= %s AND started_at < %s GROUP BY 1
"""
DECISIONS: Final = """
SELECT DISTINCT ON (call.call_id, reason.value ->> 'duty', reason.value ->> 'step')
  call.call_id, call.started_at AS at, reason.value ->> 'duty' AS duty,
  left(reason.value ->> 'step', 80) AS step, left(reason.value ->> 'result', 80) AS result,
  left(reason.value ->> 'why', 300) AS why
FROM calls_call call,
  jsonb_array_elements(call.events) event,
  jsonb_array_elements(event -> 'reasons') WITH ORDINALITY reason
WHERE call.started_at >= %s AND call.started_at < %s
  AND jsonb_path_exists(call.events, '$[*].reasons[*].duty')
  AND event ->> 'e' = 'attempt' AND reason.value ? 'duty'
ORDER BY call.call_id, reason.value ->> 'duty', reason.value ->> 'step', reason.ordinality
"""
"""One decision a step: the refusal that follows from it repeats the step and is not counted again."""
COUNT: Final = f"""
INSERT INTO compliance_decisioncount (duty, hour, step, result, why, decisions)
SELECT duty, %s, step, result, why, count(*) FROM ({DECISIONS}) decision GROUP BY duty, step, result, why
"""
KEEP_EXAMPLES: Final = f"""
INSERT INTO compliance_example (duty, at, call_id, step, result, why)
SELECT duty, at, call_id, step, result, why FROM (
  SELECT *, row_number() OVER (PARTITION BY duty ORDER BY at DESC) AS nth FROM ({DECISIONS}) decision
) numbered WHERE nth <= %s
ON CONFLICT DO NOTHING
"""
FORGET_EXAMPLES: Final = """
DELETE FROM compliance_example WHERE id IN (
  SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY duty ORDER BY at DESC, id DESC) AS nth
                  FROM compliance_example) numbered WHERE nth > %s)
"""


def count_decisions(now: datetime, back: timedelta = RECENT) -> int:
    """Count the hours whose number of calls changed, the last two always; returns how many hours."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    first = this_hour - back
    with connection.cursor() as cursor:
        cursor.execute(CALLS_BY_HOUR, (first, this_hour + timedelta(hours=1)))
        calls: dict[datetime, int] = dict(cursor.fetchall())
    counted = dict(CountedHour.objects.filter(hour__gte=first).values_list("hour", "calls"))
    hours = {
        hour
        for hour in calls.keys() | counted.keys()
        if calls.get(hour, 0) != counted.get(hour) or hour >= this_hour - timedelta(hours=1)
    }
    for hour in sorted(hours):
        _count_hour(hour, calls.get(hour, 0))
    with connection.cursor() as cursor:
        cursor.execute(FORGET_EXAMPLES, (EXAMPLES,))
    Measurement.objects.update_or_create(one=1, defaults={"at": now})
    return len(hours)


@transaction.atomic
def _count_hour(hour: datetime, calls: int) -> None:
    until = hour + timedelta(hours=1)
    DecisionCount.objects.filter(hour=hour).delete()
    Example.objects.filter(at__gte=hour, at__lt=until).delete()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, (hour, hour, until))
        cursor.execute(KEEP_EXAMPLES, (hour, until, EXAMPLES))
    CountedHour.objects.update_or_create(hour=hour, defaults={"calls": calls})
