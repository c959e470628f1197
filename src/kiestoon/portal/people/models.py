"""Persons: operator staff and customers' people. A *user* is a telephone user, a *person* signs in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from kiestoon.portal.customers.models import Customer, Language
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
    language = models.CharField(max_length=2, choices=Language.choices, blank=True)
    """The language the portal opens in, and writes in; empty: as the browser asks."""
    sessions_ended = models.PositiveIntegerField(default=0)
    """How often "sign out everywhere" was asked: part of what a session is checked against."""

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=_CUSTOMER_FITS_ROLE, name="person_customer_fits_role"),
            # Signing in does not mind capitals, so two names may not differ in capitals alone.
            models.UniqueConstraint(
                Lower("username"),
                name="person_username_any_case",
                violation_error_message=_("This user name is taken."),
            ),
        ]

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Django's, and the count of "sign out everywhere": raising it ends every session at once."""
        text = f"{self.password}:{self.sessions_ended}"
        return salted_hmac("kiestoon.people.session", text, secret=secret, algorithm="sha256").hexdigest()


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
    last_used_at = models.DateTimeField(null=True, blank=True)
    """To the minute."""
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=_CUSTOMER_FITS_ROLE, name="token_customer_fits_role")]

    def __str__(self) -> str:
        return self.name
