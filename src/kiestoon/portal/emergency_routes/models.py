"""The emergency routing table in versions, and the operator's policy; what was approved stays as it was.

Triggers refuse to change or delete a version that is no draft, its rows, and every decision on the policy.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kiestoon.vocabulary.emergency import EmergencyArea, EmergencyRoute


class Table(models.Model):
    """One version of the table: a draft is changed, proposed by one person and approved by another."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PROPOSED = "proposed"
        APPROVED = "approved"
        REFUSED = "refused"

    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    origin = models.CharField(max_length=300)
    """Where its data come from: a letter, a file, with its date."""
    to_verify = models.BooleanField(default=True)
    """The origin has not been checked against the authority that knows."""
    in_force = models.DateField(null=True)
    """First day (Belgian) on which calls follow it; set when it is proposed."""
    authors = ArrayField(models.BigIntegerField(), default=list)
    """People who wrote it or changed it: none of them approves it."""
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    """When it was approved or refused."""
    decided_by = models.CharField(max_length=150, blank=True)
    refusal = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField(null=True)
    """When its publication was asked for."""

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("draft", "refused")) | Q(in_force__isnull=False),
                name="a_proposed_table_has_a_day",
            ),
            models.UniqueConstraint(
                fields=["in_force"], condition=Q(state="approved"), name="one_table_for_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"table {self.pk}"


class Area(models.Model):
    """Municipalities with one competent centre."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="areas")
    key = models.SlugField(max_length=40)
    name_nl = models.CharField(max_length=100)
    name_fr = models.CharField(max_length=100)
    name_de = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    municipalities = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    """NIS codes."""
    to_verify = models.BooleanField(default=True)
    origin = models.CharField(max_length=300, blank=True)
    """When it differs from the table's."""

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="area_once_a_table")]

    def __str__(self) -> str:
        return self.key

    def name(self, language: str) -> str:
        """In nl, fr, de or en; English for any other."""
        named: str = getattr(self, f"name_{language[:2]}", self.name_en)
        return named

    @property
    def value(self) -> EmergencyArea:
        return EmergencyArea(self.key, tuple(self.municipalities))


class Route(models.Model):
    """One way to the centre of an area; `area` "" holds where no other area does."""

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="routes")
    service = models.CharField(max_length=3)
    area = models.CharField(max_length=40, blank=True)
    trunk = models.CharField(max_length=40)
    """No foreign key: the table stays as it was when the trunk is gone."""
    request_user = models.CharField(max_length=40, blank=True)
    """What is asked of the trunk; empty: the service's number. Real ones are not public: to verify."""
    rank = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    """First day on which it no longer holds."""
    testing = models.BooleanField(default=False)
    """Drills may call by it: agreed with the centre."""
    to_verify = models.BooleanField(default=True)
    origin = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["area", "service", "rank", "trunk", "pk"]

    def __str__(self) -> str:
        return f"{self.service} {self.area} {self.trunk}"

    @property
    def value(self) -> EmergencyRoute:
        return EmergencyRoute(
            self.service,
            self.area,
            self.trunk,
            self.request_user,
            self.rank,
            self.valid_from or date.min,
            self.valid_until or date.max,
            self.testing,
        )


class PolicyDecision(models.Model):
    """What happens to a 112 call from a nomadic device while its place is stale or unknown (art. 43)."""

    class Policy(models.TextChoices):
        ROUTE = "route"
        ANNOUNCE = "announce"

    class State(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        REFUSED = "refused"

    policy = models.CharField(max_length=8, choices=Policy.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    document = models.CharField(max_length=200, blank=True)
    """Reference of the decision; announce needs one."""
    document_date = models.DateField(null=True, blank=True)
    signed_by = models.CharField(max_length=150, blank=True)
    """Who took it, as the document says."""
    reason = models.CharField(max_length=500)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=150)
    proposed_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(policy="route")
                | (~Q(document="") & ~Q(signed_by="") & Q(document_date__isnull=False)),
                name="announce_needs_a_document",
            )
        ]

    def __str__(self) -> str:
        return self.policy

    @property
    def reference(self) -> str:
        """The document as the call plane quotes it; "" without one."""
        if not self.document or self.document_date is None:
            return ""
        return f"{self.document}, {self.document_date.isoformat()}, {self.signed_by}"
