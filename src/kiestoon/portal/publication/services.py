"""Marks: every service that changes what the call plane reads says so here, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from kiestoon.portal.publication.models import Change
from kiestoon.portal.publication.tasks import publish_changes


def customers_changed(customer_ids: Iterable[int]) -> None:
    """Mark customers (also removed ones) and wake the jobs process when the transaction commits."""
    _mark(Change(customer_id=customer_id) for customer_id in set(customer_ids))


def operator_changed() -> None:
    """Mark the operator's settings and trunks."""
    _mark([Change(customer_id=None)])


def _mark(changes: Iterable[Change]) -> None:
    # Outside a transaction the change could be kept and the mark lost.
    assert connection.in_atomic_block, "a mark belongs to the transaction of its change"
    Change.objects.bulk_create(changes, batch_size=2000)
    publish_changes.defer()
