"""Telephone users and their forwardings."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kiestoon.portal.customers.models import Address, Customer


class CallType(models.TextChoices):
    """Types of call that can be barred (vocabulary.configuration.CallType)."""

    INTERNAL = "internal"
    GEOGRAPHIC = "geographic"
    MOBILE = "mobile"
    FREE = "free"
    PREMIUM = "premium"
    SHARED_COST = "shared-cost"
    SHORT = "short"
    INTERNATIONAL = "international"


class TelephoneUser(models.Model):
    """Who a phone belongs to: up to three devices register with its SIP name and password."""

    class Srtp(models.TextChoices):
        AUTO = "auto"
        REQUIRED = "required"
        NEVER = "never"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="users")
    username = models.CharField(max_length=64, unique=True)
    """SIP user name: address-of-record and digest user."""
    ha1 = models.CharField(max_length=32)
    """MD5(username:realm:password), RFC 2617; the password itself is kept nowhere."""
    extension = models.CharField(max_length=8)
    name = models.CharField(max_length=100)
    nomadic = models.BooleanField(default=False)
    suspended = models.BooleanField(default=False)
    """Only emergency calls."""
    clir = models.BooleanField(default=False)
    """Withholds the number (WEC art. 130)."""
    reject_anonymous = models.BooleanField(default=False)
    """Refuses calls without a number (WEC art. 130)."""
    stop_forwarding = models.BooleanField(default=False)
    """Refuses calls a third party forwards here (WEC art. 131)."""
    barred = ArrayField(models.CharField(max_length=16, choices=CallType.choices), default=list, blank=True)
    """Call types barred on request (WEC art. 120)."""
    ring_seconds = models.PositiveSmallIntegerField(default=20)
    srtp = models.CharField(max_length=8, choices=Srtp.choices, default=Srtp.AUTO)
    address = models.ForeignKey(
        Address, on_delete=models.SET_NULL, null=True, blank=True, related_name="users"
    )
    """None: the customer's installation address."""

    class Meta:
        ordering = ["customer", "extension"]
        constraints = [models.UniqueConstraint("customer", "extension", name="extension_once_a_customer")]
        indexes = [
            models.Index(fields=["extension"], name="extension_beginning", opclasses=["varchar_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.username


class Forwarding(models.Model):
    """Where calls to a user go instead, under one condition."""

    class Condition(models.TextChoices):
        ALWAYS = "always"
        BUSY = "busy"
        NO_ANSWER = "no-answer"
        UNREACHABLE = "unreachable"

    user = models.ForeignKey(TelephoneUser, on_delete=models.CASCADE, related_name="forwardings")
    condition = models.CharField(max_length=12, choices=Condition.choices)
    target = models.CharField(max_length=16)
    """An extension of the same customer, or E.164 with +."""

    class Meta:
        ordering = ["user", "condition"]
        constraints = [models.UniqueConstraint("user", "condition", name="condition_once_a_user")]

    def __str__(self) -> str:
        return f"{self.condition}: {self.target}"


class ProvisioningLink(models.Model):
    """A phone fetches its settings at this address, once; only the SHA-256 of its secret is kept."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    """The user's: whoever presents the secret is not signed in, and may see this customer's rows only."""
    user = models.ForeignKey(TelephoneUser, on_delete=models.CASCADE, related_name="provisioning_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.expires_at}"
