"""The job of individual notices; in the queue of what waits for others' servers."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.notices.delivering import make_due, send_waiting
from kiestoon.portal.webhooks.services import QUEUE


@app.periodic(cron="7 * * * *")
@app.task(name="notices.tell_nomadic_users", queue=QUEUE)
def tell_nomadic_users(timestamp: int) -> None:
    """Every hour; one that comes late looks now, not then."""
    close_old_connections()
    make_due(datetime.now(UTC))


@app.periodic(cron="*/5 * * * *")
@app.task(name="notices.send_waiting", queue=QUEUE)
def send_what_waits(timestamp: int) -> None:
    """Every 5 minutes."""
    close_old_connections()
    send_waiting(datetime.now(UTC))
