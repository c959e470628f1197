"""Endpoints as people change them; deliveries as they are made, tried and given up."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.webhooks import signing
from kiestoon.portal.webhooks.addresses import check_target, read_url
from kiestoon.portal.webhooks.models import TEST, Delivery, Endpoint, EventType
from kiestoon.portal.webhooks.sending import Attempt

QUEUE = "webhooks"
CHANGEABLE = frozenset({"url", "description", "events", "active"})
MOST_ENDPOINTS = 20
"""A customer."""
BOTH_SECRETS = timedelta(hours=24)
DELAYS = (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600)
"""Seconds after each failed attempt; the last again and again."""
GIVEN_UP = timedelta(days=3)
KEPT = timedelta(days=30)
GONE = 410


@transaction.atomic
def create_endpoint(
    customer: Customer | None, *, url: str, events: list[str], description: str = ""
) -> tuple[Endpoint, str]:
    """An endpoint and its secret, which is shown this once. ValidationError with one message a field."""
    if customer is not None:
        Customer.objects.select_for_update().get(pk=customer.pk)
    if Endpoint.objects.filter(customer=customer).count() >= MOST_ENDPOINTS:
        raise ValidationError(
            _("There are %(most)d webhooks already: remove one first."), params={"most": MOST_ENDPOINTS}
        )
    secret = signing.new_secret()
    endpoint = Endpoint(customer=customer, secret=signing.kept(secret))
    _set(endpoint, {"url": url, "events": events, "description": description})
    endpoint.save(force_insert=True)
    return endpoint, signing.shown(secret)


@transaction.atomic
def change_endpoint(endpoint: Endpoint, **fields: Any) -> Endpoint:
    """Change some of CHANGEABLE. Switched on again, it begins with a clean sheet."""
    was_active = endpoint.active
    _set(endpoint, fields)
    if endpoint.active and (not was_active or "url" in fields):
        endpoint.disabled_because, endpoint.failing_since = "", None
        endpoint.silences, endpoint.away_until = 0, None
    endpoint.save()
    return endpoint


@transaction.atomic
def rotate_secret(endpoint: Endpoint) -> str:
    """A new secret, shown this once; deliveries carry both signatures for 24 hours."""
    secret = signing.new_secret()
    endpoint.previous_secret = endpoint.secret
    endpoint.previous_until = datetime.now(UTC) + BOTH_SECRETS
    endpoint.secret = signing.kept(secret)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    return signing.shown(secret)


def remove_endpoint(endpoint: Endpoint) -> None:
    """With its deliveries."""
    endpoint.delete()


@transaction.atomic
def send_test(endpoint: Endpoint) -> Delivery:
    """A delivery of type webhook.test, sent at once."""
    if not endpoint.active:
        raise ValidationError(_("This webhook is switched off: switch it on first."))
    now = datetime.now(UTC)
    data = {"endpoint": endpoint.endpoint_id}
    return add_delivery(endpoint, TEST, f"test {now.isoformat()}", now, data)


@transaction.atomic
def send_again(delivery: Delivery) -> Delivery:
    """Try a delivery anew, at once, with the id it had."""
    if not delivery.endpoint.active:
        raise ValidationError(_("This webhook is switched off: switch it on first."))
    now = datetime.now(UTC)
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(away_until=None)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.PENDING, attempts=0, next_attempt_at=now, queued_at=now
    )
    _wake(delivery.endpoint_id)
    delivery.refresh_from_db()
    return delivery


def add_delivery(
    endpoint: Endpoint, kind: str, subject: str, happened_at: datetime, data: dict[str, Any]
) -> Delivery:
    """The endpoint's next delivery; call within a transaction."""
    Endpoint.objects.filter(pk=endpoint.pk).update(last_number=F("last_number") + 1)
    endpoint.refresh_from_db(fields=["last_number"])
    now = datetime.now(UTC)
    told = {"type": kind, "timestamp": _iso(happened_at), "data": data}
    delivery = Delivery.objects.create(
        endpoint=endpoint,
        number=endpoint.last_number,
        kind=kind,
        subject=subject,
        body=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        queued_at=now,
        next_attempt_at=now,
    )
    _wake(endpoint.pk)
    return delivery


