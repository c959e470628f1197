"""Requests of authorities and operators: recorded, answered, and what follows when they are not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.portal.calls.models import Call
from kiestoon.portal.carriers.models import SpecialInterface
from kiestoon.portal.carriers.services import set_special_interface
from kiestoon.portal.compliance.identification import as_dict, identify
from kiestoon.portal.compliance.models import Blocking, IdentityRequest
from kiestoon.portal.numbers.validation import read_e164

MOST_TOLERANCE = timedelta(hours=2)


@transaction.atomic
def record_request(
    by: str,
    *,
    asked_by: str,
    reference: str,
    asked_at: datetime,
    call_id: str = "",
    number: str = "",
    called: str = "",
    moment: datetime | None = None,
    tolerance_seconds: int = 0,
) -> IdentityRequest:
    """A request for the user of a call; its 24 hours run from `asked_at`. ValidationError by field."""
    now = datetime.now(UTC)
    errors: dict[str, object] = {}
    row = IdentityRequest(
        asked_by=asked_by.strip(),
        reference=reference.strip(),
        asked_at=asked_at,
        call_id=call_id.strip(),
        moment=moment,
        tolerance_seconds=tolerance_seconds,
        recorded_at=now,
        recorded_by=by,
    )
    for name, entered in (("number", number), ("called", called)):
        try:
            setattr(row, name, read_e164(entered) if entered.strip() else "")
        except ValidationError as error:
            errors[name] = error
    if asked_at > now:
        errors["asked_at"] = _("Enter when it was asked: not later than now.")
    if moment is not None and moment > now:
        errors["moment"] = _("Enter when the call was made: not later than now.")
    if tolerance_seconds > MOST_TOLERANCE.total_seconds():
        errors["tolerance_seconds"] = _("Enter at most %(most)d seconds.") % {
            "most": MOST_TOLERANCE.total_seconds()
        }
    if not row.call_id and "number" not in errors and (not row.number or moment is None):
        name = "number" if not row.number else "moment"
        errors[name] = _("Name the call: our call number, or the calling number and the moment.")
    if not errors:
        try:
            row.clean_fields()
        except ValidationError as error:
            errors.update(error.message_dict)
    if errors:
        raise ValidationError(errors)
    row.save()
    return row


@transaction.atomic
def answer_request(request_id: int, by: str, *, call: Call | None, note: str) -> IdentityRequest:
    """Record that it was answered now, and keep what our records said of the call; None when no call fits.

    An answer that BIPT found incomplete or wrong may be followed by a better one.
    """
    row = IdentityRequest.objects.select_for_update().get(pk=request_id)
    if row.answered_at is not None and not row.found:
        raise ValidationError(
            _("%(who)s has answered this request already. Nothing was changed.") % {"who": row.answered_by}
        )
    if call is None and not note.strip():
        raise ValidationError({"note": _("Without a call, say what was answered.")})
    row.answered_at = datetime.now(UTC)
    row.answered_by = by
    row.answer = as_dict(identify(call)) if call is not None else None
    row.note = note.strip()
    row.found, row.found_at, row.found_by = IdentityRequest.Found.NOTHING, None, ""
    row.save()
    return row


@transaction.atomic
def judge_answer(request_id: int, by: str, found: str) -> IdentityRequest:
    """Record that BIPT calls the answer incomplete or wrong."""
    row = IdentityRequest.objects.select_for_update().get(pk=request_id)
    if row.answered_at is None:
        raise ValidationError(_("There is no answer yet that could be incomplete or wrong."))
    if found not in (IdentityRequest.Found.INCOMPLETE, IdentityRequest.Found.WRONG):
        raise ValidationError({"found": _("Choose incomplete or wrong.")})
    row.found, row.found_at, row.found_by = found, datetime.now(UTC), by
    row.save()
    return row


@transaction.atomic
def block_numbers(request_id: int, by: str, numbers: Iterable[str]) -> Blocking:
    """Block all calls of the user who was not identified, on every special interface, from the next call on.

    ValidationError while art. 4 §2 does not ask for it, or when there is nothing to block it on.
    """
    row = IdentityRequest.objects.select_for_update().get(pk=request_id)
    now = datetime.now(UTC)
    if not row.must_block(now):
        raise ValidationError(
            _("Calls are blocked when the answer is late, incomplete or wrong; this one is not.")
        )
    try:
        wanted = list(dict.fromkeys(read_e164(number) for number in numbers if number.strip()))
    except ValidationError as error:
        raise ValidationError({"numbers": error}) from error
    if not wanted:
        raise ValidationError({"numbers": _("Enter each number of the user, one a line.")})
    interfaces = list(SpecialInterface.objects.select_related("trunk").select_for_update(of=("self",)))
    if not interfaces:
        raise ValidationError(_("There is no special interface with an agreement to block it on."))
    for interface in interfaces:
        blocked = [*interface.blocked, *(one for one in wanted if one not in interface.blocked)]
        set_special_interface(interface.trunk, blocked=blocked)
    return Blocking.objects.create(
        request=row,
        numbers=wanted,
        trunks=[interface.trunk_id for interface in interfaces],
        why=row.standing(now),
        at=now,
        by=by,
    )


@transaction.atomic
def lift_blocking(blocking_id: int, by: str) -> Blocking:
    """Let the user's calls pass again; numbers that another blocking holds stay blocked."""
    row = Blocking.objects.select_for_update().get(pk=blocking_id)
    if row.lifted_at is not None:
        raise ValidationError(
            _("%(who)s has lifted this already. Nothing was changed.") % {"who": row.lifted_by}
        )
    others = Blocking.objects.filter(lifted_at=None).exclude(pk=row.pk)
    held = {number for other in others for number in other.numbers}
    freed = set(row.numbers) - held
    for interface in SpecialInterface.objects.filter(trunk_id__in=row.trunks).select_related("trunk"):
        set_special_interface(
            interface.trunk, blocked=[number for number in interface.blocked if number not in freed]
        )
    row.lifted_at, row.lifted_by = datetime.now(UTC), by
    row.save()
    return row
