"""/api/trunks"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.carriers.services import change_trunk, trunk_version
from kiestoon.portal.people.authentication import need
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


class TrunkChange(Change):
    name: str | None = None
    uri: str | None = None
    addresses: list[str] | None = None
    interface: InterfaceClass | None = None
    priority: int | None = None
    main_number: str | None = None


@router.get("", response=list[TrunkOut])
def list_trunks(request: HttpRequest) -> QuerySet[Trunk]:
    """Carriers, emergency centres and customers' PBXs, the first to try first."""
    return need(request, "trunks:read").visible(Trunk.objects.all())


@router.get("/{slug:trunk_id}", response=TrunkOut)
def get_trunk(request: HttpRequest, response: HttpResponse, trunk_id: str) -> Trunk:
    trunk = get_object_or_404(need(request, "trunks:read").visible(Trunk.objects.all()), pk=trunk_id)
    give_etag(response, trunk_version(trunk))
    return trunk


@router.patch("/{slug:trunk_id}", response=TrunkOut)
def patch_trunk(request: HttpRequest, response: HttpResponse, trunk_id: str, change: TrunkChange) -> Trunk:
    """In effect on the next call, within a second. If-Match is honoured."""
    access = need(request, "trunks:write")
    with transaction.atomic():
        trunk = get_object_or_404(access.visible(Trunk.objects.select_for_update()), pk=trunk_id)
        need_match(request, trunk_version(trunk))
        change_trunk(trunk, **change.given())
    give_etag(response, trunk_version(trunk))
    return trunk
