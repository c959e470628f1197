"""Networks, devices of nomadic users, what was said about where they are, and sites behind a PBX."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.models import CivicFields, Customer
from kiestoon.portal.phones.models import TelephoneUser


class State(models.TextChoices):
    """vocabulary.emergency.LocationState."""

    UNKNOWN = "unknown"
    DECLARED = "declared"
    CONFIRMED = "confirmed"
    STALE = "stale"


class Network(models.Model):
    """A part of the address space; the longest prefix that holds an address counts."""

    prefix = models.CharField(max_length=49, primary_key=True)
    """CIDR as `ipaddress` writes it."""
    asn = models.BigIntegerField(default=0)
    country = models.CharField(max_length=2, blank=True)
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["prefix"]

    def __str__(self) -> str:
        return self.prefix


class NetworkTable(models.Model):
    """A table of networks that was loaded; the newest is the one in force."""

    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=150)
    origin = models.CharField(max_length=200)
    """Where it came from: a registry's file and its date, a list of our own."""
    lines = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    """Of the file as it was loaded."""
    verified_at = models.DateTimeField(null=True)
    """None: to verify."""
    verified_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.origin}"


class SeenIn(models.Model):
    """The network a device was in."""

    prefix = models.CharField(max_length=49, blank=True)
    """/32 or /128 where the table knew none; "" when no address was known."""
    asn = models.BigIntegerField(default=0)
    network_country = models.CharField(max_length=2, blank=True)

    class Meta:
        abstract = True


class Device(SeenIn):
    """A device of a nomadic user, as it last registered; `instance` is its +sip.instance (RFC 5626).

    "" stands for all devices of the user that have none. Written by ingest from journal events.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(TelephoneUser, on_delete=models.CASCADE, related_name="devices")
    instance = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45)
    """Source IP address."""
    user_agent = models.CharField(max_length=200, blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    moved_at = models.DateTimeField()
    """Since when it is in this network."""
    state = models.CharField(max_length=9, choices=State.choices)
    """As it was last judged (domain.emergency.locate)."""
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["user", "instance"]
        constraints = [models.UniqueConstraint("user", "instance", name="device_once_a_user")]
        indexes = [
            models.Index(fields=["state", "-last_seen"], name="device_by_state"),
            models.Index(fields=["judged_at"], name="device_to_judge"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.instance}"


class Place(CivicFields, SeenIn):
    """Somebody said where a device is: evidence, never changed. The latest of a network counts."""

    class How(models.TextChoices):
        SOFTPHONE = "softphone"
        PORTAL = "portal"
        MAIL_LINK = "mail-link"
        CALL = "call"
        """Asked by telephone, and written down by the operator's staff."""
        API = "api"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(TelephoneUser, on_delete=models.CASCADE, related_name="places")
    instance = models.CharField(max_length=200, blank=True)
    confirmed = models.BooleanField()
    """By the user of the device; otherwise somebody else declared it."""
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=150)
    person_id = models.BigIntegerField(null=True, blank=True)
    """No foreign key: what was said outlives who said it."""
    how = models.CharField(max_length=10, choices=How.choices)
    contradicts = models.BigIntegerField(null=True, blank=True)
    """The place that had been said for the same network before, when that was another address."""

    class Meta:
        ordering = ["-said_at", "-pk"]
        indexes = [models.Index(fields=["user", "instance", "prefix", "-said_at"], name="place_latest")]


class LocationQuestion(SeenIn):
    """Where is this device now? Asked once by each way for one stay in a network."""

    class Channel(models.TextChoices):
        BROWSER = "browser"
        MAIL = "mail"
        CALL = "call"
        """By hand: a member of staff telephones."""

    class Sending(models.TextChoices):
        """Of a mail."""

        WAITING = "waiting"
        SENT = "sent"
        REFUSED = "refused"
        NO_ADDRESS = "no-address"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="questions")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    why = models.CharField(max_length=9, choices=State.choices)
    asked_at = models.DateTimeField()
    address = models.EmailField(blank=True)
    language = models.CharField(max_length=2, blank=True)
    to_user = models.BooleanField(default=False)
    """The mail goes to the user; otherwise to an administrator, whose answer confirms nothing."""
    sending = models.CharField(max_length=10, choices=Sending.choices, blank=True)
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    reply = models.CharField(max_length=300, blank=True)
    """What the mail server said last."""
    closed_at = models.DateTimeField(null=True)
    """Nobody needs to answer any more: it was answered here or elsewhere, or the device moved."""
    answer = models.ForeignKey(Place, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "channel", "address"],
                condition=Q(closed_at__isnull=True),
                name="asked_once",
            )
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="question_waiting", condition=Q(sending="waiting")),
            models.Index(fields=["channel", "-asked_at"], name="question_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.channel}"


class Site(CivicFields):
    """An address behind a customer's PBX: of the extensions or numbers that begin like this."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    trunk = models.ForeignKey(Trunk, on_delete=models.CASCADE, related_name="sites")
    prefix = models.CharField(max_length=16)
    """Digits of extensions, or E.164 with +; the longest that fits counts."""
    name = models.CharField(max_length=100)
    evidence = models.CharField(max_length=200, blank=True)
    """Reference of the document that shows the installation there."""

    class Meta:
        ordering = ["prefix"]
        constraints = [models.UniqueConstraint("trunk", "prefix", name="prefix_once_a_trunk")]
