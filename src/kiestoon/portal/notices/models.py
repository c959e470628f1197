"""Evidence: who accepted the notice, and what became of each individual one. No foreign keys: it survives."""

from __future__ import annotations

from django.db import models

from kiestoon.portal.customers.models import Language


class Acceptance(models.Model):
    """A customer accepted one version; a trigger refuses to change or delete it."""

    class How(models.TextChoices):
        PORTAL = "portal"
        API = "api"
        DOCUMENT = "document"
        """Signed on paper or elsewhere; `document` says where that is kept."""

    customer_id = models.BigIntegerField()
    customer_name = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=2, choices=Language.choices)
    sha256 = models.CharField(max_length=64)
    """Of the text that was read (texts.Text.sha256)."""
    accepted_at = models.DateTimeField()
    how = models.CharField(max_length=10, choices=How.choices)
    by = models.CharField(max_length=150)
    """Who signed, by name; of a document, whoever recorded it is in the audit trail."""
    person_id = models.BigIntegerField(null=True)
    document = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-accepted_at", "-id"]
        indexes = [models.Index(fields=["customer_id", "version"], name="acceptance_of_customer")]

    def __str__(self) -> str:
        return f"{self.customer_name}: {self.version}"


class Delivery(models.Model):
    """One individual notice about one nomadic user, to one address (RD Numbering art. 43)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        """The mail server of the address took it."""
        REFUSED = "refused"
        """It said for good that it will not."""
        NO_ADDRESS = "no-address"
        """Neither the user nor an administrator of the customer has a mail address."""
        CAME_BACK = "came-back"
        """Taken, and returned later; recorded by hand."""

    class To(models.TextChoices):
        USER = "user"
        ADMIN = "admin"
        NOBODY = "nobody"

    customer_id = models.BigIntegerField()
    username = models.CharField(max_length=64)
    user_name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=2, choices=Language.choices)
    sha256 = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    """By when the user must have been told."""
    to = models.CharField(max_length=6, choices=To.choices)
    address = models.EmailField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    reply = models.CharField(max_length=300, blank=True)
    """What the mail server said last."""
    message_id = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    came_back_by = models.CharField(max_length=150, blank=True)
    came_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["username", "due_at", "address"], name="one_notice_an_address")
        ]
        indexes = [
            models.Index(fields=["username", "-sent_at"], name="notice_of_user"),
            models.Index(
                fields=["next_attempt_at"], name="notice_waiting", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.state}"


class Round(models.Model):
    """One row: when it was last looked whom to tell."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(one=1), name="one_round_of_notices")]

    def __str__(self) -> str:
        return self.at.isoformat()
