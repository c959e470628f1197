"""What people do with calls: make masked numbers readable, which is recorded."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.calls.models import Call, CallNumberShown
from kiestoon.portal.people.access import access_of_person
from kiestoon.portal.people.models import Person

SHOWN_FOR = timedelta(minutes=15)
"""How long numbers stay readable to the person who asked; after that they ask, and are recorded, again."""


@transaction.atomic
def show_numbers(call: Call, person: Person, now: datetime) -> None:
    """Record that `person` reads the numbers of a call. ValidationError for who sees no calls."""
    if not access_of_person(person).may("calls:read"):
        raise ValidationError(_("Your role may not see calls."))
    CallNumberShown.objects.create(call_id=call.call_id, person=person, shown_at=now)


def numbers_are_shown(call: Call, person: Person, now: datetime) -> bool:
    """Whether this person asked for the numbers of this call within the last `SHOWN_FOR`."""
    recent = CallNumberShown.objects.filter(call_id=call.call_id, person=person)
    return recent.filter(shown_at__gt=now - SHOWN_FOR).exists()
