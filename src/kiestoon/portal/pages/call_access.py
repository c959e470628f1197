"""Which calls someone sees, and how much of each: a withheld number stays withheld from the called."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from kiestoon.belgium.numbering import as_written, masked, to_e164
from kiestoon.portal.audit.models import Entry
from kiestoon.portal.audit.services import record
from kiestoon.portal.calls.models import Call, CallQuerySet
from kiestoon.portal.people.access import CALLERS, EMERGENCY_LOG, Access
from kiestoon.portal.people.models import Person, Role
from kiestoon.portal.phones.models import TelephoneUser


def visible_calls(access: Access) -> CallQuerySet:
    """The calls app's rule; someone who is one telephone user sees that user's calls only.

    On-site emergency calls are in no list of anybody's: emergency_call opens one, and the log shows them.
    """
    calls = Call.objects.visible_to(Person(role=access.role, customer_id=access.customer_id))
    calls = calls.outside_the_emergency_log()
    if access.role != Role.CUSTOMER_USER:
        return calls
    own = own_call_terms(access)
    if not own:
        return calls.none()
    mine = own[0]
    for term in own[1:]:
        mine |= term
    return calls.filter(mine)


def emergency_call(access: Access, call_id: str) -> Call | None:
    """An on-site emergency call for whoever may open the protected log, which is recorded; else None."""
    if not (access.is_operator and access.may(EMERGENCY_LOG)):
        return None
    call = Call.objects.filter(pk=call_id, emergency_class="on-site").first()
    if call is not None:
        # No customer in the entry: a customer's administrator reads its own customer's entries.
        record("open-emergency-call", access, ids={"call_id": call_id}, status=200)
    return call


def own_call_terms(access: Access) -> list[Q]:
    """What makes a call one of the telephone user's who asks: any of these; empty for who is none."""
    user = TelephoneUser.objects.filter(pk=access.user_id).first() if access.user_id is not None else None
    return calls_of_user(user) if user is not None else []


def calls_of_user(user: TelephoneUser) -> list[Q]:
    """Any of these makes a call one of this user's."""
    terms = [Q(username=user.username)]
    numbers = list(user.numbers.values_list("e164", flat=True))
    for number in numbers:
        terms += [Q(to_number=number), Q(forwarded_from=number)]
    # Who has no number is called by extension. The calling number proves nothing: an outsider may show it.
    return terms if numbers else [*terms, Q(to_number=user.extension, customer_id=user.customer_id)]


def number_terms(access: Access, number: str) -> list[Q]:
    """Any of these makes a call one with this number; a withheld number does not lead to its calls."""
    calling, called, forwarded = Q(from_number=number), Q(to_number=number), Q(forwarded_from=number)
    if not access.is_operator:
        mine = Q(called_customer_id=access.customer_id)
        calling &= Q(calling_customer_id=access.customer_id) | Q(withheld=False)
        called &= mine | Q(forwarded_from__isnull=True)
        forwarded &= mine
    return [calling, called, forwarded]


def is_callers_side(call: Call, access: Access) -> bool:
    """Whether this is the operator or the calling customer: they see the caller."""
    return access.is_operator or (
        call.calling_customer_id is not None and call.calling_customer_id == access.customer_id
    )


def is_called_side(call: Call, access: Access) -> bool:
    """Whether this is the operator or the called customer, or nobody of ours is called.

    Where a called customer forwards its calls to, and who works there, is not for its callers to know.
    """
    return access.is_operator or call.called_customer_id in (None, access.customer_id)


def called_shown(call: Call, access: Access) -> str:
    """The called number as this person may see it: a caller sees what it dialled, not where that led."""
    if call.forwarded_from and not is_called_side(call, access):
        return to_e164(call.dialled) or call.dialled
    return call.to_number or call.dialled


def forwarder_shown(call: Call, access: Access) -> str | None:
    """The number that forwarded the call, for those who may know that it was."""
    return call.forwarded_from if is_called_side(call, access) else None


def sees_decision(call: Call, access: Access) -> bool:
    """Whether the decision is this side's to see: also the called customer's, when an outsider calls."""
    from_outside = call.calling_customer_id is None and call.withheld is not None  # None: nobody knows
    return is_callers_side(call, access) or from_outside


def caller_shown(call: Call, access: Access) -> str | None:
    """The calling number as this person may see it; None when withheld or unknown (WEC art. 130)."""
    if is_callers_side(call, access) or call.withheld is False:
        return call.from_number
    return None


SHOWN_FOR = timedelta(minutes=15)
"""How long numbers stay readable to the person who asked; after that they ask, and are recorded, again."""


def numbers_are_shown(call: Call, person_id: int, now: datetime) -> bool:
    """Whether this person asked for the numbers of this call a moment ago: the audit log says so."""
    asked = Entry.objects.filter(action="show_call_numbers", person_id=person_id, at__gt=now - SHOWN_FOR)
    return asked.filter(ids__contains={"call_id": call.call_id}).exists()


def number_in_words(number: str | None, access: Access, *, shown: bool = False) -> str:
    """As people write it; masked for who sees no callers' numbers, unless they asked for it (`shown`)."""
    if not number:
        return ""
    return as_written(number) if shown or access.may(CALLERS) else masked(number)
