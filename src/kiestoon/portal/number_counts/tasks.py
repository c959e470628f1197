"""The count of 1 September."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.number_counts.services import take_count


@app.periodic(cron="5 * * * *")
@app.task(name="number_counts.take_count")
def take_count_of_the_year(timestamp: int) -> None:
    """Each hour of the year: does nothing until 1 September, then counts once."""
    close_old_connections()
    take_count(datetime.now(UTC))
