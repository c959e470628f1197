"""Telling of emergency calls; deferred by ingest, and each minute for what a killed worker left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.emergency_log.models import Told
from kiestoon.portal.emergency_log.telling import KIND, RETRY, send_waiting, tell
from kiestoon.portal.health.services import end_alerts
from kiestoon.portal.webhooks.services import QUEUE

ALERT_ENDS = timedelta(hours=24)
"""An alert about a call nobody took on ends by itself: the call is over, the log remains."""


@app.task(name="emergency_log.tell", queue=QUEUE)
def tell_at_once() -> None:
    """Deferred in the transaction of the CDR; comes back while the mail server does not answer."""
    close_old_connections()
    now = datetime.now(UTC)
    tell(now)
    send_waiting(now)
    if Told.objects.filter(state=Told.State.WAITING, attempts=1).exists():
        tell_at_once.configure(schedule_in={"seconds": int(RETRY.total_seconds()) + 1}).defer()


@app.periodic(cron="* * * * *")
@app.task(name="emergency_log.sweep", queue=QUEUE)
def sweep(timestamp: int) -> None:
    close_old_connections()
    now = datetime.now(UTC)
    tell(now)
    send_waiting(now)
    end_alerts(KIND, now - ALERT_ENDS, now)
