"""/api/webhooks"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from kiestoon.portal.description import scope
from kiestoon.portal.paging import CountedKeyset, Keyset, in_pages
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.schemas import Change
from kiestoon.portal.webhooks import services
from kiestoon.portal.webhooks.listing import owner_of, visible_endpoints
from kiestoon.portal.webhooks.models import Delivery, Endpoint

router = Router(tags=["webhooks"])

Kind = Literal["call.started", "call.answered", "call.ended", "call.corrected", "emergency.call"]


class EndpointOut(Schema):
    """`customer_id` null: of the operator, events of every customer."""

    endpoint_id: str
    customer_id: int | None
    url: str
    description: str
    events: list[Kind]
    active: bool
    disabled_because: Literal["", "failing", "gone"]
    failing_since: datetime | None
    two_secrets_until: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_two_secrets_until(endpoint: Endpoint) -> datetime | None:
        until = endpoint.previous_until
        return until if until is not None and until > datetime.now(UTC) else None


class NewEndpointOut(Schema):
    webhook: EndpointOut
    secret: str = Field(description="Shown this once; deliveries are signed with it.")


class SecretOut(Schema):
    endpoint_id: str
    secret: str = Field(description="Shown this once.")


class EndpointIn(Schema):
    """`customer_id`: the operator may name a customer; a customer's token makes its own."""

    model_config = ConfigDict(extra="forbid")
    url: str
    events: list[Kind]
    description: str = ""
    customer_id: int | None = None


class EndpointChange(Change):
    url: str | None = None
    events: list[Kind] | None = None
    description: str | None = None
    active: bool | None = None


class DeliveryOut(Schema):
    """`number` counts an endpoint's deliveries without a gap; `webhook_id` is the header webhook-id."""

    number: int
    webhook_id: str
    type: str = Field(alias="kind")
    call_id: str | None
    state: Literal["pending", "delivered", "failed"]
    attempts: int
    queued_at: datetime
    tried_at: datetime | None
    next_attempt_at: datetime | None
    status: int | None
    failure: str
    took_ms: int | None

    @staticmethod
    def resolve_call_id(delivery: Delivery) -> str | None:
        return delivery.subject if delivery.kind.startswith("call.") else None


NEW = {
    "url": "https://crm.example.be/calls",
    "events": ["call.started", "call.ended"],
    "description": "Our customer database",
}


def _found(access: Access, endpoint_id: str) -> Endpoint:
    return get_object_or_404(visible_endpoints(access), pk=endpoint_id)


@router.get("", response=list[EndpointOut], openapi_extra=scope("webhooks:read"))
@in_pages(CountedKeyset, order=("created_at", "endpoint_id"))
def list_webhooks(request: HttpRequest) -> QuerySet[Endpoint]:
    """Webhooks, oldest first."""
    return visible_endpoints(need(request, "webhooks:read"))


@router.post("", response={201: NewEndpointOut}, openapi_extra=scope("webhooks:write", NEW))
def post_webhook(request: HttpRequest, webhook: EndpointIn) -> dict[str, object]:
    """A webhook; the answer shows its secret, once."""
    access = need(request, "webhooks:write")
    owner = owner_of(access, webhook.customer_id)
    fields = webhook.model_dump(exclude={"customer_id"})
    endpoint, secret = services.create_endpoint(owner, **fields)
    return {"webhook": endpoint, "secret": secret}


@router.get("/{endpoint_id}", response=EndpointOut, openapi_extra=scope("webhooks:read"))
def get_webhook(request: HttpRequest, endpoint_id: str) -> Endpoint:
    """One webhook."""
    return _found(need(request, "webhooks:read"), endpoint_id)


@router.patch(
    "/{endpoint_id}", response=EndpointOut, openapi_extra=scope("webhooks:write", {"active": False})
)
def patch_webhook(request: HttpRequest, endpoint_id: str, change: EndpointChange) -> Endpoint:
    """Change it, switch it off or on; what waits is sent when it is on again."""
    return services.change_endpoint(_found(need(request, "webhooks:write"), endpoint_id), **change.given())


@router.delete("/{endpoint_id}", response={204: None}, openapi_extra=scope("webhooks:write"))
def delete_webhook(request: HttpRequest, endpoint_id: str) -> None:
    """Remove it with its deliveries."""
    services.remove_endpoint(_found(need(request, "webhooks:write"), endpoint_id))


@router.post("/{endpoint_id}/rotate-secret", response=SecretOut, openapi_extra=scope("webhooks:write"))
def rotate_webhook_secret(request: HttpRequest, endpoint_id: str) -> dict[str, str]:
    """A new secret, shown this once; for 24 hours deliveries carry a signature of each."""
    endpoint = _found(need(request, "webhooks:write"), endpoint_id)
    return {"endpoint_id": endpoint.endpoint_id, "secret": services.rotate_secret(endpoint)}


@router.post("/{endpoint_id}/test", response={202: DeliveryOut}, openapi_extra=scope("webhooks:write"))
def test_webhook(request: HttpRequest, endpoint_id: str) -> Delivery:
    """Send an event of type webhook.test."""
    return services.send_test(_found(need(request, "webhooks:write"), endpoint_id))


@router.get("/{endpoint_id}/deliveries", response=list[DeliveryOut], openapi_extra=scope("webhooks:read"))
@in_pages(Keyset, order=("-number",))
def list_deliveries(
    request: HttpRequest, endpoint_id: str, state: Literal["pending", "delivered", "failed"] | None = None
) -> QuerySet[Delivery]:
    """Deliveries of the last 30 days, newest first."""
    rows = _found(need(request, "webhooks:read"), endpoint_id).deliveries.all()
    return rows if state is None else rows.filter(state=state)


@router.post(
    "/{endpoint_id}/deliveries/{int:delivery}/send-again",
    response={202: DeliveryOut},
    openapi_extra=scope("webhooks:write"),
)
def send_delivery_again(request: HttpRequest, endpoint_id: str, delivery: int) -> Delivery:
    """Try a delivery anew, with the id it had."""
    endpoint = _found(need(request, "webhooks:write"), endpoint_id)
    return services.send_again(get_object_or_404(endpoint.deliveries, number=delivery))
