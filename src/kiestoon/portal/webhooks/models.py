"""Endpoints, the outbox that ingest fills, and deliveries."""

from __future__ import annotations

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kiestoon.portal.customers.models import Customer


class EventType(models.TextChoices):
    """What can be told truly: what the call journal says. No device registers in it, so none is told."""

    CALL_STARTED = "call.started"
    CALL_ANSWERED = "call.answered"
    CALL_ENDED = "call.ended"
    CALL_CORRECTED = "call.corrected"
    """A late journal event changed a call that had been told as ended."""
    EMERGENCY_CALL = "emergency.call"
    """Somebody of the customer called 112; only for a customer that asked to be told."""


TEST = "webhook.test"


def new_endpoint_id() -> str:
    return f"we_{secrets.token_hex(8)}"


class Endpoint(models.Model):
    """An address that receives events of one customer, or of all (operator)."""

    class Disabled(models.TextChoices):
        """Why nothing is sent although nobody switched it off."""

        FAILING = "failing"
        GONE = "gone"
        """It answered 410."""

    endpoint_id = models.CharField(max_length=20, primary_key=True, default=new_endpoint_id)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="webhook_endpoints"
    )
    """None: events of every customer, for the operator."""
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=100, blank=True)
    events = ArrayField(models.CharField(max_length=20, choices=EventType.choices))
    active = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=10, choices=Disabled.choices, blank=True)
    secret = models.BinaryField()
    """Encrypted; 32 bytes."""
    previous_secret = models.BinaryField(null=True, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    """Until then deliveries carry the signature of the previous secret too."""
    last_number = models.BigIntegerField(default=0)
    """Of its newest delivery: they are numbered from 1 without a gap."""
    failing_since = models.DateTimeField(null=True, blank=True)
    """When its first failure since its last success was."""
    silences = models.PositiveIntegerField(default=0)
    """How often in a row it gave no HTTP answer."""
    away_until = models.DateTimeField(null=True, blank=True)
    """Nothing is tried before, after it gave no answer or asked for time (Retry-After)."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "endpoint_id"]

    def __str__(self) -> str:
        return self.endpoint_id


class Event(models.Model):
    """The outbox: written by ingest in the transaction of the CDR, deleted when spread over the endpoints."""

    kind = models.CharField(max_length=20)
    call_id = models.TextField()
    customer_id = models.BigIntegerField(null=True)
    called_customer_id = models.BigIntegerField(null=True)
    happened_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind


class Delivery(models.Model):
    """One event for one endpoint; `body` as it is sent at every attempt. Kept 30 days."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"

    class Failure(models.TextChoices):
        """Why the last attempt failed, other than by an HTTP status."""

        NO_NAME = "no-such-name"
        FORBIDDEN = "address-not-allowed"
        NOT_REACHED = "not-reached"
        TLS = "certificate"
        TIMEOUT = "timeout"
        BROKEN = "no-http"
        SECRET = "secret"
        """Its secret cannot be read any more."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    number = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    subject = models.TextField()
    """What it is about: a later delivery about the same waits for this one."""
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField(db_index=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    """HTTP status of the last attempt."""
    failure = models.CharField(max_length=20, choices=Failure.choices, blank=True)
    took_ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint("endpoint", "number", name="delivery_number_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                name="delivery_due",
                condition=Q(state="pending"),
            ),
            models.Index(
                fields=["endpoint", "subject", "number"],
                name="delivery_order",
                condition=Q(state="pending"),
            ),
        ]

    def __str__(self) -> str:
        return self.webhook_id

    @property
    def webhook_id(self) -> str:
        """The same at every attempt; grows with the endpoint's deliveries, also when compared as text."""
        return f"{self.endpoint_id}_{self.number:012d}"
