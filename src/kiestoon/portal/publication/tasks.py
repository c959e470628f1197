"""Jobs that publish: one is deferred with every change, and one a minute finds what a crash left."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kiestoon.portal.publication import speaking
from kiestoon.portal.publication.publisher import Outcome, publish

# No procrastinate lock or queueing lock: a killed worker would leave the first one held, and the second
# would let a change that commits while a job is running go without a job of its own.


@app.task(name="publication.publish_changes", retry=RetryStrategy(max_attempts=5, linear_wait=1))
def publish_changes() -> None:
    """Publish what is marked; does nothing when an earlier job already did."""
    close_old_connections()
    after(publish())


@app.periodic(cron="* * * * *")
@app.task(name="publication.publish_missing")
def publish_missing(timestamp: int) -> None:
    """What a killed worker or a lost store left unpublished."""
    close_old_connections()
    after(publish())


def after(outcome: Outcome) -> None:
    """What follows a publication, in jobs of their own: none waits for it."""
    if outcome.changed:
        speak_addresses.defer(customer_ids=sorted(outcome.changed))


@app.task(name="publication.speak_addresses", retry=RetryStrategy(max_attempts=3, linear_wait=10))
def speak_addresses(customer_ids: list[int]) -> None:
    """Make the spoken addresses of these customers that there are not yet."""
    close_old_connections()
    speaking.speak_addresses(customer_ids)


@app.periodic(cron="20 3 * * *")
@app.task(name="publication.forget_addresses")
def forget_addresses(timestamp: int) -> None:
    """Once a night: delete spoken addresses where nobody is any more."""
    close_old_connections()
    speaking.forget_addresses()
