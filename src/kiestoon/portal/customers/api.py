"""/api/customers"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import change_customer
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need
from kiestoon.portal.schemas import Address, Change

router = Router(tags=["customers"])

OPERATOR_ONLY = frozenset({"suspended"})


class CustomerOut(Schema):
    id: int
    name: str
    language: str
    main_number: str
    outside_prefix: str
    blocked: list[str]
    suspended: bool
    address: Address | None


class CustomerChange(Change):
    main_number: str | None = None
    outside_prefix: str | None = None
    blocked: list[str] | None = None
    suspended: bool | None = None
    language: str | None = None


def _visible(access: Access) -> QuerySet[Customer]:
    return access.visible(Customer.objects.select_related("address"), customer="pk")


@router.get("", response=list[CustomerOut])
@paginate
def list_customers(request: HttpRequest) -> QuerySet[Customer]:
    """Customers by name."""
    return _visible(need(request, "customers:read"))


@router.get("/{int:customer_id}", response=CustomerOut)
def get_customer(request: HttpRequest, customer_id: int) -> Customer:
    return get_object_or_404(_visible(need(request, "customers:read")), pk=customer_id)


@router.patch("/{int:customer_id}", response=CustomerOut)
def patch_customer(request: HttpRequest, customer_id: int, change: CustomerChange) -> Customer:
    """In effect on the next call, within a second."""
    access = need(request, "customers:write")
    customer = get_object_or_404(_visible(access), pk=customer_id)
    fields = change.given()
    if not access.is_operator and (reserved := OPERATOR_ONLY & set(fields)):
        raise HttpError(403, f"only the operator changes: {', '.join(sorted(reserved))}")
    return change_customer(customer, **fields)
