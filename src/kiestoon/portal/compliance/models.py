"""How often each branch of a duty decided, newest examples, and who asked which call's user."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kiestoon.duties.spoofed_numbers import Standing, answer_due, must_block, standing


class CountedHour(models.Model):
    """How many calls an hour had when its decisions were counted; a difference is counted again."""

    hour = models.DateTimeField(primary_key=True)
    calls = models.BigIntegerField()

    def __str__(self) -> str:
        return self.hour.isoformat()


class DecisionCount(models.Model):
    """Decisions of one branch of one duty in one hour (UTC), from the journalled reasons of calls."""

    duty = models.CharField(max_length=40)
    hour = models.DateTimeField()
    step = models.CharField(max_length=80)
    result = models.CharField(max_length=80)
    why = models.CharField(max_length=300)
    decisions = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "hour", "step", "result", "why"], name="branch_once_an_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.step}: {self.result}"


class Example(models.Model):
    """One of the newest decisions of a duty; the call itself is the record."""

    duty = models.CharField(max_length=40)
    at = models.DateTimeField()
    call_id = models.TextField()
    step = models.CharField(max_length=80)
    result = models.CharField(max_length=80)
    why = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["duty", "call_id", "step"], name="example_once")]
        indexes = [models.Index(fields=["duty", "-at"], name="example_newest")]

    def __str__(self) -> str:
        return self.call_id


class Measurement(models.Model):
    """One row: when the records were last looked through."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=1), name="one_measurement")]

    def __str__(self) -> str:
        return self.at.isoformat()


class IdentityRequest(models.Model):
    """Who was the user of a call? Asked by BIPT or an operator (RD Spoofing art. 4 §2), with its deadline.

    The call is named by our call id, or by number and moment as the clock of whoever asks had it.
    """

    class Found(models.TextChoices):
        """What BIPT said of the answer."""

        NOTHING = ""
        INCOMPLETE = "incomplete"
        WRONG = "wrong"

    asked_by = models.CharField(max_length=100)
    reference = models.CharField(max_length=100)
    """The letter or file of whoever asks."""
    asked_at = models.DateTimeField()
    call_id = models.TextField(blank=True)
    number = models.CharField(max_length=16, blank=True)
    """E.164 of the calling number."""
    called = models.CharField(max_length=16, blank=True)
    moment = models.DateTimeField(null=True, blank=True)
    tolerance_seconds = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answer = models.JSONField(null=True, blank=True)
    """What was told: the identification as our records had it then (identification.as_dict), or null."""
    note = models.TextField(blank=True)
    found = models.CharField(max_length=10, choices=Found.choices, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)
    found_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(call_id="") | (~Q(number="") & Q(moment__isnull=False)),
                name="a_request_names_a_call",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def due_at(self) -> datetime:
        return answer_due(self.asked_at)

    def standing(self, now: datetime) -> Standing:
        """Where it stands under art. 4 §2."""
        return standing(self.asked_at, self.answered_at, self.found, now)  # type: ignore[arg-type]

    def must_block(self, now: datetime) -> bool:
        return must_block(self.standing(now))


class Blocking(models.Model):
    """Numbers of a user who was not identified, blocked on each special interface (RD Spoofing art. 4 §2)."""

    request = models.ForeignKey(IdentityRequest, on_delete=models.PROTECT, related_name="blockings")
    numbers = ArrayField(models.CharField(max_length=16))
    trunks = ArrayField(models.CharField(max_length=40))
    why = models.CharField(max_length=20)
    """The standing that made it a duty: late, incomplete or wrong."""
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return ", ".join(self.numbers)
