"""Webhooks in words: events, states, and why an attempt failed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kiestoon.portal.webhooks.models import TEST, Delivery, Endpoint, EventType

EVENTS = [
    (EventType.CALL_STARTED, gettext_lazy("A call begins")),
    (EventType.CALL_ANSWERED, gettext_lazy("A call is answered")),
    (EventType.CALL_ENDED, gettext_lazy("A call ends")),
    (EventType.CALL_CORRECTED, gettext_lazy("The end of a call is corrected")),
    (EventType.EMERGENCY_CALL, gettext_lazy("Emergency call, when the customer asked to be told")),
]


def event_words(kind: str) -> str:
    return _("Test") if kind == TEST else str(dict(EVENTS).get(EventType(kind), kind))


@dataclass(frozen=True)
class State:
    """`key` of a status (ok, wait, warn, bad, off) and its words."""

    key: str
    words: str


def state_of_endpoint(endpoint: Endpoint) -> State:
    if endpoint.disabled_because == Endpoint.Disabled.GONE:
        return State("bad", _("Switched off: the receiver said it is gone"))
    if endpoint.disabled_because == Endpoint.Disabled.FAILING:
        return State("bad", _("Switched off: it failed for too long"))
    if not endpoint.active:
        return State("off", _("Switched off"))
    if endpoint.failing_since is not None:
        return State("warn", _("Failing"))
    return State("ok", _("On"))


def state_of_delivery(delivery: Delivery) -> State:
    if delivery.state == Delivery.State.DELIVERED:
        return State("ok", _("Delivered"))
    if delivery.state == Delivery.State.FAILED:
        return State("bad", _("Given up"))
    return State("warn", _("Failed, tried again later")) if delivery.attempts else State("wait", _("Waiting"))


def why_not(delivery: Delivery) -> str:
    """What the last attempt came to; empty before the first one."""
    words = {
        Delivery.Failure.NO_NAME: _("The name of the receiver leads nowhere"),
        Delivery.Failure.FORBIDDEN: _("The address is not of the public internet"),
        Delivery.Failure.NOT_REACHED: _("No connection"),
        Delivery.Failure.TLS: _("The certificate of the receiver is not valid"),
        Delivery.Failure.TIMEOUT: _("No answer in time"),
        Delivery.Failure.BROKEN: _("What came was no HTTP"),
        Delivery.Failure.SECRET: _("The secret cannot be read any more: make a new one"),
    }
    if delivery.failure:
        return words.get(Delivery.Failure(delivery.failure), delivery.failure)
    if delivery.status is None:
        return ""
    if 300 <= delivery.status < 400:
        return _("Answer %(status)d: redirects are not followed") % {"status": delivery.status}
    return _("Answer %(status)d") % {"status": delivery.status}
