"""Whose webhooks someone sees, and for whom they may make one."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.people.access import Access
from kiestoon.portal.webhooks.models import Endpoint


def visible_endpoints(access: Access) -> QuerySet[Endpoint]:
    """A customer's own; all of them for the operator."""
    return access.visible(Endpoint.objects.all())


def owner_of(access: Access, customer_id: int | None) -> Customer | None:
    """The customer a new webhook is for; None for one of the operator. ValidationError for another's."""
    if access.is_operator and customer_id is None:
        return None
    mine = access.visible(Customer.objects.all(), customer="pk")
    wanted = access.customer_id if customer_id is None else customer_id
    customer = None if wanted is None else mine.filter(pk=wanted).first()
    if customer is None:
        raise ValidationError({"customer_id": _("There is no such customer.")})
    return customer
