"""Customers and the civic addresses where their phones stand."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Language(models.TextChoices):
    NL = "nl", "Nederlands"
    FR = "fr", "Français"
    DE = "de", "Deutsch"
    EN = "en", "English"


class Customer(models.Model):
    """Whoever has a contract; owns users, numbers and addresses."""

    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, choices=Language.choices)
    main_number = models.CharField(max_length=16, blank=True)
    """E.164, one of the customer's numbers; shown by users without a number of their own."""
    outside_prefix = models.CharField(max_length=3, blank=True)
    """Digits users may dial first for an outside line."""
    blocked = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    """Calling numbers (E.164) this customer refuses."""
    suspended = models.BooleanField(default=False)
    """Only emergency calls."""
    address = models.OneToOneField(
        "customers.Address", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Where its lines are installed."""

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """A civic address (RFC 5139 names in brackets): what an emergency centre receives."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    country = models.CharField(max_length=2, default="BE")
    province = models.CharField(max_length=60, blank=True)
    """A1"""
    municipality = models.CharField(max_length=60)
    """A3"""
    street = models.CharField(max_length=100)
    """RD"""
    house_number = models.CharField(max_length=10)
    """HNO"""
    house_number_suffix = models.CharField(max_length=10, blank=True)
    """HNS"""
    unit = models.CharField(max_length=20, blank=True)
    """UNIT: box, floor or door."""
    postcode = models.CharField(max_length=10)
    """PC"""

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        number = self.house_number + self.house_number_suffix
        return f"{self.street} {number}, {self.postcode} {self.municipality}"
