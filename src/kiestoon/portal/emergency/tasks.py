"""The jobs that ask where devices are; in the queue of what waits for others' servers."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.emergency.asking import ask_round
from kiestoon.portal.emergency.mailing import send_waiting
from kiestoon.portal.webhooks.services import QUEUE


@app.periodic(cron="* * * * *")
@app.task(name="emergency.ask_where", queue=QUEUE)
def ask_where(timestamp: int) -> None:
    """Every minute; one that comes late looks now, not then."""
    close_old_connections()
    now = datetime.now(UTC)
    ask_round(now)
    send_waiting(now)
