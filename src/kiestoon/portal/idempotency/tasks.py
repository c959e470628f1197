"""Jobs: kept answers go after a day."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app


@app.periodic(cron="17 * * * *")
@app.task(name="idempotency.forget_old_answers")
def forget(timestamp: int) -> None:
    """Once an hour."""
    # Here: every process reads this module, and the services are heavy (ninja).
    from kiestoon.portal.idempotency.services import forget_old_answers

    close_old_connections()
    forget_old_answers()
