"""/api/customers"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict

from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import (
    change_customer,
    create_customer,
    customer_version,
)
from kiestoon.portal.description import scope
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need, need_operator
from kiestoon.portal.schemas import Address, AddressIn, Change, Language
from kiestoon.portal.versions import give_etag, need_match

router = Router(tags=["customers"])

OPERATOR_ONLY = frozenset({"suspended"})


class InstallationAddress(Address):
    """`evidence`: the document that shows the installation there; without one it is declared only."""

    evidence: str


class CustomerOut(Schema):
    id: int
    name: str
    language: str
    main_number: str
    outside_prefix: str
    blocked: list[str]
    suspended: bool
    address: InstallationAddress | None


class CustomerIn(Schema):
    """`evidence`: reference of the document that shows that the lines are installed at the address."""

    model_config = ConfigDict(extra="forbid")
    name: str
    language: Language
    address: AddressIn
    evidence: str = ""


NEW = {
    "name": "Slagerij De Maan",
    "language": "nl",
    "address": {"street": "Meir", "house_number": "12", "postcode": "2000", "municipality": "Antwerpen"},
}


class CustomerChange(Change):
    main_number: str | None = None
    outside_prefix: str | None = None
    blocked: list[str] | None = None
    suspended: bool | None = None
    language: Language | None = None


def _visible(access: Access) -> QuerySet[Customer]:
    return access.visible(Customer.objects.select_related("address"), customer="pk")


@router.get("", response=list[CustomerOut], openapi_extra=scope("customers:read"))
@in_pages(CountedKeyset, order=("name", "pk"))
def list_customers(request: HttpRequest) -> QuerySet[Customer]:
    """Customers by name."""
    return _visible(need(request, "customers:read"))


@router.post("", response={201: CustomerOut}, openapi_extra=scope("customers:write", NEW))
def post_customer(request: HttpRequest, customer: CustomerIn) -> Customer:
    """A customer with its installation address; only the operator makes customers."""
    need_operator(request, "customers:write")
    address = NewAddress(**customer.address.model_dump())
    return create_customer(customer.name, customer.language, address, evidence=customer.evidence)


@router.get("/{int:customer_id}", response=CustomerOut, openapi_extra=scope("customers:read"))
def get_customer(request: HttpRequest, response: HttpResponse, customer_id: int) -> Customer:
    """One customer; the ETag goes back in If-Match."""
    customer = get_object_or_404(_visible(need(request, "customers:read")), pk=customer_id)
    give_etag(response, customer_version(customer))
    return customer


@router.patch(
    "/{int:customer_id}",
    response=CustomerOut,
    openapi_extra=scope("customers:write", {"blocked": ["+32470999999"]}),
)
def patch_customer(
    request: HttpRequest, response: HttpResponse, customer_id: int, change: CustomerChange
) -> Customer:
    """In effect on the next call, within a second. If-Match is honoured."""
    access = need(request, "customers:write")
    fields = change.given()
    with transaction.atomic():
        rows = access.visible(Customer.objects.select_for_update(), customer="pk")
        customer = get_object_or_404(rows, pk=customer_id)
        if not access.is_operator and (reserved := OPERATOR_ONLY & set(fields)):
            raise HttpError(403, f"only the operator changes: {', '.join(sorted(reserved))}")
        need_match(request, customer_version(customer))
        change_customer(customer, **fields)
    give_etag(response, customer_version(customer))
    return customer
