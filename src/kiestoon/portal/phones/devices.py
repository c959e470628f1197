"""Which devices are registered, and which were refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from kiestoon.portal.calls.models import Refusal
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.store.location import Contact, read_contacts

RECENT = timedelta(days=1)


def devices_of(users: QuerySet[TelephoneUser]) -> list[Contact]:
    """Contacts of these users."""
    contacts = read_contacts(settings.LOCATION, datetime.now(UTC))
    names = {contact.username for contact in contacts}
    known = set(users.filter(username__in=names).values_list("username", flat=True))
    return [contact for contact in contacts if contact.username in known]


def refusals_of(users: QuerySet[TelephoneUser]) -> list[Refusal]:
    """Refused registrations of these users in the last day, newest first."""
    since = datetime.now(UTC) - RECENT
    rows = Refusal.objects.filter(last_at__gte=since, username__in=users.values("username"))
    return list(rows.order_by("-last_at")[:500])
