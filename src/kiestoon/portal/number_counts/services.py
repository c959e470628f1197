"""Counting, and recording what the law and others said; the only place that changes rows."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import call_type
from kiestoon.duties.duty import belgian_day
from kiestoon.duties.redundant_access import counted_on, is_count_due
from kiestoon.portal.number_counts.models import Agreement, Count, NationalTotal, Notice, Report
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.phones.models import TelephoneUser


@transaction.atomic
def take_count(now: datetime) -> Count | None:
    """This year's count when 1 September has begun and it was not taken yet; else None.

    Later than that day it is taken all the same, and says when: numbers of the past are known to nobody yet.
    """
    year = belgian_day(now).year
    if not is_count_due(year, now) or Count.objects.filter(year=year).exists():
        return None
    kinds: Counter[str] = Counter()
    ported = 0
    for e164, is_ported in Number.objects.values_list("e164", "ported_in").iterator():
        kinds[call_type(e164) or "other"] += 1
        ported += is_ported
    return Count.objects.create(
        year=year,
        taken_at=now,
        numbers=kinds.total(),
        by_kind=dict(sorted(kinds.items())),
        ported_in=ported,
        active_users=TelephoneUser.objects.filter(suspended=False, customer__suspended=False).count(),
    )


@transaction.atomic
def record_report(year: int, *, reported_on: date, reference: str, by: str, now: datetime) -> Report:
    """The count of this year went to BIPT. ValidationError before it was counted, twice, or in the future."""
    count = Count.objects.filter(year=year).first()
    if count is None:
        raise ValidationError({"year": _("The numbers of %(year)d were not counted.") % {"year": year}})
    if Report.objects.filter(year=year).exists():
        raise ValidationError({"year": _("The report of %(year)d is recorded already.") % {"year": year}})
    if not counted_on(year) <= reported_on <= belgian_day(now):
        raise ValidationError(
            {"reported_on": _("Enter a day from 1 September %(year)d until today.") % {"year": year}}
        )
    return Report.objects.create(
        year=year,
        reported_on=reported_on,
        reference=_given("reference", reference),
        numbers=count.numbers,
        recorded_at=now,
        recorded_by=by,
    )


@transaction.atomic
def set_total(
    year: int, *, numbers: int, origin: str, confirmed: bool, by: str, now: datetime
) -> NationalTotal:
    """The national total of a year, with where it is from; entered again it replaces what was there."""
    if numbers < 1:
        raise ValidationError({"numbers": _("Enter a number of 1 or more.")})
    if not 2000 <= year <= belgian_day(now).year:
        raise ValidationError({"year": _("Enter the year of the count.")})
    row, _made = NationalTotal.objects.update_or_create(
        year=year,
        defaults={
            "numbers": numbers,
            "origin": _given("origin", origin),
            "confirmed": confirmed,
            "recorded_at": now,
            "recorded_by": by,
        },
    )
    return row


@transaction.atomic
def record_agreement(
    *, partner: str, document: str, since: date, until: date | None, by: str, now: datetime
) -> Agreement:
    """With an operator whose redundant system our calls benefit from."""
    if until is not None and until <= since:
        raise ValidationError({"until": _("It must end after it begins.")})
    return Agreement.objects.create(
        partner=_given("partner", partner),
        document=_given("document", document),
        since=since,
        until=until,
        recorded_at=now,
        recorded_by=by,
    )


@transaction.atomic
def record_notice(*, received_on: date, reference: str, by: str, now: datetime) -> Notice:
    """BIPT told that the full duty applies."""
    if received_on > belgian_day(now):
        raise ValidationError({"received_on": _("Enter a day until today.")})
    return Notice.objects.create(
        received_on=received_on, reference=_given("reference", reference), recorded_at=now, recorded_by=by
    )


def _given(field: str, text: str) -> str:
    if not text.strip():
        raise ValidationError({field: _("Enter where it is kept, or who said it.")})
    return text.strip()
