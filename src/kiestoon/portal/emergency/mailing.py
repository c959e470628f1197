"""The question by mail: a link that says which device, is signed, and ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kiestoon.adapters.mail import Mail, MailRefused, MailUnavailable
from kiestoon.portal.emergency.models import LocationQuestion
from kiestoon.portal.mail import mail, message_to

LINK_LIFETIME = timedelta(days=7)
RETRIES: Final = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
"""After each try the mail server could not take; the last again, until nobody needs to answer."""
_SALT = "kiestoon.emergency.where"

Sending = LocationQuestion.Sending


def link_token(question: LocationQuestion) -> str:
    """For the address of the link: numbers of rows, signed; it tells nothing about anybody."""
    return signing.dumps([question.pk, question.customer_id], salt=_SALT)


def read_token(token: str) -> tuple[int, int] | None:
    """(question, customer) of a link of ours that has not ended; None otherwise."""
    try:
        question, customer = signing.loads(token, salt=_SALT, max_age=LINK_LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(question), int(customer)


def send_waiting(now: datetime, by: Mail | None = None) -> int:
    """Send what waits; returns how many mails the server took."""
    waiting = LocationQuestion.objects.filter(sending=Sending.WAITING, next_attempt_at__lte=now)
    pks = list(waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:500])
    return sum(_send(pk, now, by) for pk in pks)


@transaction.atomic
def _send(pk: int, now: datetime, by: Mail | None) -> bool:
    """The row is locked while its mail is sent: nobody sends it twice."""
    waiting = LocationQuestion.objects.select_for_update(skip_locked=True, of=("self",))
    row = (
        waiting.filter(pk=pk, sending=Sending.WAITING, closed_at=None).select_related("device__user").first()
    )
    if row is None:
        return False
    subject, text = letter(row)
    row.attempts += 1
    try:
        row.reply = (by or mail()).send(message_to(row.address, subject, text))[:300]
    except MailRefused as refused:
        row.sending, row.reply, row.next_attempt_at = Sending.REFUSED, refused.reply[:300], None
    except MailUnavailable as away:
        row.reply = away.reply[:300]
        row.next_attempt_at = now + RETRIES[min(row.attempts, len(RETRIES)) - 1]
    else:
        row.sending, row.sent_at, row.next_attempt_at = Sending.SENT, now, None
    row.save()
    return row.sending == Sending.SENT


def letter(question: LocationQuestion) -> tuple[str, str]:
    """Subject and text, in the reader's language."""
    user = question.device.user
    with translation.override(question.language):
        link = settings.PORTAL_URL + reverse("where_now", args=[link_token(question)])
        if question.to_user:
            about = _("Your phone is in another network. Where is it now?")
        else:
            about = _("The phone of %(name)s is in another network. Where is it now?") % {"name": user.name}
        device = question.device.user_agent or _("a device without a name")
        parts = (
            about,
            _("Device: %(device)s, extension %(extension)s.")
            % {"device": device, "extension": user.extension},
            _("If 112 is called from it, emergency services are told this address. Answer here:"),
            link,
            _("The link works for %(days)d days. Calls, also to 112, go on as ever.")
            % {"days": LINK_LIFETIME.days},
        )
        return _("Where is your phone now?"), "\n\n".join(parts) + "\n"
