"""Every room for every role: who opens it, who gets 403, and a fixed number of queries."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from kiestoon.portal.people.models import Person
from kiestoon.portal.people.services import create_person
from tests.integration.portal.conftest import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def signed_in(world: World, role: str) -> Client:
    """Someone of this role; a customer's person belongs to zon, and a customer-user is bram."""
    is_customers = role.startswith("customer-")
    fields = {"telephone_user": world.bram} if role == "customer-user" else {}
    person: Person = create_person(f"a-{role}", "secret", role, world.zon if is_customers else None, **fields)
    client = Client()
    client.force_login(person)
    return client


def test_smoke(world: World) -> None:
    client = signed_in(world, "admin")
    for path in [
        "users/",
        "users/anna/",
        "users/anna/change/",
        "users/anna/barring/",
        "users/anna/lock/",
        "users/anna/suspension/",
        "users/anna/remove/",
        "users/anna/password/",
        f"customers/{world.zon.pk}/add-user/",
        "forwarding/",
        "forwarding/anna/",
        "numbers/",
        "numbers/+3238080101/",
        "numbers/+3238080101/take-back/",
        f"customers/{world.zon.pk}/give-number/",
        "trunks/",
        "trunks/add/",
        "trunks/national/",
        "trunks/national/change/",
        "trunks/national/remove/",
        "operator/",
        "customers/",
        "customers/add/",
        f"customers/{world.zon.pk}/",
        f"customers/{world.zon.pk}/change/",
        f"customers/{world.zon.pk}/blocked/",
        f"customers/{world.zon.pk}/addresses/add/",
        f"customers/{world.zon.pk}/addresses/{world.zon.address_id}/",
        f"customers/{world.zon.pk}/addresses/{world.zon.address_id}/choose/",
    ]:
        answer = client.get(f"/en/{path}")
        assert answer.status_code == 200, path
