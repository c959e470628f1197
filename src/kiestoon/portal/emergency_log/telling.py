"""At once after an on-site emergency call begins: an alert, mails, and the customer's own programs.

Nothing here is asked of a call to a helpline: ingest writes none of them into the outbox.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from kiestoon.adapters.mail import Mail, MailRefused, MailUnavailable
from kiestoon.belgium.numbering import as_written
from kiestoon.domain.emergency.spared import spared_classes
from kiestoon.portal.calls.models import Call
from kiestoon.portal.emergency_log.caller import Caller, caller_of
from kiestoon.portal.emergency_log.models import Begun, Contact, Reception, Told
from kiestoon.portal.health.services import raise_alert
from kiestoon.portal.mail import mail, message_to
from kiestoon.portal.webhooks.models import Endpoint, EventType
from kiestoon.portal.webhooks.services import add_delivery

KIND: Final = "emergency-call"
"""Of the alert; docs/runbooks has its page."""
RETRY: Final = timedelta(seconds=30)
TOO_LATE: Final = timedelta(hours=4)
"""After that long a mail about a call helps nobody; the alert and the log remain."""
OPERATOR_LANGUAGE: Final = "en"


def tell(now: datetime) -> int:
    """Tell of every call in the outbox that nobody was told of; returns how many."""
    waiting = Begun.objects.filter(told_at=None).order_by("begun_at")
    return sum(_tell_of(call_id, now) for call_id in list(waiting.values_list("call_id", flat=True)))


@transaction.atomic
def _tell_of(call_id: str, now: datetime) -> bool:
    row = Begun.objects.select_for_update().get(pk=call_id)
    if row.told_at is not None:
        return False
    call = Call.objects.filter(pk=call_id).first()
    if call is not None and call.emergency_class in spared_classes("alerts"):
        return False
    row.told_at = now
    row.save()
    raise_alert(KIND, call_id, row.begun_at, now)
    if call is None:  # set aside by ingest: the alert alone can tell
        return True
    caller = caller_of(call)
    contact = Contact.objects.first()
    for address in contact.addresses if contact else ():
        _add(call, Told.To.OPERATOR, address, now)
    reception = Reception.objects.filter(customer=caller.customer, enabled=True).first()
    if caller.customer is not None and reception is not None:
        for address in reception.addresses:
            _add(call, Told.To.RECEPTION, address, now)
        _tell_programs(call, caller)
    return True


def send_waiting(now: datetime, by: Mail | None = None) -> int:
    """Send the mails that wait; returns how many were taken."""
    due = Told.objects.filter(state=Told.State.WAITING, next_attempt_at__lte=now)
    return sum(_send(pk, now, by) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _send(pk: int, now: datetime, by: Mail | None) -> bool:
    row = Told.objects.select_for_update(skip_locked=True).filter(pk=pk, state=Told.State.WAITING).first()
    if row is None:
        return False
    call = Call.objects.get(pk=row.call_id)
    subject, text = letter(call, Told.To(row.to))
    row.attempts += 1
    try:
        row.reply = (by or mail()).send(message_to(row.address, subject, text))[:300]
        row.state, row.sent_at, row.next_attempt_at = Told.State.SENT, now, None
    except MailRefused as refused:
        row.state, row.reply, row.next_attempt_at = Told.State.REFUSED, refused.reply[:300], None
    except MailUnavailable as away:
        late = now - row.made_at > TOO_LATE
        row.state = Told.State.TOO_LATE if late else Told.State.WAITING
        row.reply, row.next_attempt_at = away.reply[:300], None if late else now + RETRY
    row.save()
    return row.state == Told.State.SENT


def letter(call: Call, to: Told.To) -> tuple[str, str]:
    """Subject and text: who, which extension, where; the subject names nobody."""
    caller = caller_of(call)
    language = caller.customer.language if to == Told.To.RECEPTION and caller.customer else OPERATOR_LANGUAGE
    with translation.override(language):
        at = localtime(call.started_at).strftime("%d/%m/%Y %H:%M:%S")
        number = as_written(call.cli or call.from_number or "")
        facts = [
            (_("Called"), call.dialled),
            (_("At"), at),
            (_("Customer"), caller.customer.name if caller.customer and to == Told.To.OPERATOR else ""),
            (_("Who"), caller.who),
            (_("Extension"), caller.extension),
            (_("Number"), number),
            (_("Address"), str(caller.address or "")),
            (_("Floor, room or box"), caller.place),
        ]
        lines = [f"{name}: {value}" for name, value in facts if value]
        if to == Told.To.OPERATOR:
            lines += ["", f"{settings.PORTAL_URL}/emergency-calls/"]
        else:
            lines += ["", _("You asked to be told when somebody of your company calls emergency services.")]
        return _("Emergency call to %(number)s at %(time)s") % {
            "number": call.dialled,
            "time": localtime(call.started_at).strftime("%H:%M"),
        }, "\n".join(lines) + "\n"


def _tell_programs(call: Call, caller: Caller) -> None:
    """Webhooks of the customer that ask for it; never the operator's, never another's."""
    endpoints = Endpoint.objects.filter(
        customer=caller.customer, active=True, events__contains=[EventType.EMERGENCY_CALL]
    )
    for endpoint in endpoints:
        told = {
            "call_id": call.call_id,
            "dialled": call.dialled,
            "started_at": call.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "number": call.cli or call.from_number,
            "user": caller.who or None,
            "extension": caller.extension or None,
            "address": str(caller.address) if caller.address else None,
            "place": caller.place or None,
        }
        add_delivery(endpoint, EventType.EMERGENCY_CALL, call.call_id, call.started_at, told)


def _add(call: Call, to: Told.To, address: str, now: datetime) -> None:
    Told.objects.get_or_create(
        call_id=call.call_id,
        to=to,
        address=address,
        defaults={"customer_id": call.customer_id, "made_at": now, "next_attempt_at": now},
    )
