"""A case for each marked call, and each handing over. No foreign keys to customers: cases survive them."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from kiestoon.duties.malicious_calls import kept_until


class Case(models.Model):
    """One call that the called person calls malicious."""

    class State(models.TextChoices):
        MARKED = "marked"
        EXAMINED = "examined"
        HANDED_OVER = "handed-over"
        CLOSED = "closed"

    call_id = models.TextField(db_collation="C", unique=True)
    begun_at = models.DateTimeField()
    """Of the call."""
    called = models.CharField(max_length=16)
    """The number it came in on."""
    customer_id = models.BigIntegerField()
    customer_name = models.CharField(max_length=200)
    user_id = models.BigIntegerField(null=True)
    """The telephone user who marked it, when that was who."""
    state = models.CharField(max_length=11, choices=State.choices, default=State.MARKED)
    note = models.TextField(blank=True, max_length=2000)
    """What the called person says."""
    marked_at = models.DateTimeField()
    marked_by = models.CharField(max_length=150)
    outcome = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-marked_at", "-id"]
        indexes = [models.Index(fields=["customer_id", "-marked_at"], name="malicious_of_customer")]

    def __str__(self) -> str:
        return self.call_id

    @property
    def kept_until(self) -> datetime:
        """Until when the caller's data are kept for this purpose."""
        return kept_until(self.begun_at)


class Handover(models.Model):
    """What was given to an authority, and a copy of what our records said then."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handovers")
    to_whom = models.CharField(max_length=200)
    reference = models.CharField(max_length=200)
    """The letter or file in which it was asked for."""
    handed_at = models.DateTimeField()
    what = models.TextField(max_length=2000)
    records = models.JSONField()
    """compliance.identification.as_dict of the call."""
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["handed_at", "id"]

    def __str__(self) -> str:
        return self.to_whom
