"""Jobs of the number database; in the queue of what waits for others' servers."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.number_database.services import compare, database, feed
from kiestoon.portal.webhooks.services import QUEUE


@app.periodic(cron="*/5 * * * *")
@app.task(name="number_database.feed", queue=QUEUE)
def feed_daily(timestamp: int) -> None:
    """Today's batch, once, and what still waits for an answer."""
    close_old_connections()
    if (to := database()) is not None:
        feed(datetime.now(UTC), to)


@app.periodic(cron="40 4 * * *")
@app.task(name="number_database.compare", queue=QUEUE)
def compare_daily(timestamp: int) -> None:
    """All that is there with what was accepted."""
    close_old_connections()
    if (to := database()) is not None:
        compare(datetime.now(UTC), to)
