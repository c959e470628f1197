"""/api/operator and /api/trunks/{trunk_id}/agreement: what network staff set, for programs."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.errors import HttpError

from kiestoon.portal.carriers.models import Operator, SpecialInterface, Trunk
from kiestoon.portal.carriers.services import change_trunk, set_operator
from kiestoon.portal.description import scope
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.schemas import Change
from kiestoon.portal.versions import give_etag, need_match, version_of

operator = Router(tags=["operator"])
agreements = Router(tags=["trunks"])


class OperatorOut(Schema):
    realm: str
    domains: list[str]
    blocks: list[str]
    roaming_check: str


class OperatorChange(Change):
    realm: str | None = None
    domains: list[str] | None = None
    blocks: list[str] | None = None
    roaming_check: str | None = None


class AgreementOut(Schema):
    """RD Spoofing of 12 May 2024, art. 4; `suspended` by BIPT, art. 5."""

    agreement: str
    nomadic: bool
    cloud_numbers: list[str]
    blocked: list[str]
    suspended: bool


class AgreementChange(Change):
    """`agreement` is needed the first time."""

    agreement: str | None = None
    nomadic: bool | None = None
    cloud_numbers: list[str] | None = None
    blocked: list[str] | None = None
    suspended: bool | None = None


@operator.get("", response=OperatorOut, openapi_extra=scope("operator:read"))
def get_operator(request: HttpRequest, response: HttpResponse) -> Operator:
    """Who we are on the SIP side."""
    need(request, "operator:read")
    row = get_object_or_404(Operator)
    give_etag(response, version_of(row))
    return row


@operator.patch(
    "",
    response=OperatorOut,
    openapi_extra=scope("trunks:write", {"roaming_check": "BIPT letter 2026/7"}, also="operator:read"),
)
def patch_operator(request: HttpRequest, response: HttpResponse, change: OperatorChange) -> Operator:
    """In effect on the next call, within a second. If-Match is honoured."""
    need(request, "operator:read")
    need(request, "trunks:write")
    with transaction.atomic():
        row = get_object_or_404(Operator.objects.select_for_update())
        need_match(request, version_of(row))
        now = {name: getattr(row, name) for name in ("realm", "domains", "blocks", "roaming_check")}
        changed = set_operator(**{**now, **change.given()})
    give_etag(response, version_of(changed))
    return changed


@agreements.get(
    "/{slug:trunk_id}/agreement",
    response=AgreementOut,
    openapi_extra=scope("operator:read", also="trunks:read"),
)
def get_agreement(request: HttpRequest, response: HttpResponse, trunk_id: str) -> SpecialInterface:
    """The agreement behind a special interface; 404 when there is none."""
    need(request, "operator:read")
    row = get_object_or_404(SpecialInterface, trunk=_special_trunk(need(request, "trunks:read"), trunk_id))
    give_etag(response, version_of(row))
    return row


@agreements.patch(
    "/{slug:trunk_id}/agreement",
    response=AgreementOut,
    openapi_extra=scope("trunks:write", {"agreement": "contract 8"}, also="operator:read"),
)
def patch_agreement(
    request: HttpRequest, response: HttpResponse, trunk_id: str, change: AgreementChange
) -> SpecialInterface:
    """Record or change it; in effect on the next call. If-Match is honoured."""
    need(request, "operator:read")
    access = need(request, "trunks:write")
    with transaction.atomic():
        trunk = _special_trunk(access, trunk_id)
        row = SpecialInterface.objects.select_for_update().filter(trunk=trunk).first()
        if row is not None:
            need_match(request, version_of(row))
        elif "If-Match" in request.headers:
            raise HttpError(412, "there is no agreement yet: send it without If-Match")
        change_trunk(trunk, special=change.given())
        changed = SpecialInterface.objects.get(trunk=trunk)
    give_etag(response, version_of(changed))
    return changed


def _special_trunk(access: Access, trunk_id: str) -> Trunk:
    trunks = access.visible(Trunk.objects.filter(interface=Trunk.Interface.SPECIAL))
    return get_object_or_404(trunks, pk=trunk_id)
