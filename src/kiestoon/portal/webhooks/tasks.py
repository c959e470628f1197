"""Jobs of the process `webhooks`; in a queue of their own, so that a slow receiver delays no publication."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.webhooks.delivering import deliver_due, due, seconds_until_due
from kiestoon.portal.webhooks.models import Event
from kiestoon.portal.webhooks.services import QUEUE, forget_old_deliveries

SOON = 60
"""The job of each minute finds what is due later."""


@app.task(name="webhooks.spread", queue=QUEUE)
def spread() -> None:
    """Deferred by ingest in the transaction that wrote the events."""
    # Here: every process reads this module, and what the outbox needs is heavy (ninja).
    from kiestoon.portal.webhooks.outbox import BATCH, spread_events

    close_old_connections()
    while spread_events() == BATCH:
        pass


@app.task(name="webhooks.deliver", queue=QUEUE)
def deliver(endpoint_id: str) -> None:
    """Send what is due, and come back when something is soon."""
    close_old_connections()
    tried = deliver_due(endpoint_id)
    seconds = seconds_until_due(endpoint_id)
    if tried and seconds is not None and seconds < SOON:
        deliver.configure(schedule_in={"seconds": int(seconds) + 1}).defer(endpoint_id=endpoint_id)


@app.periodic(cron="* * * * *")
@app.task(name="webhooks.sweep", queue=QUEUE)
def sweep(timestamp: int) -> None:
    """Retries, and what a killed worker left."""
    close_old_connections()
    if Event.objects.exists():
        spread.defer()
    now = datetime.now(UTC)
    for endpoint_id in set(due(now).values_list("endpoint_id", flat=True)):
        deliver.defer(endpoint_id=endpoint_id)
    forget_old_deliveries(now)
