"""Which calls someone sees, and how much of each: a withheld number stays withheld from the called."""

from __future__ import annotations

from django.db.models import Q

from kiestoon.portal.calls.models import Call, CallQuerySet
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import Person, Role
from kiestoon.portal.phones.models import TelephoneUser


def visible_calls(access: Access) -> CallQuerySet:
    """The calls app's rule; someone who is one telephone user sees that user's calls only."""
    calls = Call.objects.visible_to(Person(role=access.role, customer_id=access.customer_id))
    if access.role != Role.CUSTOMER_USER:
        return calls
    if access.user_id is None:
        return calls.none()
    user = TelephoneUser.objects.get(pk=access.user_id)
    own = list(user.numbers.values_list("e164", flat=True))
    return calls.filter(
        Q(username=user.username)
        | Q(from_number__in=own)
        | Q(to_number__in=own)
        | Q(to_number=user.extension, customer_id=user.customer_id)
        | Q(forwarded_from__in=own)
    )


def calls_with_number(calls: CallQuerySet, access: Access, number: str) -> CallQuerySet:
    """Calls from, to or forwarded by a number; a withheld number does not lead to its calls."""
    if access.is_operator:
        return calls.with_number(number)
    own_calls = Q(from_number=number, customer_id=access.customer_id)
    return calls.filter(own_calls | Q(cli=number) | Q(to_number=number) | Q(forwarded_from=number))


def is_callers_side(call: Call, access: Access) -> bool:
    """Whether this is the operator or the calling customer: they see the caller and the decision."""
    return access.is_operator or (call.customer_id is not None and call.customer_id == access.customer_id)


def caller_shown(call: Call, access: Access) -> str | None:
    """The calling number as this person may see it; None when withheld or unknown (WEC art. 130)."""
    return call.from_number if is_callers_side(call, access) else call.cli
