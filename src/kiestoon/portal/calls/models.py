"""CDRs, how far the journal has been ingested, and what devices and strangers were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform

from kiestoon.domain.emergency.spared import spared_classes

if TYPE_CHECKING:
    from kiestoon.portal.people.models import Person


CALLED_OTHER = Q(called_customer_id__lt=F("customer_id")) | Q(called_customer_id__gt=F("customer_id"))
"""The called customer is not the one the call counts for: it is found by `called_customer_id` only."""


class CallQuerySet(models.QuerySet["Call"]):
    """Lists of calls."""

    def visible_to(self, person: Person) -> CallQuerySet:
        """What this person may see: operator staff all; a customer's people that customer's calls only.

        No emergency call appears in a list a customer sees: a household's list of calls must not tell who
        sought help at a helpline, and calls to 112 have a protected log of their own.
        """
        customer_roles = (person.Role.CUSTOMER_ADMIN, person.Role.CUSTOMER_USER)
        if person.role not in customer_roles and person.customer_id is None:
            return self
        if person.customer_id is None:
            return self.none()
        mine = Q(customer_id=person.customer_id) | Q(called_customer_id=person.customer_id)
        return self.filter(mine).without_emergencies()

    def without_emergencies(self) -> CallQuerySet:
        """Neither helplines nor 112: what a customer may see."""
        return self.filter(emergency_class=None)

    def outside_the_emergency_log(self) -> CallQuerySet:
        """Without calls to 112, 100 and 101, which only the protected log shows."""
        return self.exclude(emergency_class="on-site")

    def without_helplines(self) -> CallQuerySet:
        return self.exclude(emergency_class__in=spared_classes("customer-lists"))

    def with_number(self, e164: str) -> CallQuerySet:
        """Calls from, to or forwarded by this number (E.164)."""
        return self.filter(Q(from_number=e164) | Q(to_number=e164) | Q(forwarded_from=e164))


class Call(models.Model):
    """One call attempt (vocabulary.cdr.Cdr). Written by `ingest` only; no foreign keys: CDRs survive."""

    call_id = models.TextField(primary_key=True, db_collation="C")
    direction = models.TextField()
    from_number = models.TextField(null=True)
    to_number = models.TextField(null=True)
    dialled = models.TextField()
    cli = models.TextField(null=True)
    customer_id = models.BigIntegerField(null=True)
    called_customer_id = models.BigIntegerField(null=True)
    calling_customer_id = models.BigIntegerField(null=True)
    withheld = models.BooleanField(null=True)
    username = models.TextField(null=True)
    source = models.TextField(null=True)
    user_agent = models.TextField(null=True)
    verified = models.BooleanField()
    trunk_id = models.TextField(null=True)
    trunk_name = models.TextField(null=True)
    trunk_in_id = models.TextField(null=True)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    talk_ms = models.BigIntegerField()
    sip_code = models.SmallIntegerField(null=True)
    hung_up_by = models.TextField(null=True)
    closed_by = models.TextField(null=True)
    emergency_class = models.TextField(null=True)
    forwarded_from = models.TextField(null=True)
    sip_call_ids = models.JSONField()
    sip_call_id = models.GeneratedField(
        expression=KeyTextTransform(0, "sip_call_ids"),
        output_field=models.TextField(null=True),
        db_persist=True,
    )
    """The first of them, to be found by: row-level security lets no index of an expression on JSON serve."""
    codec = models.TextField(null=True)
    loss = models.FloatField(null=True)
    jitter_ms = models.FloatField(null=True)
    mos = models.FloatField(null=True)
    packets = models.BigIntegerField(null=True)
    anchored = models.BooleanField(null=True)
    stages = models.JSONField()
    anomalies = models.JSONField()
    events = models.JSONField()
    """The journal events, from which all the rest can be made again."""
    alive_at = models.DateTimeField(null=True)
    """When reconciliation last found its media alive."""
    updated_at = models.DateTimeField()

    objects = CallQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["started_at"], name="calls_started"),
            models.Index(fields=["from_number", "started_at"], name="calls_from_time"),
            models.Index(fields=["to_number", "started_at"], name="calls_to_time"),
            models.Index(
                fields=["forwarded_from", "started_at"],
                name="calls_forwarded_time",
                condition=Q(forwarded_from__isnull=False),
            ),
            models.Index(
                fields=["username", "started_at"],
                name="calls_user_time",
                condition=Q(username__isnull=False),
            ),
            models.Index(
                fields=["started_at"],
                name="calls_emergency",
                condition=Q(emergency_class__isnull=False),
            ),
            HashIndex(fields=["sip_call_id"], name="calls_first_sip_call_id"),
            models.Index(fields=["customer_id", "started_at"], name="calls_customer"),
            models.Index(
                fields=["called_customer_id", "started_at"], name="calls_called_other", condition=CALLED_OTHER
            ),
            models.Index(fields=["started_at"], name="calls_open", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.call_id

    @property
    def attempt(self) -> dict[str, Any]:
        """The journalled attempt; empty when it was lost."""
        return next((event for event in self.events if event.get("e") == "attempt"), {})

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """Why it was routed as it was: the objects of `explain`."""
        return list(self.attempt.get("reasons") or ())


class Segment(models.Model):
    """How far a journal segment has been ingested: committed together with what it held."""

    name = models.TextField(primary_key=True, db_collation="C")
    read_to = models.BigIntegerField()
    finished_at = models.DateTimeField(null=True)
    """Sealed, wholly ingested: its file may be deleted."""

    def __str__(self) -> str:
        return self.name


class Gap(models.Model):
    """Attempts not recorded because the disk was full, or bytes of a segment that cannot be read."""

    class Kind(models.TextChoices):
        NOT_RECORDED = "not-recorded"
        DAMAGED = "damaged"

    segment = models.TextField(db_collation="C")
    kind = models.TextField(choices=Kind.choices)
    attempts = models.BigIntegerField(default=0)
    at_byte = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "kind", "at_byte"], name="gap_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.segment}"


class Unreadable(models.Model):
    """A journal event the database refused: kept as text, so that it neither is lost nor stops the rest."""

    segment = models.TextField()
    event = models.TextField()
    error = models.TextField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.error


class Refusal(models.Model):
    """REGISTERs of a device refused for one reason, counted per hour (so support sees why)."""

    hour = models.DateTimeField()
    username = models.TextField()
    source = models.TextField()
    result = models.TextField()
    why = models.TextField()
    user_agent = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hour", "username", "source", "result"], name="refusal_once")
        ]
        indexes = [models.Index(fields=["username", "last_at"], name="refusal_user")]

    def __str__(self) -> str:
        return self.result


class SecurityEvent(models.Model):
    """Wrong passwords, bans, malformed requests of one source, counted per minute."""

    minute = models.DateTimeField()
    source = models.TextField()
    what = models.TextField()
    username = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["minute", "source", "what", "username"], name="security_once")
        ]
        indexes = [models.Index(fields=["source", "last_at"], name="security_source")]

    def __str__(self) -> str:
        return self.what