@transaction.atomic
def record_attempt(delivery: Delivery, attempt: Attempt, now: datetime) -> Delivery:
    """What one attempt came to: done, to be tried again later, or given up."""
    endpoint = Endpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    delivery.attempts += 1
    delivery.tried_at, delivery.took_ms = now, attempt.took_ms
    delivery.status, delivery.failure = attempt.status, attempt.failure
    if attempt.delivered:
        delivery.state, delivery.next_attempt_at = Delivery.State.DELIVERED, None
        endpoint.failing_since, endpoint.silences, endpoint.away_until = None, 0, None
    else:
        _failed(delivery, endpoint, attempt, now)
    delivery.save()
    endpoint.save(update_fields=["failing_since", "silences", "away_until", "active", "disabled_because"])
    return delivery


def forget_old_deliveries(now: datetime) -> int:
    """Delete what is older than 30 days; returns how many."""
    return Delivery.objects.filter(queued_at__lt=now - KEPT).delete()[0]


def delay(attempts: int) -> timedelta:
    """After so many failed attempts; a fifth more or less, so that many do not come back together."""
    seconds = DELAYS[min(attempts, len(DELAYS)) - 1]
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def _failed(delivery: Delivery, endpoint: Endpoint, attempt: Attempt, now: datetime) -> None:
    endpoint.failing_since = endpoint.failing_since or now
    delivery.next_attempt_at = now + delay(delivery.attempts)
    if attempt.status is None:
        if endpoint.away_until is None or endpoint.away_until <= now:  # of several at once one counts
            endpoint.silences += 1
            endpoint.away_until = now + min(delay(endpoint.silences), timedelta(minutes=10))
    elif attempt.retry_after is not None:
        endpoint.away_until = now + timedelta(seconds=attempt.retry_after)
    if now - delivery.queued_at > GIVEN_UP:
        delivery.state, delivery.next_attempt_at = Delivery.State.FAILED, None
    if attempt.status == GONE:
        endpoint.active, endpoint.disabled_because = False, Endpoint.Disabled.GONE
    elif now - endpoint.failing_since > timedelta(days=settings.WEBHOOK_DISABLE_DAYS):
        endpoint.active, endpoint.disabled_because = False, Endpoint.Disabled.FAILING
    if not endpoint.active:
        delivery.state, delivery.next_attempt_at = Delivery.State.FAILED, None


def _set(endpoint: Endpoint, fields: dict[str, Any]) -> None:
    errors: dict[str, Any] = {name: _("This cannot be changed.") for name in set(fields) - CHANGEABLE}
    for name in set(fields) & CHANGEABLE:
        setattr(endpoint, name, fields[name])
    endpoint.events = list(dict.fromkeys(endpoint.events))
    if not endpoint.events or not set(endpoint.events) <= set(EventType.values):
        errors["events"] = _("Choose at least one of: %(events)s.") % {"events": ", ".join(EventType.values)}
    if endpoint.customer_id is None and EventType.EMERGENCY_CALL in endpoint.events:
        errors["events"] = _("Only a customer's own webhook is told of emergency calls.")
    if "url" in fields:
        try:
            check_target(read_url(endpoint.url))
        except ValidationError as error:
            errors["url"] = error
    try:
        endpoint.full_clean(exclude={*errors, "customer", "secret", "previous_secret"}, validate_unique=False)
    except ValidationError as error:
        errors.update(error.message_dict)
    if errors:
        raise ValidationError(errors)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wake(endpoint_id: str) -> None:
    """By name: the task's module imports this one."""
    app.configure_task("webhooks.deliver", queue=QUEUE).defer(endpoint_id=endpoint_id)
