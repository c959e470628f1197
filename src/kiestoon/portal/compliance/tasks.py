"""Jobs that count what proves the duties."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.compliance.counting import EVERYTHING, count_decisions


@app.periodic(cron="*/5 * * * *")
@app.task(name="compliance.count_decisions")
def count_recent(timestamp: int) -> None:
    """What the last two days of calls prove."""
    close_old_connections()
    count_decisions(datetime.now(UTC))


@app.periodic(cron="17 3 * * *")
@app.task(name="compliance.count_decisions_again")
def count_everything(timestamp: int) -> None:
    """Hours of calls that were ingested long after they were made."""
    close_old_connections()
    count_decisions(datetime.now(UTC), EVERYTHING)
