"""/api/calls"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from kiestoon.belgium.numbering import masked
from kiestoon.portal.calls.listing import as_dict, customer_names
from kiestoon.portal.calls.models import Call
from kiestoon.portal.description import scope
from kiestoon.portal.numbers.validation import read_e164
from kiestoon.portal.pages.call_access import (
    called_shown,
    caller_shown,
    is_called_side,
    is_callers_side,
    sees_decision,
    visible_calls,
)
from kiestoon.portal.pages.call_search import Criteria, Search
from kiestoon.portal.pages.reason_words import unnamed
from kiestoon.portal.paging import Branches, Keyset, in_pages
from kiestoon.portal.people.access import CALLERS, Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.schemas import Moment

router = Router(tags=["calls"])

NUMBERS = ("from", "to", "dialled", "forwarded_from")
"""Masked for a token whose role does not see callers' numbers."""


class TrunkRef(Schema):
    id: str
    name: str | None


class CallOut(Schema):
    """As `./kiestoon calls --json`; `from` and `reasons` as far as this token may see them."""

    call_id: str
    direction: str
    from_: str | None = Field(alias="from")
    to: str | None
    dialled: str
    customer: str | None
    trunk: TrunkRef | None
    started_at: str
    answered_at: str | None
    ended_at: str | None
    talk_ms: int
    sip_code: int | None
    hung_up_by: str | None
    emergency_class: str | None
    forwarded_from: str | None
    sip_call_ids: list[str]
    reasons: list[dict[str, Any]]


def _items(request: HttpRequest, calls: list[Call]) -> list[dict[str, Any]]:
    return calls_seen(calls, need(request, "calls:read"))


@router.get("", response=list[CallOut], by_alias=True, openapi_extra=scope("calls:read"))
@in_pages(Keyset, order=("-started_at", "-call_id"), shape=_items)
def list_calls(
    request: HttpRequest,
    since: Moment | None = None,
    until: Moment | None = None,
    number: str | None = None,
) -> Branches:
    """Calls, newest first; begun at `since` or later, before `until`; `number` as people write it."""
    access = need(request, "calls:read")
    numbers = () if number is None else (read_e164(number),)
    return Branches(Search(access, Criteria(numbers=numbers, since=since, until=until)).branches())


@router.get("/{call_id}", response=CallOut, by_alias=True, openapi_extra=scope("calls:read"))
def get_call(request: HttpRequest, call_id: str) -> dict[str, Any]:
    """One call, with the decisions that led it."""
    access = need(request, "calls:read")
    return calls_seen([get_object_or_404(visible_calls(access), pk=call_id)], access)[0]


def calls_seen(calls: list[Call], access: Access) -> list[dict[str, Any]]:
    """Objects of `CallOut`, as much of each as this access may see."""
    names = customer_names(settings.ROUTING_STORE, (call.customer_id for call in calls))
    rows = []
    for call in calls:
        row = as_dict(call, names)
        row["from"] = caller_shown(call, access)
        if not is_called_side(call, access):
            row["to"] = called_shown(call, access) if call.to_number else None
            row |= {"forwarded_from": None, "reasons": [unnamed(reason) for reason in call.reasons]}
        if not sees_decision(call, access):
            row |= {"customer": None, "reasons": []}
        if not is_callers_side(call, access):
            row["sip_call_ids"] = []
        if not access.may(CALLERS):
            row |= {name: row[name] and masked(row[name]) for name in NUMBERS}
        rows.append(row)
    return rows
