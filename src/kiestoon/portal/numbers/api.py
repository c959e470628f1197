"""/api/numbers"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.description import scope
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import Target, give_number, point_number, take_back_number
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.authentication import need, need_operator
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.schemas import Change

router = Router(tags=["numbers"])


class NumberOut(Schema):
    e164: str
    customer_id: int
    kind: str
    target: str
    ported_in: bool


class NumberIn(Schema):
    """`target`: a user name or a trunk id; left out or empty: everyone of the customer."""

    model_config = ConfigDict(extra="forbid")
    e164: str
    customer_id: int
    target: str = ""
    ported_in: bool = False


class NumberChange(Change):
    target: str


def _visible(access: Access) -> QuerySet[Number]:
    return access.visible(Number.objects.select_related("user", "customer"))


@router.get("", response=list[NumberOut], openapi_extra=scope("numbers:read"))
@in_pages(CountedKeyset, order=("e164",))
def list_numbers(request: HttpRequest, customer: int | None = None) -> QuerySet[Number]:
    """Numbers customers hold; `target` is a user name, a trunk id, or empty for everyone."""
    rows = _visible(need(request, "numbers:read"))
    return rows if customer is None else rows.filter(customer_id=customer)


@router.post(
    "",
    response={201: NumberOut},
    openapi_extra=scope(
        "numbers:write", {"e164": "+3238080150", "customer_id": 1, "target": "anna", "ported_in": False}
    ),
)
def post_number(request: HttpRequest, number: NumberIn) -> Number:
    """Give a customer a number; only the operator does."""
    need_operator(request, "numbers:write")
    with transaction.atomic():
        customer = Customer.objects.select_for_update().filter(pk=number.customer_id).first()
        if customer is None:
            raise ValidationError({"customer_id": _("There is no such customer.")})
        target = _target(customer.pk, number.target)
        return give_number(customer, number.e164, target, ported_in=number.ported_in)


@router.get("/{e164}", response=NumberOut, openapi_extra=scope("numbers:read"))
def get_number(request: HttpRequest, e164: str) -> Number:
    """One number, as `+3238080101`."""
    return get_object_or_404(_visible(need(request, "numbers:read")), e164=e164)


@router.patch("/{e164}", response=NumberOut, openapi_extra=scope("numbers:write", {"target": "anna"}))
def patch_number(request: HttpRequest, e164: str, change: NumberChange) -> Number:
    """Let a number ring something else of its customer; in effect on the next call."""
    access = need(request, "numbers:write")
    with transaction.atomic():
        rows = access.visible(Number.objects.select_for_update())
        number = get_object_or_404(rows, e164=e164)
        return point_number(number, _target(number.customer_id, change.target))


@router.delete("/{e164}", response={204: None}, openapi_extra=scope("numbers:write"))
def delete_number(request: HttpRequest, e164: str) -> None:
    """The customer no longer holds it; only the operator takes numbers back."""
    access = need_operator(request, "numbers:write")
    take_back_number(get_object_or_404(_visible(access), e164=e164))


def _target(customer_id: int, name: str) -> Target:
    """The user or trunk of this customer with this name; None for an empty one."""
    if not name:
        return None
    found = (
        TelephoneUser.objects.filter(username=name, customer_id=customer_id).first()
        or Trunk.objects.filter(pk=name, customer_id=customer_id).first()
    )
    if found is None:
        said = _("This customer has no user and no trunk called “%(name)s”.")
        raise ValidationError({"target": said % {"name": name}})
    return found
