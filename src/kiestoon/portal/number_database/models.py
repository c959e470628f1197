"""What customers chose, what the database accepted, each batch, and each comparison."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kiestoon.portal.numbers.models import Number


class Listing(models.Model):
    """What the customer says of a number; without a row: the customer's name, and no consent."""

    number = models.OneToOneField(
        Number, on_delete=models.CASCADE, primary_key=True, to_field="e164", related_name="listing"
    )
    company = models.CharField(max_length=200, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    """Of a natural person; then `company` is empty."""
    first_name = models.CharField(max_length=100, blank=True)
    initials = models.CharField(max_length=20, blank=True)
    directory = models.BooleanField(default=False)
    """Consent to be in telephone directories (WEC art. 133)."""
    professional_activity = models.CharField(max_length=100, blank=True)
    activity_consent = models.BooleanField(default=False)
    do_not_call = models.BooleanField(default=False)
    """No calls for direct marketing (art. VI.114 CDE)."""
    address_remark = models.CharField(max_length=300, blank=True)
    """What the customer says is wrong with the address: the operator checks it, then corrects the address."""
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(company="") | Q(last_name=""), name="a_person_or_a_company")
        ]

    def __str__(self) -> str:
        return self.number_id


class Entry(models.Model):
    """One number as the database has it, as far as it told us; ours to know which change to send."""

    number = models.CharField(max_length=16, primary_key=True)
    customer_id = models.BigIntegerField(null=True)
    record = models.JSONField(null=True)
    """As it was last accepted; None: never."""
    accepted_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    field = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)
    """Why the last change of it was refused; empty when it was accepted."""

    class Meta:
        indexes = [models.Index(fields=["number"], name="entry_refused", condition=~Q(error=""))]

    def __str__(self) -> str:
        return self.number


class Batch(models.Model):
    """One batch as it was sent, and what was answered. The body is kept: it is the evidence."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ANSWERED = "answered"
        REFUSED = "refused"
        """It took nothing of it."""

    batch = models.UUIDField(primary_key=True)
    sequence = models.BigIntegerField()
    made_at = models.DateTimeField()
    body = models.TextField()
    changes = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=300, blank=True)
    """What went wrong, in the words of whoever said so."""

    class Meta:
        ordering = ["-made_at", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="waiting"), name="one_batch_waits")
        ]
        indexes = [models.Index(fields=["-made_at"], name="batch_newest")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.state}"


class Comparison(models.Model):
    """The whole database compared with what it accepted."""

    at = models.DateTimeField()
    there = models.PositiveIntegerField()
    """Records of ours it has."""
    differences = models.PositiveIntegerField()
    said = models.CharField(max_length=300, blank=True)
    """Why it could not be compared; then the numbers say nothing."""

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at}: {self.differences}"


class Difference(models.Model):
    """One number of one comparison; the next feed puts it right."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="found")
    number = models.CharField(max_length=16)
    kind = models.CharField(max_length=10)
    fields = ArrayField(models.CharField(max_length=30), default=list)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"
