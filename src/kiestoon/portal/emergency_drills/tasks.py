"""Jobs: a run that was asked for, the nightly one, and what users said of their addresses."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kiestoon.portal.emergency_drills.address_checks import take_over_checks
from kiestoon.portal.emergency_drills.current import due_drills
from kiestoon.portal.emergency_drills.models import DrillRun
from kiestoon.portal.emergency_drills.services import ask_for_run, make_run

QUEUE = "drills"
"""Not the queue of publications: they do not wait for test calls."""
NIGHTLY = "jobs"


@app.task(name="emergency_drills.make_run", queue=QUEUE)
def make_asked_run(run_id: int) -> None:
    close_old_connections()
    run = DrillRun.objects.filter(pk=run_id, ended_at=None).first()
    if run is not None:
        make_run(run)


@app.periodic(cron="40 3 * * *")
@app.task(name="emergency_drills.make_due", queue=QUEUE)
def make_due(timestamp: int) -> None:
    """Every drill whose last one is older than half the limit, or failed."""
    close_old_connections()
    due = due_drills(datetime.now(UTC))
    if due:
        make_run(ask_for_run(NIGHTLY), due)


@app.periodic(cron="* * * * *")
@app.task(name="emergency_drills.address_checks")
def address_checks(timestamp: int) -> None:
    close_old_connections()
    take_over_checks(datetime.now(UTC))
