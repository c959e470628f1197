"""Individual notices: made when a quarter has nearly passed, sent by mail, each with its fate as evidence."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from kiestoon.adapters.mail import Mail, MailRefused, MailUnavailable
from kiestoon.duties.emergency_notice import is_time_to_send
from kiestoon.portal.mail import mail, message_to
from kiestoon.portal.notices.listing import Told, nomadic_users, recipients
from kiestoon.portal.notices.models import Delivery, Round
from kiestoon.portal.notices.texts import notice_in_force, notice_of

RETRIES: Final = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
"""After each try the mail server could not take; the last again and again: a notice is never given up."""
REFUSED_AGAIN: Final = timedelta(days=30)
"""A refused address is tried anew after this long: mailboxes come back."""
LOCK = 0x4B54_4E4F
"""Advisory lock: two rounds at once would make the same notices."""


def make_due(now: datetime) -> int:
    """Make the notices that are due; returns how many. Doing it again makes none twice."""
    made = 0
    notice = notice_in_force(now)
    with transaction.atomic():
        _alone()
        open_ones = set(
            Delivery.objects.filter(state=Delivery.State.WAITING).values_list("username", flat=True)
        )
        for told in nomadic_users():
            if told.user.username in open_ones or not (told.last is None or is_time_to_send(told.last, now)):
                continue
            due = told.due_at or _first_due(told, now)
            for to, person in recipients(told.user):
                language = (person.language if person else "") or told.user.customer.language
                address = person.email if person else ""
                _, is_new = Delivery.objects.get_or_create(
                    username=told.user.username,
                    due_at=due,
                    address=address,
                    defaults={
                        "customer_id": told.user.customer_id,
                        "user_name": told.user.name,
                        "version": notice.version,
                        "language": language,
                        "sha256": notice.text(language).sha256,
                        "to": to,
                        "state": Delivery.State.WAITING if person else Delivery.State.NO_ADDRESS,
                        "made_at": now,
                        "next_attempt_at": now if person else None,
                    },
                )
                made += is_new
        stale = Q(state=Delivery.State.REFUSED, tried_at__lt=now - REFUSED_AGAIN, due_at__gt=now)
        Delivery.objects.filter(stale).update(state=Delivery.State.WAITING, next_attempt_at=now)
        Round.objects.update_or_create(one=1, defaults={"at": now})
    return made


def send_waiting(now: datetime, by: Mail | None = None) -> int:
    """Send what waits, one mail for each address; returns how many mails the server took."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_attempt_at__lte=now)
    letters: dict[tuple[str, str, int, str], list[int]] = defaultdict(list)
    for row in due.order_by("user_name", "pk"):
        letters[row.address, row.language, row.version, row.to].append(row.pk)
    return sum(_send(pks, now, by) for pks in letters.values())


@transaction.atomic
def _send(pks: list[int], now: datetime, by: Mail | None) -> bool:
    """One mail; the rows are locked while it is sent, so that nobody sends it twice."""
    waiting = Delivery.objects.select_for_update(skip_locked=True).filter(
        pk__in=pks, state=Delivery.State.WAITING
    )
    rows = list(waiting.order_by("user_name", "pk"))
    if not rows:
        return False
    subject, text = letter(rows)
    message = message_to(rows[0].address, subject, text)
    fields: dict[str, object] = {"tried_at": now, "attempts": rows[0].attempts + 1}
    try:
        reply = (by or mail()).send(message)
    except MailRefused as refused:
        fields |= {"state": Delivery.State.REFUSED, "reply": refused.reply[:300], "next_attempt_at": None}
    except MailUnavailable as away:
        wait = RETRIES[min(rows[0].attempts, len(RETRIES) - 1)]
        fields |= {"reply": away.reply[:300], "next_attempt_at": now + wait}
    else:
        fields |= {
            "state": Delivery.State.SENT,
            "reply": reply[:300],
            "sent_at": now,
            "next_attempt_at": None,
            "message_id": str(message["Message-ID"])[:200],
        }
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    return fields.get("state") == Delivery.State.SENT


def letter(rows: list[Delivery]) -> tuple[str, str]:
    """Subject and text of one mail, in its language; to an administrator the users are listed by name."""
    notice = notice_of(rows[0].version)
    assert notice is not None, "a delivery names a version that is there"
    text = notice.text(rows[0].language)
    names = ", ".join(dict.fromkeys(row.user_name for row in rows))
    with translation.override(rows[0].language):
        if rows[0].to == Delivery.To.USER:
            about = _("You use your telephone away from the office too. Read this again, four times a year.")
        else:
            about = _(
                "These users telephone away from the office too, and we have no mail address of theirs. "
                "Give them this to read: %(names)s."
            ) % {"names": names}
    return text.title, f"{about}\n\n{text.plain}\n"


def _first_due(told: Told, now: datetime) -> datetime:
    """Of somebody who was never told: the moment it was first tried, so that each try is the same notice."""
    first = Delivery.objects.filter(username=told.user.username).order_by("due_at").first()
    return first.due_at if first is not None else now


def _alone() -> None:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
