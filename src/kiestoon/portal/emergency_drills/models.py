"""Drills and their lines; address checks of users. A trigger refuses to change or delete either record."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kiestoon.domain.emergency.drill import LIMIT_DAYS
from kiestoon.portal.customers.models import Address, Customer
from kiestoon.portal.phones.models import TelephoneUser


class DrillSettings(models.Model):
    """One row: what drills need to know, and the operator's own limit."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.CharField(max_length=16, blank=True)
    """E.164 of the operator's own, that a centre sees in a drill."""
    limit_days = models.PositiveSmallIntegerField(default=LIMIT_DAYS)
    """How old the last drill of a route may be: the operator's own limit, no rule of law."""
    report_url = models.CharField(max_length=300, blank=True)
    """Where the centre says what it received; agreed with it (to verify)."""
    report_paths = models.JSONField(default=dict, blank=True)
    """What the centre calls a path, to the trunk it is."""

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=1), name="one_drill_settings")]

    def __str__(self) -> str:
        return self.number


class DrillLine(models.Model):
    """Who calls in the drills of an area: a user of the drills' customer, or an extension of its exchange."""

    area = models.CharField(max_length=40)
    kind = models.CharField(max_length=7)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    address = models.ForeignKey(Address, on_delete=models.CASCADE)
    user = models.ForeignKey(TelephoneUser, on_delete=models.CASCADE, null=True)
    """None for the kind trunk."""
    extension = models.CharField(max_length=10, blank=True)
    """What the exchange presents; of the kind trunk."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "kind"], name="one_line_an_area_and_kind")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.area}"


class DrillRun(models.Model):
    """One run: `total` drills, made one after the other."""

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    total = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)
    """Why it could not be made."""

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Drill(models.Model):
    """One test call: what was sent, what arrived, and where they differ. Evidence."""

    class Result(models.TextChoices):
        PASSED = "passed"
        FAILED = "failed"

    run = models.ForeignKey(DrillRun, on_delete=models.PROTECT, related_name="drills")
    table = models.BigIntegerField()
    """Version of the routing table."""
    service = models.CharField(max_length=3)
    area = models.CharField(max_length=40)
    trunk = models.CharField(max_length=40)
    kind = models.CharField(max_length=7)
    started_at = models.DateTimeField()
    sip_call_id = models.CharField(max_length=100)
    code = models.PositiveSmallIntegerField()
    """SIP; 0: no final answer."""
    setup_ms = models.PositiveIntegerField(null=True)
    sent = models.JSONField()
    arrived = models.JSONField(null=True)
    differences = models.JSONField(default=list)
    result = models.CharField(max_length=6, choices=Result.choices)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["service", "area", "trunk", "kind", "-started_at"], name="drill_latest"),
            models.Index(fields=["-started_at"], name="drill_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.area} {self.trunk} {self.kind}: {self.result}"


class AddressCheck(models.Model):
    """A user heard the emergency address read back (*55) and said whether it is right."""

    class Result(models.TextChoices):
        RIGHT = "right"
        WRONG = "wrong"
        NONE = "none"

    call_id = models.TextField(primary_key=True)
    at = models.DateTimeField()
    customer_id = models.BigIntegerField()
    username = models.CharField(max_length=64)
    """No foreign key: the record outlives the user."""
    result = models.CharField(max_length=5, choices=Result.choices)
    answered_at = models.DateTimeField(null=True)
    """When somebody looked after an address called wrong."""
    answered_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["username", "-at"], name="address_check_of_user")]

    def __str__(self) -> str:
        return f"{self.username}: {self.result}"
