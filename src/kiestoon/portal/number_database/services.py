"""Batches, comparisons, and what customers choose; the only place that changes rows."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from kiestoon.adapters.number_database import (
    Answer,
    BatchRefused,
    DatabaseSilent,
    HttpNumberDatabase,
    NumberDatabase,
    WrongSequence,
)
from kiestoon.domain.number_database.batch import MOST_CHANGES, Header, written
from kiestoon.duties.number_database import Change, changes, differences, is_feed_due
from kiestoon.portal.number_database.models import Batch, Comparison, Difference, Entry, Listing
from kiestoon.portal.number_database.truth import truth
from kiestoon.portal.numbers.models import Number
from kiestoon.vocabulary.log_line import note

RETRIES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""After each try without an answer; the last again and again: a batch is never given up."""
SECRETS: Final = "number-database.json"
"""In the folder of secrets: {"token": …}."""
KEPT: Final = timedelta(days=400)
"""How long batches and comparisons are kept. Ours, to verify with counsel."""
CHANGEABLE: Final = frozenset(
    {
        *("company", "last_name", "first_name", "initials", "directory", "professional_activity"),
        *("activity_consent", "do_not_call", "address_remark"),
    }
)
LOCK: Final = 0x4B54_4E44
"""Advisory lock: batches are made and sent one at a time."""

logger = logging.getLogger(__name__)


def database() -> NumberDatabase | None:
    """The one the operator is connected to (KIESTOON_NUMBER_DATABASE_URL); None when it is to none."""
    if not settings.NUMBER_DATABASE_URL:
        return None
    path = settings.SECRETS / SECRETS
    token = json.loads(path.read_text())["token"] if path.is_file() else ""
    return HttpNumberDatabase(settings.NUMBER_DATABASE_URL, token)


def feed(now: datetime, to: NumberDatabase, *, at_once: bool = False) -> int:
    """Send what waits, then today's changes, in as many batches as they need; returns changes accepted.

    Without an answer the batch waits, and with it all that comes later. `at_once`: today's was made already.
    """
    accepted = 0
    while (batch := _send_waiting(now, to, at_once=at_once)) is not None:
        if batch.state != Batch.State.ANSWERED:
            return accepted
        accepted += batch.accepted
        at_once = at_once or batch.changes == MOST_CHANGES
    last = Batch.objects.aggregate(last=Max("made_at"))["last"]
    if Batch.objects.filter(state=Batch.State.WAITING).exists() or not (at_once or is_feed_due(last, now)):
        return accepted
    told = changes(_accepted(), truth().records)
    for first in range(0, max(1, len(told)), MOST_CHANGES):
        with transaction.atomic():
            _alone()
            batch = _write(told[first : first + MOST_CHANGES], _next_sequence(), now)
            _send(batch, now, to)
        if batch.state != Batch.State.ANSWERED:
            return accepted
        accepted += batch.accepted
    return accepted


@transaction.atomic
def _send_waiting(now: datetime, to: NumberDatabase, *, at_once: bool) -> Batch | None:
    """Send the batch that waits for an answer, when its time has come; None when there is none to send."""
    _alone()
    batch = Batch.objects.filter(state=Batch.State.WAITING).first()
    if batch is None or (batch.next_attempt_at > now and not at_once):
        return None
    _send(batch, now, to)
    return batch


def compare(now: datetime, to: NumberDatabase) -> Comparison:
    """Read all it has and compare it with what it accepted; what differs is sent again with the next feed."""
    try:
        there = {str(row["number"]): row for row in to.records()}
    except DatabaseSilent as silent:
        return Comparison.objects.create(at=now, there=0, differences=0, said=str(silent)[:300])
    with transaction.atomic():
        _alone()
        accepted = _accepted()
        found = differences(accepted, there)
        row = Comparison.objects.create(at=now, there=len(there), differences=len(found))
        Difference.objects.bulk_create(
            Difference(comparison=row, number=one.number, kind=one.kind, fields=list(one.fields))
            for one in found
        )
        for one in found:
            Entry.objects.update_or_create(number=one.number, defaults={"record": there.get(one.number)})
        Batch.objects.filter(made_at__lt=now - KEPT).exclude(state=Batch.State.WAITING).delete()
        Comparison.objects.filter(at__lt=now - KEPT).delete()
    if found:
        note(logger, logging.WARNING, "number-database-differs", count=len(found))
    return row


