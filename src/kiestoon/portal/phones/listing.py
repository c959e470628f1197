"""Lists of telephone users, with what each page says of them; a fixed number of queries for a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kiestoon.belgium.numbering import as_written, masked, strip_separators, to_e164
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.pages.paging import PER_PAGE
from kiestoon.portal.people.access import Access
from kiestoon.portal.phones.devices import contacts_by_user
from kiestoon.portal.phones.models import CallType, Forwarding, TelephoneUser
from kiestoon.store.location import Contact


def visible_users(access: Access) -> QuerySet[TelephoneUser]:
    """In the order of an index: by customer, then extension."""
    rows = access.visible(TelephoneUser.objects.select_related("customer"), user="pk")
    return rows.order_by("customer_id", "extension")


def found_users(users: QuerySet[TelephoneUser], text: str) -> QuerySet[TelephoneUser]:
    """Those whose name, SIP name or customer holds the text, or whose extension or number begins with it."""
    if not text:
        return users
    every = TelephoneUser.objects.order_by()
    ways = [every.filter(name__icontains=text)]
    digits = strip_separators(text)
    if digits.lstrip("+*").isdecimal():
        numbers = Number.objects.filter(e164__startswith=to_e164(digits) or digits, user__isnull=False)
        ways.append(every.filter(extension__startswith=digits.removeprefix("*")))
        ways.append(every.filter(pk__in=numbers.order_by().values("user_id")))
    else:
        ways.append(every.filter(username__startswith=text.lower()))
        customers = Customer.objects.filter(name__icontains=text)
        ways.append(every.filter(customer__in=customers.order_by().values("pk")))
    # Each way has its index; joined by OR none would be used.
    first, *others = (way.values("pk") for way in ways)
    return users.filter(pk__in=first.union(*others))


@dataclass(frozen=True)
class UserRow:
    """A user in a list: `state` is the key of a status, `words` what it says."""

    user: TelephoneUser
    contacts: list[Contact] = field(default_factory=list)
    hides_targets: bool = False
    """For staff who do not need people's numbers."""

    @property
    def number(self) -> str:
        """The number the user shows; "" without one of its own."""
        numbers = sorted(self.user.numbers.all(), key=lambda number: number.pk)
        return numbers[0].e164 if numbers else ""

    @property
    def is_suspended(self) -> bool:
        return self.user.suspended or self.user.customer.suspended

    @property
    def is_locked(self) -> bool:
        """Every kind of outgoing call is barred."""
        return set(CallType.values) <= set(self.user.barred)

    @property
    def forwarding(self) -> list[str]:
        """Sentences: what happens to calls."""
        return [forwarding_words(one, hidden=self.hides_targets) for one in self.user.forwardings.all()]


def user_rows(users: list[TelephoneUser], *, hides_targets: bool = False) -> list[UserRow]:
    """The users of one page; their numbers and forwardings are prefetched."""
    contacts = contacts_by_user([user.username for user in users])
    return [UserRow(user, contacts.get(user.username, []), hides_targets) for user in users]


def forwarding_words(one: Forwarding, *, hidden: bool = False) -> str:
    words = {
        "always": _("Every call goes to %(target)s"),
        "busy": _("When busy: to %(target)s"),
        "no-answer": _("No answer: to %(target)s"),
        "unreachable": _("Not reachable: to %(target)s"),
    }
    return words[one.condition] % {"target": masked(one.target) if hidden else as_written(one.target)}


def call_type_words() -> dict[str, str]:
    """Kinds of outgoing call that can be barred, by their value."""
    return {
        "internal": _("Colleagues"),
        "geographic": _("Belgian landlines"),
        "mobile": _("Belgian mobiles"),
        "free": _("Free numbers (0800)"),
        "premium": _("Premium numbers (0900, 070)"),
        "shared-cost": _("Shared-cost numbers (078)"),
        "short": _("Short numbers"),
        "international": _("Abroad"),
    }


def forwarded_here(user: TelephoneUser) -> list[Forwarding]:
    """Colleagues' forwardings that lead to this user's extension or numbers."""
    targets = [user.extension, f"*{user.extension}", *user.numbers.values_list("e164", flat=True)]
    rows = Forwarding.objects.filter(user__customer_id=user.customer_id, target__in=targets)
    return list(rows.exclude(user=user).select_related("user")[:PER_PAGE])
