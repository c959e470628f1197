"""Who wishes to be told of emergency calls, and who was. The calls themselves are CDRs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kiestoon.portal.customers.models import Customer


class Contact(models.Model):
    """One row: the operator's own people who are told at once."""

    one = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    addresses = ArrayField(models.EmailField(), default=list, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=1), name="one_emergency_contact")]

    def __str__(self) -> str:
        return ", ".join(self.addresses)


class Reception(models.Model):
    """A customer that wishes to know who of its people called for help; without a row it does not."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    enabled = models.BooleanField(default=False)
    addresses = ArrayField(models.EmailField(), default=list, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.enabled}"


class Begun(models.Model):
    """The outbox: written by ingest in the transaction of the CDR; kept, as it says when it was told."""

    call_id = models.TextField(primary_key=True, db_collation="C")
    begun_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["begun_at"], name="begun_untold", condition=Q(told_at=None))]

    def __str__(self) -> str:
        return self.call_id


class Told(models.Model):
    """One mail about one call to one address."""

    class To(models.TextChoices):
        OPERATOR = "operator"
        RECEPTION = "reception"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        REFUSED = "refused"
        TOO_LATE = "too-late"
        """Not taken within hours: nobody is helped by it any more."""

    call_id = models.TextField(db_collation="C")
    to = models.CharField(max_length=9, choices=To.choices)
    address = models.EmailField()
    customer_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    reply = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [models.UniqueConstraint(fields=["call_id", "to", "address"], name="told_once")]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="told_waiting", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.to} {self.state}"
