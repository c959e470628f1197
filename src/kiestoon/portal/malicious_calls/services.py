"""Marking a call, handing over, closing; the only place that changes rows."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.duties.malicious_calls import may_be_marked
from kiestoon.portal.calls.models import Call
from kiestoon.portal.compliance.identification import as_dict, identify
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.malicious_calls.models import Case, Handover


def can_mark(call: Call, customer_id: int | None, now: datetime) -> bool:
    """Whether this customer received the call, and its data are still kept."""
    is_received = customer_id is not None and call.called_customer_id == customer_id
    return may_be_marked(call.started_at, now, is_received=is_received)


@transaction.atomic
def mark(call: Call, customer: Customer, *, note: str, by: str, user_id: int | None, now: datetime) -> Case:
    """A case for a call the customer received. ValidationError when it cannot be, or is marked already."""
    if not can_mark(call, customer.pk, now):
        raise ValidationError(_("Only a call that came in during the last twelve months can be marked."))
    if Case.objects.filter(call_id=call.call_id).exists():
        raise ValidationError(_("This call is marked already. Nothing was changed."))
    case = Case(
        call_id=call.call_id,
        begun_at=call.started_at,
        called=call.to_number or call.dialled[:16],
        customer_id=customer.pk,
        customer_name=customer.name,
        user_id=user_id,
        note=note.strip(),
        marked_at=now,
        marked_by=by,
    )
    case.full_clean(exclude={"user_id", "closed_at"})
    case.save(force_insert=True)
    return case


@transaction.atomic
def hand_over(case_id: int, *, to_whom: str, reference: str, what: str, by: str, now: datetime) -> Handover:
    """Record that an authority was given what our records say of the call; a copy is kept.

    ValidationError when the case is closed, or the call's record is gone.
    """
    case = _open_case(case_id)
    call = Call.objects.filter(pk=case.call_id).first()
    if call is None:
        raise ValidationError(_("The record of this call is no longer kept: there is nothing to hand over."))
    errors = {
        name: _("Enter this.")
        for name, text in {"to_whom": to_whom, "reference": reference, "what": what}.items()
        if not text.strip()
    }
    if errors:
        raise ValidationError(errors)
    case.state = Case.State.HANDED_OVER
    case.save()
    return Handover.objects.create(
        case=case,
        to_whom=to_whom.strip(),
        reference=reference.strip(),
        what=what.strip(),
        records=as_dict(identify(call)),
        handed_at=now,
        by=by,
    )


@transaction.atomic
def examine(case_id: int) -> Case:
    """Somebody of ours looks at it."""
    case = _open_case(case_id)
    if case.state == Case.State.MARKED:
        case.state = Case.State.EXAMINED
        case.save()
    return case


@transaction.atomic
def close(case_id: int, *, outcome: str, by: str, now: datetime) -> Case:
    """The case is over, and how it ended."""
    case = _open_case(case_id)
    if not outcome.strip():
        raise ValidationError({"outcome": _("Say how it ended.")})
    case.state, case.outcome = Case.State.CLOSED, outcome.strip()
    case.closed_at, case.closed_by = now, by
    case.save()
    return case


def _open_case(case_id: int) -> Case:
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.state == Case.State.CLOSED:
        raise ValidationError(_("This case is closed. Nothing was changed."))
    return case
