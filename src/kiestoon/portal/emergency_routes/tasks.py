"""The job that lets a table begin on its day."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.emergency_routes.services import begin_tables


@app.periodic(cron="*/5 * * * *")
@app.task(name="emergency_routes.begin_tables")
def begin(timestamp: int) -> None:
    """At midnight in Belgium, or as soon after it as jobs run."""
    close_old_connections()
    begin_tables()
