"""Numbers customers hold."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.phones.models import TelephoneUser


class Number(models.Model):
    """A number and what it rings; the first number given to a user is the one that user shows."""

    class Kind(models.TextChoices):
        USER = "user"
        EVERYONE = "everyone"
        TRUNK = "trunk"

    e164 = models.CharField(max_length=16, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="numbers")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    user = models.ForeignKey(
        TelephoneUser, on_delete=models.PROTECT, null=True, blank=True, related_name="numbers"
    )
    trunk = models.ForeignKey(Trunk, on_delete=models.PROTECT, null=True, blank=True, related_name="numbers")
    ported_in = models.BooleanField(default=False)
    """Outside the operator's blocks: another operator's number, ported to us."""

    class Meta:
        ordering = ["e164"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="user", user__isnull=False, trunk__isnull=True)
                | Q(kind="everyone", user__isnull=True, trunk__isnull=True)
                | Q(kind="trunk", user__isnull=True, trunk__isnull=False),
                name="a_number_rings_what_its_kind_says",
            )
        ]

    def __str__(self) -> str:
        return self.e164

    @property
    def target(self) -> str:
        """User name, trunk id, or "" for everyone."""
        if self.user is not None:
            return self.user.username
        return self.trunk_id or ""
