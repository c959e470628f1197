"""/api/numbers"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.pagination import paginate

from kiestoon.portal.numbers.models import Number
from kiestoon.portal.people.authentication import need

router = Router(tags=["numbers"])


class NumberOut(Schema):
    e164: str
    customer_id: int
    kind: str
    target: str
    ported_in: bool


@router.get("", response=list[NumberOut])
@paginate
def list_numbers(request: HttpRequest, customer: int | None = None) -> QuerySet[Number]:
    """Numbers customers hold; `target` is a user name, a trunk id, or empty for everyone."""
    access = need(request, "numbers:read")
    rows = access.visible(Number.objects.select_related("user"))
    return rows if customer is None else rows.filter(customer_id=customer)
