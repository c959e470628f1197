"""Customers and the civic addresses where their phones stand."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _

from kiestoon.belgium.municipalities import nis_of


def inside_words(floor: str, room: str, unit: str) -> str:
    """In the reader's language; "" when nothing is known."""
    words = (
        _("floor %(floor)s") % {"floor": floor} if floor else "",
        _("room %(room)s") % {"room": room} if room else "",
        _("box %(box)s") % {"box": unit} if unit else "",
    )
    return ", ".join(one for one in words if one)


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


class CivicFields(models.Model):
    """A civic address (RFC 5139 names in brackets): what an emergency centre receives."""

    country = models.CharField(max_length=2, default="BE")
    province = models.CharField(max_length=60, blank=True)
    """A1"""
    municipality = models.CharField(max_length=60)
    """A3"""
    part = models.CharField(max_length=60, blank=True)
    """A4: the village or part of the municipality."""
    street = models.CharField(max_length=100)
    """RD"""
    house_number = models.CharField(max_length=10)
    """HNO"""
    house_number_suffix = models.CharField(max_length=10, blank=True)
    """HNS"""
    floor = models.CharField(max_length=20, blank=True)
    """FLR"""
    room = models.CharField(max_length=40, blank=True)
    """ROOM"""
    unit = models.CharField(max_length=20, blank=True)
    """UNIT: box or door."""
    postcode = models.CharField(max_length=10)
    """PC"""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        number = self.house_number + self.house_number_suffix
        place = f"{self.postcode} {self.municipality}" + (f" ({self.part})" if self.part else "")
        abroad = f", {self.country}" if self.country != "BE" else ""
        return f"{self.street} {number}, {place}{abroad}"

    @property
    def inside(self) -> str:
        """Where in the building, in the reader's language: "floor 3, room 12, box 4"."""
        return inside_words(self.floor, self.room, self.unit)

    @property
    def nis(self) -> str:
        """NIS code of the municipality; "" abroad, and where it cannot be told."""
        return nis_of(self.postcode, self.municipality) if self.country == "BE" else ""


class Address(CivicFields):
    """Where lines of a customer are installed."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    evidence = models.CharField(max_length=200, blank=True)
    """Reference of the document that shows the installation there: a contract, a work order."""

    class Meta:
        ordering = ["id"]
