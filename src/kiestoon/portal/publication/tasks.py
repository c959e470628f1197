"""Jobs that publish: one is deferred with every change, and one a minute finds what a crash left."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kiestoon.portal.publication.publisher import publish

# No procrastinate lock or queueing lock: a killed worker would leave the first one held, and the second
# would let a change that commits while a job is running go without a job of its own.


@app.task(name="publication.publish_changes", retry=RetryStrategy(max_attempts=5, linear_wait=1))
def publish_changes() -> None:
    """Publish what is marked; does nothing when an earlier job already did."""
    close_old_connections()
    publish()


@app.periodic(cron="* * * * *")
@app.task(name="publication.publish_missing")
def publish_missing(timestamp: int) -> None:
    """What a killed worker or a lost store left unpublished."""
    close_old_connections()
    publish()
