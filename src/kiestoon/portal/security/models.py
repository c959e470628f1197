"""Who banned an address or ended a ban; rows are added and never changed (a trigger refuses it)."""

from __future__ import annotations

from django.db import models


class BanChange(models.Model):
    """One change a person or a program of ours made; bans the edge placed itself are security events."""

    class Action(models.TextChoices):
        BANNED = "banned"
        UNDONE = "undone"

    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=10, choices=Action.choices)
    source = models.TextField()
    by = models.TextField()
    """User name of the person, or the name and role of the API token."""
    reason = models.TextField(blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.source}"