@transaction.atomic
def change_listing(number: Number, by: str, now: datetime, **fields: Any) -> Listing:
    """What the customer says of a number; in the next feed. ValidationError with one message a field."""
    if unknown := set(fields) - CHANGEABLE:
        raise ValidationError({name: _("This cannot be changed.") for name in unknown})
    row = Listing.objects.filter(number=number).first() or Listing(number=number)
    for name, value in fields.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    errors: dict[str, str] = {}
    if row.last_name and row.company:
        errors["company"] = _("Enter a company or a person, not both.")
    if (row.first_name or row.initials) and not row.last_name:
        errors["last_name"] = _("Enter the last name too.")
    if row.professional_activity and not row.activity_consent:
        errors["activity_consent"] = _("A professional activity is only sent with consent: tick the box.")
    if errors:
        raise ValidationError(errors)
    row.changed_at, row.changed_by = now, by
    row.full_clean(exclude={"number"})
    row.save()
    return row


def _next_sequence() -> int:
    last = Batch.objects.exclude(state=Batch.State.REFUSED).aggregate(last=Max("sequence"))["last"]
    return (last or 0) + 1


def _write(told: list[Change], sequence: int, now: datetime) -> Batch:
    name = uuid4()
    body = written(Header(str(name), sequence, settings.OPERATOR_NAME, now), told).decode()
    return Batch.objects.create(
        batch=name, sequence=sequence, made_at=now, body=body, changes=len(told), next_attempt_at=now
    )


def _send(batch: Batch, now: datetime, to: NumberDatabase) -> None:
    batch.attempts += 1
    batch.tried_at = now
    try:
        answer = to.send(batch.body.encode())
    except DatabaseSilent as silent:
        batch.said = str(silent)[:300]
        batch.next_attempt_at = now + RETRIES[min(batch.attempts, len(RETRIES)) - 1]
        note(logger, logging.WARNING, "number-database-silent", count=batch.attempts)
    except WrongSequence as wrong:
        batch.said, batch.state = str(wrong)[:300], Batch.State.REFUSED
        batch.save()
        _write(_changes_of(batch), wrong.expected, now)
        return
    except BatchRefused as refused:
        batch.said, batch.state = str(refused)[:300], Batch.State.REFUSED
        note(logger, logging.ERROR, "number-database-refused")
    else:
        _keep(batch, answer, now)
    batch.save()


def _keep(batch: Batch, answer: Answer, now: datetime) -> None:
    """Remember what was accepted, and why the rest was not."""
    told = _changes_of(batch)
    names = [change.number for change in told]
    customers = dict(Number.objects.filter(e164__in=names).values_list("e164", "customer_id"))
    errors = {one.number: one for one in answer.refused}
    accepted = [one for one in told if one.number not in errors]
    Entry.objects.filter(number__in=[one.number for one in accepted if one.record is None]).delete()
    Entry.objects.bulk_create(
        (
            Entry(
                number=one.number, customer_id=customers.get(one.number), record=one.record, accepted_at=now
            )
            for one in accepted
            if one.record is not None
        ),
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["customer_id", "record", "accepted_at", "field", "error"],
    )
    Entry.objects.bulk_create(
        (
            Entry(
                number=one.number,
                customer_id=customers.get(one.number),
                refused_at=now,
                field=one.field[:40],
                error=one.error[:300],
            )
            for one in answer.refused
        ),
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["refused_at", "field", "error"],
    )
    batch.state, batch.answered_at, batch.said = Batch.State.ANSWERED, now, ""
    batch.accepted, batch.refused = answer.accepted, len(answer.refused)


def _changes_of(batch: Batch) -> list[Change]:
    """The changes as they are in its body."""
    _, *lines = batch.body.removesuffix("\n").split("\n")
    found = []
    for line in lines:
        told: Mapping[str, Any] = json.loads(line)
        record = told.get("record")
        found.append(Change(told["op"], record["number"] if record else told["number"], record))
    return found


def _accepted() -> dict[str, dict[str, Any]]:
    """What it has, as far as it told us."""
    rows = Entry.objects.filter(record__isnull=False)
    return {entry.number: entry.record for entry in rows if entry.record is not None}


def _alone() -> None:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
