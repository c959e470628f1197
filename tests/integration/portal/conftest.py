"""A small operator with two customers, and a routing store of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from kiestoon.portal.carriers.services import create_trunk, set_operator
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import change_customer, create_customer
from kiestoon.portal.notices.services import accept_notice
from kiestoon.portal.notices.texts import notice_in_force
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.people.services import create_person, create_token
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import create_user
from kiestoon.portal.tenancy import walls

REALM = "demo.kiestoon.test"
MEIR = NewAddress("Meir", "1", "2000", "Antwerpen")


@dataclass(frozen=True)
class World:
    """Two customers of one operator: anna and bram at zon, denis at lambert."""

    zon: Customer
    lambert: Customer
    anna: TelephoneUser
    bram: TelephoneUser
    denis: TelephoneUser


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    """Where this test's routing store will be."""
    settings.ROUTING_STORE = tmp_path / "routing" / "customers.sqlite"
    settings.LOCATION = tmp_path / "location.sqlite"
    settings.SECRETS = tmp_path / "secrets"
    return tmp_path / "routing" / "customers.sqlite"


def accepted(customer: Customer) -> None:
    """The customer has read what is told about emergency calls: its numbers and users can become active."""
    notice = notice_in_force(datetime.now(UTC))
    accept_notice(customer, version=notice.version, language=customer.language, by="An Peeters")


def make_world() -> World:
    set_operator(realm=REALM, domains=[REALM], blocks=["+323808", "+328188"])
    create_trunk(
        "national", name="national carrier", kind="carrier", uri="sip:127.0.1.1:5060", addresses=["127.0.1.1"]
    )
    zon = create_customer("Zon", "nl", MEIR)
    lambert = create_customer("Lambert", "fr", NewAddress("Rue de Fer", "10", "5000", "Namur"))
    accepted(zon)
    accepted(lambert)
    anna = create_user(zon, username="anna", password="a", extension="201", name="Anna")
    bram = create_user(zon, username="bram", password="b", extension="202", name="Bram")
    denis = create_user(lambert, username="denis", password="d", extension="201", name="Denis")
    give_number(zon, "+3238080100")
    give_number(zon, "+3238080101", anna)
    give_number(zon, "+3238080102", bram)
    give_number(lambert, "+3281880201", denis)
    zon = change_customer(zon, main_number="+3238080100")
    return World(zon, lambert, anna, bram, denis)


def api_client(role: str, customer: Customer | None = None, **token: object) -> Client:
    """A client that sends a token of this role."""
    value = create_token("test", role, customer, **token)  # type: ignore[arg-type]
    return Client(headers={"Authorization": f"Bearer {value}"})


def user_client(world: World, user: TelephoneUser) -> Client:
    """A client with the token of the customer-user who is this telephone user."""
    person = create_person("someone", "secret", "customer-user", user.customer, telephone_user=user)
    return api_client("customer-user", user.customer, person=person)


@pytest.fixture(autouse=True)
def _password_is_enough(settings: Settings) -> None:
    """Stories about other things sign in with a password alone; signing in has its own (test_signing_in)."""
    settings.SECOND_FACTOR_ROLES = ()


@pytest.fixture(autouse=True)
def _no_wall_is_left() -> None:
    """A stream that a test did not read to its end leaves its wall standing."""
    walls._standing.clear()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A page asked for in another language leaves it on in this thread."""
    with translation.override("en"):
        yield
