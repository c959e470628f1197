"""From the outbox to deliveries: who may know of a call gets it, as much of it as they may see."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from kiestoon.portal.calls.models import Call
from kiestoon.portal.pages.call_access import visible_calls
from kiestoon.portal.pages.calls_api import CallOut, calls_seen
from kiestoon.portal.people.access import GRANTS, Access
from kiestoon.portal.people.models import Role
from kiestoon.portal.webhooks.models import Endpoint, Event, EventType
from kiestoon.portal.webhooks.services import add_delivery

BATCH = 200
LOCK = 0x4B54_5748
"""Advisory lock: one at a time, so that an endpoint's deliveries are numbered as things happened."""

NOT_YET: dict[str, dict[str, Any]] = {
    EventType.CALL_STARTED: {"answered_at": None, "talk_ms": 0},
    EventType.CALL_ANSWERED: {"talk_ms": 0},
}
_ENDING = {"ended_at": None, "sip_code": None, "hung_up_by": None}


def spread_events() -> int:
    """Turn the oldest events of the outbox into deliveries; returns how many events there were."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        events = list(Event.objects.order_by("pk")[:BATCH])
        calls = Call.objects.in_bulk([event.call_id for event in events])
        for event in events:
            if call := calls.get(event.call_id):
                _spread(event, call)
        Event.objects.filter(pk__in=[event.pk for event in events]).delete()
        return len(events)


def _spread(event: Event, call: Call) -> None:
    concerned = {event.customer_id, event.called_customer_id} - {None}
    endpoints = Endpoint.objects.filter(
        Q(customer=None) | Q(customer_id__in=concerned), active=True, events__contains=[event.kind]
    )
    for endpoint in endpoints:
        access = access_of_owner(endpoint)
        if visible_calls(access).filter(pk=call.pk).exists():
            add_delivery(
                endpoint, event.kind, call.call_id, event.happened_at, told(call, event.kind, access)
            )


def access_of_owner(endpoint: Endpoint) -> Access:
    """What the owner of an endpoint may see of calls, whoever made it."""
    role = Role.ADMIN if endpoint.customer_id is None else Role.CUSTOMER_ADMIN
    return Access(role, GRANTS[role], endpoint.customer_id)


def told(call: Call, kind: str, access: Access) -> dict[str, Any]:
    """The object of /api/calls as it was when this happened, although more may have happened since."""
    seen = CallOut.model_validate(calls_seen([call], access)[0]).model_dump(by_alias=True)
    if kind in NOT_YET:
        seen |= _ENDING | NOT_YET[kind]
    return seen
