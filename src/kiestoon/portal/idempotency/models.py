"""Answers kept for repeated requests."""

from __future__ import annotations

from django.db import models

from kiestoon.portal.people.models import ApiToken


class KeptAnswer(models.Model):
    """The answer to a request with an Idempotency-Key; written in the transaction of what it changed."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()
    """SHA-256 of method, address and body."""
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    """Encrypted with a key made of the token, which is kept nowhere: an answer may show a secret once."""
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint("token", "key", name="key_once_a_token")]

    def __str__(self) -> str:
        return f"{self.status}"
