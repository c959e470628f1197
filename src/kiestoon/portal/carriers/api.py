"""/api/trunks"""

from __future__ import annotations

from typing import Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.carriers.services import change_trunk, create_trunk, remove_trunk, trunk_version
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.description import scope
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.authentication import need, need_operator
from kiestoon.portal.schemas import Change
from kiestoon.portal.versions import give_etag, need_match
from kiestoon.vocabulary.configuration import InterfaceClass

router = Router(tags=["trunks"])


class TrunkOut(Schema):
    trunk_id: str
    name: str
    kind: str
    uri: str
    addresses: list[str]
    interface: str
    priority: int
    customer_id: int | None
    main_number: str
    max_calls: int
    reserved_calls: int
    call_back_numbers: list[str]


class TrunkChange(Change):
    name: str | None = None
    uri: str | None = None
    addresses: list[str] | None = None
    interface: InterfaceClass | None = None
    priority: int | None = None
    main_number: str | None = None
    max_calls: int | None = None
    reserved_calls: int | None = None
    call_back_numbers: list[str] | None = None


class TrunkIn(Schema):
    """`customer_id` for a customer's PBX only, `call_back_numbers` for an emergency centre only.

    `max_calls` 0 is no limit; of them `reserved_calls` are kept for emergency calls.
    """

    model_config = ConfigDict(extra="forbid")
    trunk_id: str
    name: str
    kind: Literal["carrier", "customer-pbx", "emergency"]
    uri: str
    addresses: list[str]
    interface: InterfaceClass = "national"
    priority: int = 100
    customer_id: int | None = None
    max_calls: int = 0
    reserved_calls: int = 0
    call_back_numbers: list[str] = []


NEW = {
    "trunk_id": "second-carrier",
    "name": "second carrier",
    "kind": "carrier",
    "uri": "sip:192.0.2.10:5060;transport=tcp",
    "addresses": ["192.0.2.10"],
    "interface": "national",
    "priority": 20,
}


@router.get("", response=list[TrunkOut], openapi_extra=scope("trunks:read"))
@in_pages(CountedKeyset, order=("kind", "priority", "trunk_id"))
def list_trunks(request: HttpRequest) -> QuerySet[Trunk]:
    """Carriers, emergency centres and customers' PBXs, the first to try first."""
    return need(request, "trunks:read").visible(Trunk.objects.all())


@router.post("", response={201: TrunkOut}, openapi_extra=scope("trunks:write", NEW))
def post_trunk(request: HttpRequest, trunk: TrunkIn) -> Trunk:
    """A trunk; in effect on the next call."""
    need_operator(request, "trunks:write")
    fields = trunk.model_dump()
    if trunk.customer_id is not None and not Customer.objects.filter(pk=trunk.customer_id).exists():
        raise ValidationError({"customer_id": _("There is no such customer.")})
    return create_trunk(fields.pop("trunk_id"), **fields)


@router.get("/{slug:trunk_id}", response=TrunkOut, openapi_extra=scope("trunks:read"))
def get_trunk(request: HttpRequest, response: HttpResponse, trunk_id: str) -> Trunk:
    """One trunk; the ETag goes back in If-Match."""
    trunk = get_object_or_404(need(request, "trunks:read").visible(Trunk.objects.all()), pk=trunk_id)
    give_etag(response, trunk_version(trunk))
    return trunk


@router.delete("/{slug:trunk_id}", response={204: None}, openapi_extra=scope("trunks:write"))
def delete_trunk(request: HttpRequest, trunk_id: str) -> None:
    """Remove a trunk that no number rings."""
    access = need_operator(request, "trunks:write")
    remove_trunk(get_object_or_404(access.visible(Trunk.objects.all()), pk=trunk_id))


@router.patch("/{slug:trunk_id}", response=TrunkOut, openapi_extra=scope("trunks:write", {"priority": 20}))
def patch_trunk(request: HttpRequest, response: HttpResponse, trunk_id: str, change: TrunkChange) -> Trunk:
    """In effect on the next call, within a second. If-Match is honoured."""
    access = need(request, "trunks:write")
    with transaction.atomic():
        trunk = get_object_or_404(access.visible(Trunk.objects.select_for_update()), pk=trunk_id)
        need_match(request, trunk_version(trunk))
        change_trunk(trunk, **change.given())
    give_etag(response, trunk_version(trunk))
    return trunk
