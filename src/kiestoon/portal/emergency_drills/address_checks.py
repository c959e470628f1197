"""What users said when they heard their emergency address read back (*55), from the records of the calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kiestoon.domain.routing.announcing import CHECK_ADDRESS
from kiestoon.portal.calls.models import Call
from kiestoon.portal.emergency_drills.models import AddressCheck

BACK = timedelta(days=2)
"""How long after the call its record may come."""
EVENT = "address-check"


def take_over_checks(now: datetime) -> int:
    """Every check of the last days that is not kept yet; returns how many were new."""
    calls = Call.objects.filter(
        to_number=CHECK_ADDRESS,
        started_at__gte=now - BACK,
        username__isnull=False,
        events__contains=[{"e": EVENT}],
    ).exclude(pk__in=AddressCheck.objects.filter(at__gte=now - BACK).values("call_id"))
    rows = []
    for call in calls.only("call_id", "started_at", "username", "customer_id", "events"):
        if call.username is None or call.customer_id is None:
            continue
        said = [event.get("result") for event in call.events if event.get("e") == EVENT]
        result = said[-1] if said and said[-1] in AddressCheck.Result.values else AddressCheck.Result.NONE
        rows.append(
            AddressCheck(
                call_id=call.call_id,
                at=call.started_at,
                customer_id=call.customer_id,
                username=call.username,
                result=result,
            )
        )
    AddressCheck.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def open_questions(rows: QuerySet[AddressCheck]) -> QuerySet[AddressCheck]:
    """Addresses called wrong that nobody has looked after, the oldest first."""
    return rows.filter(result=AddressCheck.Result.WRONG, answered_at=None).order_by("at")


@transaction.atomic
def answer_question(check: AddressCheck, by: str) -> AddressCheck:
    """Somebody has seen to it that the address is right. ValidationError when it is no open question."""
    if check.result != AddressCheck.Result.WRONG or check.answered_at is not None:
        raise ValidationError(_("This question is answered already."))
    check.answered_at, check.answered_by = datetime.now(UTC), by[:150]
    check.save()
    return check
