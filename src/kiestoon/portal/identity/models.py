"""Attempts to sign in, and one-time codes with which a password is chosen."""

from __future__ import annotations

from django.db import models

from kiestoon.portal.people.models import Person


class Attempt(models.Model):
    """One try at a password or a code; kept for KEPT (services), so that guessing is slowed."""

    account = models.CharField(max_length=64)
    """A keyed hash of the user name as entered: people type passwords there too."""
    address = models.GenericIPAddressField()
    """Where it came from; of IPv6 the /64."""
    at = models.DateTimeField()
    succeeded = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="attempt_account"),
            models.Index(fields=["address", "at"], name="attempt_address"),
            models.Index(fields=["at"], name="attempt_at"),
        ]


class OneTimeCode(models.Model):
    """Lets a person choose a password, once; an administrator hands it over. Only its SHA-256 is kept."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="one_time_code")
    code_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
