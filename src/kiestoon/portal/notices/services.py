"""Accepting the notice, and what becomes of individual ones; the only place that writes this evidence."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kiestoon.duties.emergency_notice import may_activate
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.notices.models import Acceptance, Delivery
from kiestoon.portal.notices.texts import LANGUAGES, notice_in_force


def has_accepted(customer: Customer, now: datetime | None = None) -> bool:
    """Whether the customer accepted the version in force."""
    accepted = Acceptance.objects.filter(customer_id=customer.pk).values_list("version", flat=True)
    return may_activate(notice_in_force(now or datetime.now(UTC)).version, set(accepted))


@transaction.atomic
def accept_notice(
    customer: Customer,
    *,
    version: int,
    language: str,
    by: str,
    how: str = Acceptance.How.PORTAL,
    person_id: int | None = None,
    document: str = "",
    now: datetime | None = None,
) -> Acceptance:
    """Record that the customer accepted the version in force, as it was read in this language.

    ValidationError with one message a field: another version than the one in force, nobody who signed, or a
    signed document without saying where it is kept.
    """
    at = now or datetime.now(UTC)
    notice = notice_in_force(at)
    errors: dict[str, str] = {}
    if version != notice.version:
        errors["version"] = _("Version %(version)d is in force: read it, then accept it.") % {
            "version": notice.version
        }
    if language not in LANGUAGES:
        errors["language"] = _("Choose the language it was read in.")
    if not by.strip():
        errors["by"] = _("Enter the name of who accepted it.")
    if how == Acceptance.How.DOCUMENT and not document.strip():
        errors["document"] = _("Enter where the signed document is kept.")
    if errors:
        raise ValidationError(errors)
    row = Acceptance(
        customer_id=customer.pk,
        customer_name=customer.name,
        version=version,
        language=language,
        sha256=notice.text(language).sha256,
        accepted_at=at,
        how=how,
        by=by.strip(),
        person_id=person_id,
        document=document.strip(),
    )
    row.full_clean(exclude={"person_id"})
    row.save(force_insert=True)
    return row


@transaction.atomic
def record_came_back(delivery_id: int, by: str, now: datetime) -> Delivery:
    """The mail came back after all: the user was not reached. ValidationError when it was never sent."""
    row = Delivery.objects.select_for_update().get(pk=delivery_id)
    if row.state != Delivery.State.SENT:
        raise ValidationError(_("Only a notice that was sent can come back. Nothing was changed."))
    row.state, row.came_back_at, row.came_back_by = Delivery.State.CAME_BACK, now, by
    row.save()
    return row
