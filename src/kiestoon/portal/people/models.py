"""Persons: operator staff and customers' people. A *user* is a telephone user, a *person* signs in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.phones.models import TelephoneUser


class Role(models.TextChoices):
    SUPPORT = "support"
    NETWORK = "network"
    COMPLIANCE = "compliance"
    FINANCE = "finance"
    ADMIN = "admin"
    CUSTOMER_ADMIN = "customer-admin"
    CUSTOMER_USER = "customer-user"


CUSTOMER_ROLES = (Role.CUSTOMER_ADMIN, Role.CUSTOMER_USER)

_CUSTOMER_FITS_ROLE = (Q(role__in=CUSTOMER_ROLES) & Q(customer__isnull=False)) | (
    ~Q(role__in=CUSTOMER_ROLES) & Q(customer__isnull=True)
)


class Person(AbstractUser):
    """Someone who signs in; `customer` is None for operator staff."""

    Role = Role

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.SUPPORT)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="people"
    )
    telephone_user = models.ForeignKey(
        TelephoneUser, on_delete=models.SET_NULL, null=True, blank=True, related_name="people"
    )
    """The telephone user a customer-user is: the only one whose calls and devices are shown."""

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=_CUSTOMER_FITS_ROLE, name="person_customer_fits_role")
        ]


class ApiToken(models.Model):
    """A bearer token (RFC 6750): only its SHA-256 is kept; 256 random bits need no slower hash."""

    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="api_tokens"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="api_tokens"
    )
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    """Narrows what the role may; empty: all of it."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=_CUSTOMER_FITS_ROLE, name="token_customer_fits_role")]

    def __str__(self) -> str:
        return self.name
