"""Whom a thing belongs to, by the name its addresses give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model, QuerySet

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.emergency.models import Device
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.people.models import ApiToken, Person
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.webhooks.models import Endpoint

Rows = Callable[[Any], QuerySet[Model]]

SUBJECTS: dict[str, tuple[str, Rows]] = {
    "customer_id": ("pk", lambda key: Customer.objects.filter(pk=key)),
    "user_id": ("customer_id", lambda key: TelephoneUser.objects.filter(pk=key)),
    "username": ("customer_id", lambda key: TelephoneUser.objects.filter(username=key)),
    "person_id": ("customer_id", lambda key: Person.objects.filter(pk=key)),
    "token_id": ("customer_id", lambda key: ApiToken.objects.filter(pk=key)),
    "number": ("customer_id", lambda key: Number.objects.filter(e164=key)),
    "e164": ("customer_id", lambda key: Number.objects.filter(e164=key)),
    "endpoint_id": ("customer_id", lambda key: Endpoint.objects.filter(pk=key)),
    "device_id": ("customer_id", lambda key: Device.objects.filter(pk=key)),
    "trunk_id": ("customer_id", lambda key: Trunk.objects.filter(trunk_id=key)),
}
"""Name in an address: the field that names the customer, and the rows with that key."""


def customer_of(ids: Mapping[str, Any]) -> int | None:
    """The customer of the first thing that has one; None for the operator's own and for what is gone."""
    for name, key in ids.items():
        if name in SUBJECTS:
            field, rows = SUBJECTS[name]
            found: int | None = rows(key).values_list(field, flat=True).first()
            if found is not None:
                return found
    return None
