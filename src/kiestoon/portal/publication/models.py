"""What the call plane was last told, and what changed since."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Published(models.Model):
    """One row: the routing store as this database last left it."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.PositiveBigIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=1), name="one_published")]

    def __str__(self) -> str:
        return f"version {self.version}"


class Change(models.Model):
    """A mark: this customer (None: the operator's settings) differs from what was published.

    Rows are only added and deleted, never updated: concurrent changes do not wait for each other.
    """

    customer_id = models.BigIntegerField(null=True)
    """No foreign key: a removed customer must be published too."""
    marked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"customer {self.customer_id}" if self.customer_id else "operator"
