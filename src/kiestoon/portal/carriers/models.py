"""The operator's own settings and its trunks."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kiestoon.portal.customers.models import Customer


class Operator(models.Model):
    """One row: who we are on the SIP side, and the number blocks we hold."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    realm = models.CharField(max_length=100)
    """Digest realm; HA1 of every user is computed with it."""
    domains = ArrayField(models.CharField(max_length=100), default=list)
    blocks = ArrayField(models.CharField(max_length=16), default=list)
    """E.164 prefixes, for example +323808."""
    roaming_check = models.CharField(max_length=200, blank=True)
    """Reference of the document that proves why mobile roaming cannot be checked (RD Spoofing art. 1)."""

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=1), name="one_operator")]

    def __str__(self) -> str:
        return self.realm


class Trunk(models.Model):
    """A SIP link to a carrier, an emergency centre or a customer's own PBX."""

    class Kind(models.TextChoices):
        CARRIER = "carrier"
        CUSTOMER_PBX = "customer-pbx"
        EMERGENCY = "emergency"

    class Interface(models.TextChoices):
        """RD Spoofing of 12 May 2024, arts. 2 and 4."""

        NATIONAL = "national"
        INTERNATIONAL = "international"
        SPECIAL = "special"

    trunk_id = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    uri = models.CharField(max_length=200)
    """Next hop, for example sip:127.0.1.1:5060;transport=tcp."""
    addresses = ArrayField(models.CharField(max_length=60), default=list)
    """Source addresses it is recognised by: "IP", "IP:port" or "[IPv6]:port"."""
    interface = models.CharField(max_length=13, choices=Interface.choices, default=Interface.NATIONAL)
    priority = models.PositiveSmallIntegerField(default=100)
    """Lower is tried first among trunks of one kind."""
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="trunks"
    )
    main_number = models.CharField(max_length=16, blank=True)
    """customer-pbx: shown when the PBX sends a number its customer does not hold."""
    max_calls = models.PositiveSmallIntegerField(default=0)
    """Calls at a time, both ways; 0: as many as come."""
    reserved_calls = models.PositiveSmallIntegerField(default=0)
    """How many of `max_calls` only emergency calls may take."""
    call_back_numbers = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    """emergency: E.164 numbers the centre also calls back from through other networks."""

    class Meta:
        ordering = ["kind", "priority", "trunk_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="customer-pbx", customer__isnull=False)
                | (~Q(kind="customer-pbx") & Q(customer__isnull=True)),
                name="only_a_pbx_has_a_customer",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SpecialInterface(models.Model):
    """The agreement behind a special interface (RD Spoofing art. 4); without one nothing passes it."""

    trunk = models.OneToOneField(Trunk, on_delete=models.CASCADE, primary_key=True, related_name="special")
    agreement = models.CharField(max_length=200)
    """Reference of the written agreement with the originating operator (art. 4 §3)."""
    nomadic = models.BooleanField(default=False)
    cloud_numbers = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    """Exhaustive list of E.164 numbers of conference, support and direct-marketing services."""
    blocked = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    """Numbers whose user was not identified to BIPT within 24 hours (art. 4 §2)."""
    suspended = models.BooleanField(default=False)
    """BIPT has suspended the right (art. 5)."""

    def __str__(self) -> str:
        return self.agreement
