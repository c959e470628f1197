"""Sending what is due to one endpoint: calls side by side, the events of one call one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from kiestoon.portal.encryption import UnreadableSecret
from kiestoon.portal.webhooks import signing
from kiestoon.portal.webhooks.addresses import read_url
from kiestoon.portal.webhooks.models import Delivery, Endpoint
from kiestoon.portal.webhooks.sending import Attempt, Failure, send
from kiestoon.portal.webhooks.services import record_attempt

SIDE_BY_SIDE = 8


def due(now: datetime) -> QuerySet[Delivery]:
    """Deliveries whose time has come and that wait for no earlier one about the same, in their order."""
    pending = Delivery.objects.filter(state=Delivery.State.PENDING)
    earlier = pending.filter(
        endpoint=OuterRef("endpoint"), subject=OuterRef("subject"), number__lt=OuterRef("number")
    )
    reachable = Q(endpoint__away_until=None) | Q(endpoint__away_until__lte=now)
    return pending.filter(
        reachable, ~Exists(earlier), endpoint__active=True, next_attempt_at__lte=now
    ).order_by("number")


def deliver_due(endpoint_id: str) -> int:
    """Send all that is due to an endpoint, unless another job is at it; returns the number of attempts."""
    made = 0
    while True:
        with _alone(endpoint_id) as alone:
            if not alone:
                return made
            while sent := _some(endpoint_id):
                made += sent
        # What became due while the lock was still held has found its job turned away.
        if not due(datetime.now(UTC)).filter(endpoint_id=endpoint_id).exists():
            return made


def seconds_until_due(endpoint_id: str) -> float | None:
    """Until the endpoint's next attempt; None when nothing waits."""
    row = (
        Delivery.objects.filter(endpoint_id=endpoint_id, state=Delivery.State.PENDING, endpoint__active=True)
        .order_by("next_attempt_at")
        .values_list("next_attempt_at", "endpoint__away_until")
        .first()
    )
    if row is None:
        return None
    at = max(moment for moment in row if moment is not None)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _some(endpoint_id: str) -> int:
    deliveries = list(due(datetime.now(UTC)).filter(endpoint_id=endpoint_id)[:SIDE_BY_SIDE])
    endpoint = Endpoint.objects.filter(pk=endpoint_id).first()
    if not deliveries or endpoint is None:
        return 0
    if endpoint.silences:
        deliveries = deliveries[:1]  # one asks whether it is back
    try:
        keys = _keys(endpoint)
    except UnreadableSecret:
        attempts = [Attempt(None, Failure.SECRET, 0) for _ in deliveries]
    else:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            attempts = list(pool.map(lambda one: _attempt(endpoint.url, one, keys), deliveries))
    for delivery, attempt in zip(deliveries, attempts, strict=True):
        record_attempt(delivery, attempt, datetime.now(UTC))
    return len(deliveries)


def _keys(endpoint: Endpoint) -> list[bytes]:
    """Raises UnreadableSecret for the present one; a previous one that nobody can read signs no more."""
    keys = [signing.read(bytes(endpoint.secret))]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > datetime.now(UTC):
        with suppress(UnreadableSecret):
            keys.append(signing.read(bytes(endpoint.previous_secret)))
    return keys


def _attempt(url: str, delivery: Delivery, keys: list[bytes]) -> Attempt:
    body, now = delivery.body.encode(), int(time.time())
    headers = {
        "webhook-id": delivery.webhook_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signing.signature(delivery.webhook_id, now, body, keys),
    }
    try:
        return send(read_url(url), headers, body)
    except ValidationError:  # the operator no longer allows what was allowed when it was entered
        return Attempt(None, Failure.FORBIDDEN, 0)


@contextmanager
def _alone(endpoint_id: str) -> Iterator[bool]:
    """Whether this job may send to the endpoint; PostgreSQL lets the lock go when the process dies."""
    number = int.from_bytes(sha256(f"webhook {endpoint_id}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (number,))
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (number,))
