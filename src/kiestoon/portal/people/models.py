"""Persons: operator staff and customers' people. A *user* is a telephone user, a *person* signs in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    """Someone who signs in; `customer_id` is None for operator staff."""

    class Role(models.TextChoices):
        SUPPORT = "support"
        NETWORK = "network"
        COMPLIANCE = "compliance"
        FINANCE = "finance"
        ADMIN = "admin"
        CUSTOMER_ADMIN = "customer-admin"
        CUSTOMER_USER = "customer-user"

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.CUSTOMER_USER)
    customer_id = models.BigIntegerField(null=True, blank=True)
