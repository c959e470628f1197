"""What is remembered between evaluations, the alerts, and a row of figures for every minute."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kiestoon.portal.people.models import Person


class Evaluation(models.Model):
    """One row: when alerts were last evaluated; locked while they are."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=1), name="one_evaluation")]

    def __str__(self) -> str:
        return f"evaluated {self.at}"


class Watched(models.Model):
    """domain.health.alerts.Watched, by kind and subject."""

    kind = models.TextField()
    subject = models.TextField(blank=True)
    state = models.TextField()
    since = models.DateTimeField()
    troubled_since = models.DateTimeField(null=True)
    good_since = models.DateTimeField(null=True)
    alerting = models.BooleanField()
    worst = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="watched_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Alert(models.Model):
    """Somebody must know. `began_at`: of the trouble itself; `opened_at`: after the rule's grace."""

    kind = models.TextField()
    subject = models.TextField(blank=True)
    severity = models.TextField()
    began_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(closed_at__isnull=True), name="alert_open_once"
            )
        ]
        indexes = [models.Index(fields=["-opened_at"], name="alert_opened")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Minute(models.Model):
    """Figures of one minute, by when calls began; rewritten while calls of that minute may still end."""

    minute = models.DateTimeField(primary_key=True)
    attempts = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    ended = models.IntegerField(default=0)
    setup_p99_ms = models.IntegerField(null=True)
    registrations = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.minute}"
