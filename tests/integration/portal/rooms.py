"""What the stories about rooms share: someone who signed in, and a form as a browser sends it."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from kiestoon.portal.people.services import create_person
from tests.integration.portal.conftest import World

_VERSION = re.compile(r'name="version" value="(\w+)"')


def signed_in(world: World, role: str) -> Client:
    """Someone of this role; a customer's person belongs to zon, and a customer-user is bram."""
    is_customers = role.startswith("customer-")
    fields = {"telephone_user": world.bram} if role == "customer-user" else {}
    person = create_person(f"a-{role}", "secret", role, world.zon if is_customers else None, **fields)
    client = Client()
    client.force_login(person)
    return client


def version(client: Client, path: str) -> str:
    """The version the form on this page carries."""
    found = _VERSION.search(body(client.get(path)))
    assert found, f"{path} has no version"
    return found[1]


def send(client: Client, path: str, **fields: Any) -> HttpResponse:
    """Open the page, then send its form with these values."""
    return client.post(path, {"version": version(client, path), **fields})  # type: ignore[return-value]


def body(answer: Any) -> str:
    return str(answer.content.decode())
