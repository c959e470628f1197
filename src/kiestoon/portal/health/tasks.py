"""The job that evaluates alerts."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.health.measuring import measure
from kiestoon.portal.health.services import evaluate


@app.periodic(cron="* * * * * */20")
@app.task(name="health.evaluate_alerts", priority=10)
def evaluate_alerts(timestamp: int) -> None:
    """Every 20 s. One that comes late measures now, not then."""
    close_old_connections()
    evaluate(measure())
