"""Counts as they were taken, reports, national totals with their origin, agreements and BIPT's notice."""

from __future__ import annotations

from django.db import models


class Count(models.Model):
    """The numbers at 1 September of one year; a trigger refuses to change it."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    taken_at = models.DateTimeField()
    """When it was really counted: later than 1 September when the jobs did not run then."""
    numbers = models.PositiveIntegerField()
    by_kind = models.JSONField()
    """Type of number (belgium.numbering) → how many."""
    ported_in = models.PositiveIntegerField()
    active_users = models.PositiveIntegerField()
    """Telephone users not suspended: what "active end users" are is to verify."""

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)


class Report(models.Model):
    """The count of a year was reported to BIPT."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    reported_on = models.DateField()
    reference = models.CharField(max_length=200)
    """Where the receipt, or the copy of what was sent, is kept."""
    numbers = models.PositiveIntegerField()
    """As reported."""
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)


class NationalTotal(models.Model):
    """Public numbers in Belgium at 1 September of one year, as somebody published them: to verify."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    numbers = models.PositiveBigIntegerField()
    origin = models.CharField(max_length=300)
    """Who published it, where."""
    confirmed = models.BooleanField(default=False)
    """BIPT's own figure; else it is to verify."""
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)


class Agreement(models.Model):
    """With an operator whose redundant system our calls benefit from."""

    partner = models.CharField(max_length=200)
    document = models.CharField(max_length=200)
    """Where the signed agreement is kept."""
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    """First day it no longer holds; None: open-ended."""
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-since", "-id"]

    def __str__(self) -> str:
        return self.partner


class Notice(models.Model):
    """BIPT told that the full duty applies; it begins 12 months later."""

    received_on = models.DateField()
    reference = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-received_on", "-id"]

    def __str__(self) -> str:
        return self.reference
