"""Searching ten million calls: every search is a few index scans, newest first, merged.

An OR over two columns would make PostgreSQL read all that matches before it can sort; so each alternative is
a query of its own (a *branch*), each is read in order of time, and doubles are left out when they are merged.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from kiestoon.portal.calls.models import CALLED_OTHER, Call, CallQuerySet
from kiestoon.portal.pages.call_access import calls_of_user, number_terms, own_call_terms, visible_calls
from kiestoon.portal.pages.call_rows import BUSY, NO_ANSWER, REFUSED
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import Role
from kiestoon.portal.phones.models import TelephoneUser

PER_PAGE = 50
COUNTED = 1_000
"""Results are counted up to here: nobody reads more, and counting millions takes seconds."""
LOOKED_AT, LOOKED_AT_SCATTERED = 20_000, 2_000
"""Filters without an index look at this many of the newest calls at once; going on from there is a link.
Calls of everybody lie together on the disk, those of one customer, number or user do not."""
_WIDE = ("events", "stages", "anomalies", "sip_call_ids")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """A place in the list; what is older comes after it."""

    at: datetime
    call_id: str

    def as_text(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.call_id}"

    @classmethod
    def from_text(cls, text: str) -> Place | None:
        """None when it is no place."""
        micros, _, call_id = text.partition(".")
        if not micros.isascii() or not micros.isdigit() or len(micros) > 17:
            return None
        return cls(_EPOCH + timedelta(microseconds=int(micros)), call_id.replace("\0", ""))


@dataclass(frozen=True)
class Criteria:
    """What is searched for; all of it must hold. `since` inclusive, `until` exclusive."""

    numbers: tuple[str, ...] = ()
    """Any of these, E.164 or short."""
    user: TelephoneUser | None = None
    customer_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    direction: str = ""
    result: str = ""
    trunk_id: str = ""
    emergency: bool | None = None
    at_least_ms: int = 0


RESULTS: dict[str, Q] = {
    "answered": Q(answered_at__isnull=False),
    "no-answer": Q(answered_at__isnull=True, sip_code__in=NO_ANSWER),
    "busy": Q(answered_at__isnull=True, sip_code__in=BUSY),
    "refused": Q(answered_at__isnull=True, sip_code__in=REFUSED),
    "failed": Q(answered_at__isnull=True, sip_code__isnull=False)
    & ~Q(sip_code__in=(*NO_ANSWER, *BUSY, *REFUSED)),
}


@dataclass(frozen=True)
class Found:
    """One page of results."""

    calls: list[Call]
    older: Place | None
    """Where the next page begins; None: this is the end."""
    looked_back_to: datetime | None
    """Only calls since then were looked at; None: all."""
    count: int
    more_than_counted: bool
    """There are more than `count`, which is COUNTED then."""


class Search:
    """The calls `access` may see that meet the criteria."""

    def __init__(self, access: Access, criteria: Criteria) -> None:
        self._access = access
        self._criteria = criteria
        self._terms = self._alternatives()

    def page(self, after: Place | None = None) -> Found:
        """The newest PER_PAGE calls, or those older than `after`; and how many there are in all."""
        floor = self._floor(after)
        parts = [self._part(calls, PER_PAGE + 1) for calls in self._branches(floor, after)]
        calls = _merged(parts)
        more = len(calls) > PER_PAGE
        older = Place(calls[PER_PAGE - 1].started_at, calls[PER_PAGE - 1].call_id) if more else None
        if older is None and floor is not None:
            older = Place(floor, "")
        looked = floor if not more else None
        if after is None and not more:
            return Found(calls, older, looked, len(calls), floor is not None)
        count = self._count(self._floor(None), None) if after is not None else self._count(floor, parts)
        return Found(calls[:PER_PAGE], older, looked, min(count, COUNTED), count > COUNTED)

    def branches(self) -> list[CallQuerySet]:
        """Queries of whole rows that together find all of them, each by an index by time; doubles occur."""
        return [calls.defer(None) for calls in self._branches(None, None)]

    def newest(self, count: int) -> list[Call]:
        """The newest `count` calls whole, newest first; filters without an index are not for this."""
        return _merged([self._part(calls.defer(None), count) for calls in self._branches(None, None)])[:count]

    def everything(self) -> Iterator[Call]:
        """All of them, newest first, through PostgreSQL's cursors: memory does not grow with their number."""
        with transaction.atomic():
            branches = [
                calls.order_by("-started_at", "-call_id").iterator(chunk_size=500)
                for calls in self._branches(None, None)
            ]
            last = ""
            for call in heapq.merge(*branches, key=_place, reverse=True):
                if call.call_id != last:
                    yield call
                last = call.call_id

    # ------------------------------------------------------------------ within

    def _alternatives(self) -> list[Q]:
        """The most selective disjunction, each part of which has an index by time; the rest are filters."""
        criteria, access = self._criteria, self._access
        if criteria.user is not None:
            return calls_of_user(criteria.user)
        if criteria.numbers:
            return [term for number in criteria.numbers for term in number_terms(access, number)]
        if access.role == Role.CUSTOMER_USER:
            return own_call_terms(access)
        if self._customer_id is None:
            return [Q()]
        return [Q(customer_id=self._customer_id), Q(called_customer_id=self._customer_id) & CALLED_OTHER]

    @property
    def _customer_id(self) -> int | None:
        """Whose calls alone are asked for."""
        return self._criteria.customer_id if self._access.is_operator else self._access.customer_id

    @property
    def _by_customer(self) -> bool:
        """Whether the alternatives name the customer: saying it again would mislead PostgreSQL's planner."""
        c = self._criteria
        another = c.user is not None or c.numbers or self._access.role == Role.CUSTOMER_USER
        return self._customer_id is not None and not another

    @property
    def _unindexed(self) -> bool:
        c = self._criteria
        return bool(c.direction or c.result or c.trunk_id or c.at_least_ms)

    def _period(self, after: Place | None) -> Q:
        period = Q()
        if self._criteria.since is not None:
            period &= Q(started_at__gte=self._criteria.since)
        if self._criteria.until is not None:
            period &= Q(started_at__lt=self._criteria.until)
        if after is not None:
            period &= Q(started_at__lte=after.at) & (
                Q(started_at__lt=after.at) | Q(call_id__lt=after.call_id)
            )
        return period

    def _floor(self, after: Place | None) -> datetime | None:
        """Where looking ends for filters that no index serves; None: nowhere."""
        if not self._unindexed:
            return None
        most = LOOKED_AT if self._terms == [Q()] else LOOKED_AT_SCATTERED
        ends: list[datetime] = []
        for term in self._terms:
            times = Call.objects.filter(term, self._period(after)).order_by("-started_at")
            ends += times.values_list("started_at", flat=True)[most : most + 1]
        return max(ends, default=None)

    def _branches(self, floor: datetime | None, after: Place | None) -> list[CallQuerySet]:
        if self._by_customer and not self._access.is_operator:
            visible = Call.objects.without_emergencies()
        else:
            visible = visible_calls(self._access)
        calls = visible.filter(self._period(after), self._filters()).defer(*_WIDE)
        if floor is not None:
            calls = calls.filter(started_at__gte=floor)
        return [calls.filter(term) for term in self._terms]

    def _filters(self) -> Q:
        c = self._criteria
        wanted = Q()
        if c.customer_id is not None and not self._by_customer:
            wanted &= Q(customer_id=c.customer_id) | Q(called_customer_id=c.customer_id)
        if c.user is not None:
            customer = c.user.customer_id
            wanted &= Q(customer_id=customer) | Q(called_customer_id=customer)
            if c.numbers:
                either = Q()
                for number in c.numbers:
                    for term in number_terms(self._access, number):
                        either |= term
                wanted &= either
        if c.direction:
            wanted &= Q(direction=c.direction)
        if c.result:
            wanted &= RESULTS[c.result]
        if c.trunk_id:
            wanted &= Q(trunk_id=c.trunk_id) | Q(trunk_in_id=c.trunk_id)
        if c.emergency is not None:
            wanted &= Q(emergency_class__isnull=not c.emergency)
        if c.at_least_ms:
            wanted &= Q(talk_ms__gte=c.at_least_ms)
        return wanted

    @staticmethod
    def _part(calls: CallQuerySet, count: int) -> list[Call]:
        return list(calls.order_by("-started_at", "-call_id")[:count])

    def _count(self, floor: datetime | None, parts: list[list[Call]] | None) -> int:
        """COUNTED + 1 at most; a branch whose part (of PER_PAGE + 1) was not full need not be asked again."""
        found: set[str] = set()
        for n, calls in enumerate(self._branches(floor, None)):
            if parts is not None and len(parts[n]) <= PER_PAGE:
                found.update(call.call_id for call in parts[n])
                continue
            newest = calls.order_by("-started_at").values_list("call_id", flat=True)
            found.update(newest[: COUNTED + 1])
            if len(found) > COUNTED:
                break
        return min(len(found), COUNTED + 1)


def _merged(parts: list[list[Call]]) -> list[Call]:
    """Each call once, newest first."""
    found = {call.call_id: call for part in parts for call in part}
    return sorted(found.values(), key=_place, reverse=True)


def _place(call: Call) -> tuple[datetime, str]:
    return call.started_at, call.call_id


def calls_by_id(access: Access, text: str) -> list[Call]:
    """Calls whose own id or SIP Call-ID this is; a SIP Call-ID leads to calls of one's own making only."""
    visible = visible_calls(access).defer(*_WIDE)
    found = list(visible.filter(call_id=text))
    if not found:
        made = visible.filter(sip_call_id=text)
        if not access.is_operator:
            made = made.filter(calling_customer_id=access.customer_id)
        found = list(made.order_by("-started_at")[:PER_PAGE])
    return found
