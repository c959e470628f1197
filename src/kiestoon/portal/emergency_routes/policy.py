"""The policy of RD Numbering art. 43: proposed by one person, approved by another, kept for good."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.duties.duty import belgian_day
from kiestoon.portal.emergency_routes.models import PolicyDecision
from kiestoon.portal.emergency_routes.services import By, need_second_person
from kiestoon.portal.publication.services import operator_changed


@transaction.atomic
def propose_policy(
    by: By,
    *,
    policy: str,
    reason: str,
    document: str = "",
    document_date: date | None = None,
    signed_by: str = "",
) -> PolicyDecision:
    """Ask a second person; announce needs the document of the decision. ValidationError by field."""
    now = datetime.now(UTC)
    row = PolicyDecision(
        policy=policy,
        reason=reason.strip(),
        document=document.strip(),
        document_date=document_date,
        signed_by=signed_by.strip(),
        proposed_at=now,
        proposed_by=by.name,
        proposed_by_id=by.person_id,
    )
    errors: dict[str, object] = {}
    if policy == PolicyDecision.Policy.ANNOUNCE:
        wanted = {
            "document": _("Enter the reference of the recorded decision: without it calls are routed."),
            "document_date": _("Enter the day of the decision."),
            "signed_by": _("Enter who took the decision."),
        }
        errors |= {name: words for name, words in wanted.items() if not getattr(row, name)}
    if document_date is not None and document_date > belgian_day(now):
        errors["document_date"] = _("Enter a day that is not in the future.")
    try:
        row.clean_fields(exclude={"decided_at", "proposed_by_id", *errors})
    except ValidationError as error:
        errors |= error.message_dict
    if errors:
        raise ValidationError(errors)
    row.save()
    return row


@transaction.atomic
def approve_policy(row: PolicyDecision, by: By) -> PolicyDecision:
    """By somebody else than who proposed it; in effect on the next call."""
    _need_proposed(row)
    need_second_person(by, [row.proposed_by_id] if row.proposed_by_id is not None else [])
    row.state, row.decided_at, row.decided_by = PolicyDecision.State.APPROVED, datetime.now(UTC), by.name
    row.save()
    operator_changed()
    return row


@transaction.atomic
def refuse_policy(row: PolicyDecision, by: By) -> PolicyDecision:
    """Say no; whoever proposed it may take it back like this too."""
    _need_proposed(row)
    row.state, row.decided_at, row.decided_by = PolicyDecision.State.REFUSED, datetime.now(UTC), by.name
    row.save()
    return row


def _need_proposed(row: PolicyDecision) -> None:
    if row.state != PolicyDecision.State.PROPOSED:
        raise ValidationError(_("This proposal does not wait for a decision (any more)."))
