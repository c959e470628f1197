"""The audit trail: rows that the database lets nobody change or delete."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Entry(models.Model):
    """Something somebody did. Numbers instead of foreign keys: what was deleted stays in the trail."""

    at = models.DateTimeField()
    action = models.CharField(max_length=120)
    """A name of audit.words, or method and route ("PATCH api/users/{username}")."""
    person_id = models.BigIntegerField(null=True)
    """Who did it; None: nobody who had signed in."""
    token_id = models.BigIntegerField(null=True)
    """With which API token; None: in a page."""
    role = models.CharField(max_length=20, blank=True)
    customer_id = models.BigIntegerField(null=True)
    """Whom it concerns; None: the operator."""
    ids = models.JSONField(default=dict)
    """What it was done to, as the address names it: {"user_id": 7}."""
    status = models.PositiveSmallIntegerField(null=True)
    """HTTP status of the answer, where it was a request."""

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="entry_at"),
            models.Index(fields=["customer_id", "-at"], name="entry_customer"),
            models.Index(fields=["person_id", "-at"], name="entry_person"),
            GinIndex(fields=["ids"], name="entry_ids", opclasses=["jsonb_path_ops"]),
        ]
