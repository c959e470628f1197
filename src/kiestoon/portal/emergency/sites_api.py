"""/api/trunks/{trunk_id}/sites: addresses behind a customer's own PBX."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import ConfigDict

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.description import scope
from kiestoon.portal.emergency.models import Site
from kiestoon.portal.emergency.sites import add_site, change_site, remove_site
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.schemas import Address, AddressIn

sites = Router(tags=["trunks"])


class SiteOut(Schema):
    """`prefix`: first digits of extensions, or of numbers with +; the longest that fits a caller counts."""

    id: int
    prefix: str
    name: str
    address: Address
    evidence: str

    @staticmethod
    def resolve_address(site: Site) -> Site:
        return site


class SiteIn(Schema):
    """`evidence`, which only the operator gives: the document that shows the installation there."""

    model_config = ConfigDict(extra="forbid")
    prefix: str
    name: str
    address: AddressIn
    evidence: str | None = None


NEW = {
    "prefix": "2",
    "name": "Second floor",
    "address": {
        "street": "Rue de Fer",
        "house_number": "10",
        "floor": "2",
        "postcode": "5000",
        "municipality": "Namur",
    },
}


@sites.get("/{slug:trunk_id}/sites", response=list[SiteOut], openapi_extra=scope("trunks:read"))
@in_pages(CountedKeyset, order=("prefix", "pk"))
def list_sites(request: HttpRequest, trunk_id: str) -> QuerySet[Site]:
    """Sites of a customer's PBX, by prefix."""
    return _trunk(need(request, "trunks:read"), trunk_id).sites.all()


@sites.post("/{slug:trunk_id}/sites", response={201: SiteOut}, openapi_extra=scope("sites:write", NEW))
def post_site(request: HttpRequest, trunk_id: str, site: SiteIn) -> Status[Site]:
    """Callers behind the PBX whose extension or number begins with `prefix` are at this address."""
    access = need(request, "sites:write")
    trunk = _trunk(access, trunk_id)
    given = _given(access, site)
    return Status(201, add_site(trunk, **{**given, "evidence": given["evidence"] or ""}))


@sites.put("/{slug:trunk_id}/sites/{int:site_id}", response=SiteOut, openapi_extra=scope("sites:write", NEW))
def put_site(request: HttpRequest, trunk_id: str, site_id: int, site: SiteIn) -> Site:
    """Replace a site. Its evidence stays when it is left out and the address stays the same."""
    access = need(request, "sites:write")
    with transaction.atomic():
        rows = _trunk(access, trunk_id).sites.select_for_update()
        return change_site(get_object_or_404(rows, pk=site_id), **_given(access, site))


@sites.delete(
    "/{slug:trunk_id}/sites/{int:site_id}", response={204: None}, openapi_extra=scope("sites:write")
)
def delete_site(request: HttpRequest, trunk_id: str, site_id: int) -> None:
    """Its callers get the address of a shorter prefix, or the customer's."""
    trunk = _trunk(need(request, "sites:write"), trunk_id)
    remove_site(get_object_or_404(trunk.sites.all(), pk=site_id))


def _trunk(access: Access, trunk_id: str) -> Trunk:
    return get_object_or_404(access.visible(Trunk.objects.all()), pk=trunk_id)


def _given(access: Access, site: SiteIn) -> dict[str, Any]:
    if site.evidence is not None and not access.is_operator:
        raise ValidationError({"evidence": _("Only the operator records what shows the installation.")})
    address = NewAddress(**site.address.model_dump())
    return {"prefix": site.prefix, "name": site.name, "address": address, "evidence": site.evidence}
