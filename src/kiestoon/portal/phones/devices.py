"""Which devices are registered, which were refused and why, and taking one off."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kiestoon.adapters.edge_rpc import EdgeRefused, EdgeUnavailable
from kiestoon.adapters.registrar import EdgeRegistrar, Registrar
from kiestoon.portal.calls.models import Refusal, SecurityEvent
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.store.location import Contact, read_contacts
from kiestoon.vocabulary.configuration import MAX_DEVICES

RECENT = timedelta(days=1)
MOST = 50
WRONG_PASSWORD = "wrong-password"


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


def contacts_by_user(usernames: Collection[str]) -> dict[str, list[Contact]]:
    """Registered contacts of these users."""
    found: dict[str, list[Contact]] = {}
    for contact in read_contacts(settings.LOCATION, datetime.now(UTC), usernames):
        found.setdefault(contact.username, []).append(contact)
    return found


@dataclass(frozen=True)
class Refused:
    """A device that was refused: `why` in the reader's language, or "" and the edge's English words."""

    username: str
    source: str
    why: str
    why_in_english: str
    user_agent: str
    last_at: datetime
    count: int


def refused_devices(usernames: Collection[str], *, passwords: bool) -> list[Refused]:
    """Refused registrations of these users in the last day, newest first.

    `passwords`: wrong passwords too. Anybody on the internet can try one under a user's name, so only the
    operator sees them.
    """
    since = datetime.now(UTC) - RECENT
    rows = Refusal.objects.filter(last_at__gte=since, username__in=usernames).order_by("-last_at")[:MOST]
    found = [
        Refused(
            row.username,
            row.source,
            refusal_words(row.result),
            row.why,
            row.user_agent,
            row.last_at,
            row.count,
        )
        for row in rows
    ]
    if passwords:
        events = SecurityEvent.objects.filter(
            last_at__gte=since, username__in=usernames, what=WRONG_PASSWORD
        ).order_by("-last_at")[:MOST]
        found += [
            Refused(row.username, row.source, refusal_words(row.what), row.what, "", row.last_at, row.count)
            for row in events
        ]
    return sorted(found, key=lambda one: one.last_at, reverse=True)[:MOST]


def refusal_words(result: str) -> str:
    """What the edge's result of a registration means and what helps; "" for one this page does not know."""
    words = {
        "too-many-devices": _("%(most)d devices are registered already: switch one off first.")
        % {"most": MAX_DEVICES},
        "not-own-user": _("The device asked for another user than the one it signs in as."),
        "bad-contact": _("The device's own address cannot be read: look at its network settings."),
        WRONG_PASSWORD: _("Wrong password: enter it again, or make a new one."),
    }
    return words.get(result, "")


def registrar() -> Registrar:
    """The edge's registrar."""
    return EdgeRegistrar(settings.EDGE_RPC)


def switch_off(username: str) -> bool:
    """Take all devices of a user off; False when the edge does not answer: they stay until they expire."""
    try:
        registrar().remove_all(username)
    except (EdgeUnavailable, EdgeRefused):
        return False
    return True
