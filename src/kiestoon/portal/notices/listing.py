"""Which nomadic users must be told, by when, and by whom they can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from kiestoon.duties.emergency_notice import due_at
from kiestoon.portal.notices.models import Acceptance, Delivery
from kiestoon.portal.people.models import Person, Role
from kiestoon.portal.phones.models import TelephoneUser


@dataclass(frozen=True)
class Told:
    """A nomadic user, and when last told: by signing, or individually; None: never."""

    user: TelephoneUser
    last: datetime | None

    @property
    def due_at(self) -> datetime | None:
        return due_at(self.last) if self.last is not None else None


@dataclass(frozen=True)
class Late:
    """A user who was not told in time, and why as far as is known."""

    user: TelephoneUser
    due_at: datetime | None
    why: str


def nomadic_users() -> Iterator[Told]:
    """Every telephone user with a nomadic service, suspended ones too: they can still call 112."""
    signed = dict(Acceptance.objects.order_by().values_list("customer_id").annotate(last=Max("accepted_at")))
    sent = Delivery.objects.filter(state=Delivery.State.SENT).order_by()
    told = dict(sent.values_list("username").annotate(last=Max("sent_at")))
    users = TelephoneUser.objects.filter(nomadic=True).select_related("customer")
    for user in users.order_by("customer__name", "customer_id", "extension").iterator():
        moments = [at for at in (signed.get(user.customer_id), told.get(user.username)) if at is not None]
        yield Told(user, max(moments, default=None))


def not_reached(now: datetime) -> list[Late]:
    """Those whose day has passed."""
    found = [told for told in nomadic_users() if told.due_at is None or told.due_at < now]
    names = [told.user.username for told in found]
    newest = Delivery.objects.filter(username__in=names).order_by("username", "-made_at", "-pk")
    last = {row.username: row for row in newest.distinct("username")}
    return [Late(told.user, told.due_at, _why(last.get(told.user.username))) for told in found]


def recipients(user: TelephoneUser) -> list[tuple[str, Person | None]]:
    """(to, person) for a notice about this user: the user's own persons, else the customer's administrators.

    `to` is a Delivery.To; nobody with a mail address: [(NOBODY, None)].
    """
    people = Person.objects.filter(is_active=True, customer_id=user.customer_id).exclude(email="")
    own = list(people.filter(telephone_user=user).order_by("pk"))
    if own:
        return [(Delivery.To.USER, person) for person in own]
    admins = list(people.filter(role=Role.CUSTOMER_ADMIN).order_by("pk"))
    return [(Delivery.To.ADMIN, person) for person in admins] or [(Delivery.To.NOBODY, None)]


def _why(row: Delivery | None) -> str:
    if row is None:
        return _("No notice was made yet: do the jobs run?")
    return {
        Delivery.State.NO_ADDRESS: _("Neither the user nor an administrator has a mail address"),
        Delivery.State.REFUSED: _("The mail server refused the address"),
        Delivery.State.CAME_BACK: _("The mail came back"),
        Delivery.State.WAITING: _("The mail server does not answer yet"),
    }.get(Delivery.State(row.state), _("The last notice was sent too long ago"))
