"""What services refuse, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from kiestoon.portal.carriers.services import create_trunk, set_operator
from kiestoon.portal.customers.civic import NewAddress
from kiestoon.portal.customers.services import change_customer, create_customer
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import give_number, point_number, take_back_number
from kiestoon.portal.people.services import create_person, create_token
from kiestoon.portal.phones.services import change_user, create_user, remove_user
from tests.integration.portal.conftest import MEIR, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def said(action: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as caught:
        action()
    return " ".join(caught.value.messages)


def test_numbers(world: World) -> None:
    zon, anna = world.zon, world.anna
    assert "already given out" in said(lambda: give_number(zon, "03 808 01 01"))
    assert "outside the operator's number blocks" in said(lambda: give_number(zon, "+3294445566"))
    assert give_number(zon, "+3294445566", ported_in=True).ported_in
    assert "not a Belgian number" in said(lambda: give_number(zon, "+31201234567"))
    assert "You entered “12”" in said(lambda: give_number(zon, "12"))
    assert "same customer" in said(lambda: give_number(world.lambert, "+3281880299", anna))
    number = Number.objects.get(e164="+3281880201")
    assert "same customer" in said(lambda: point_number(number, anna))
    assert "main number" in said(lambda: take_back_number(Number.objects.get(e164="+3238080100")))
    assert "point them elsewhere first" in said(lambda: remove_user(anna))


def test_users(world: World) -> None:
    def user(username: str = "chloe", extension: str = "203") -> object:
        return create_user(world.zon, username=username, password="x", extension=extension, name="C")

    assert "at least one letter" in said(lambda: user("101"))
    assert "already used" in said(lambda: user(extension="201"))
    assert "already exists" in said(lambda: user("denis"))
    other = world.lambert.address
    assert "same customer" in said(lambda: change_user(world.anna, address=other))
    assert user() is not None


def test_forwarding_to_a_helpline_or_a_foreign_extension(world: World) -> None:
    for target in ("112", "+32112", "070 245 245", "1813"):
        forwarding = [("always", target)]
        assert "emergency" in said(partial(change_user, world.anna, forwarding=forwarding))
    create_user(world.lambert, username="elise", password="x", extension="777", name="Elise")
    assert "no extension" in said(lambda: change_user(world.anna, forwarding=[("busy", "777")]))
    assert "once" in said(lambda: change_user(world.anna, forwarding=[("busy", "202"), ("busy", "202")]))


def test_customers(world: World) -> None:
    assert "postcode" in said(lambda: create_customer("X", "nl", NewAddress("Meir", "1", "200", "Antwerpen")))
    assert "blank" in said(lambda: create_customer("X", "nl", NewAddress("Meir", "", "2000", "Antwerpen")))
    assert "customer's numbers" in said(lambda: change_customer(world.zon, main_number="+3281880201"))
    assert "3 digits" in said(lambda: change_customer(world.zon, outside_prefix="0000"))
    assert "cannot be changed" in said(lambda: change_customer(world.zon, id=5))


def test_operator_and_trunks(world: World) -> None:
    assert "bound to it" in said(lambda: set_operator(realm="x", domains=["x"], blocks=[]))
    assert "number block" in said(lambda: set_operator(realm="x", domains=["x"], blocks=["323808"]))

    def trunk(**fields: object) -> object:
        values = {
            "name": "x",
            "kind": "carrier",
            "uri": "sip:192.0.2.1",
            "addresses": ["192.0.2.1"],
            **fields,
        }
        return create_trunk("x", **values)

    assert "one trunk only" in said(lambda: trunk(addresses=["127.0.1.1"]))
    assert "SIP address" in said(lambda: trunk(uri="http://192.0.2.1"))
    assert "IP address" in said(lambda: trunk(addresses=["carrier.example"]))
    assert "only_a_pbx" in said(lambda: trunk(kind="customer-pbx"))
    assert trunk(addresses=["2001:db8::1", "[2001:db8::2]:5060"]) is not None


def test_people_and_tokens(world: World) -> None:
    assert "no such role" in said(lambda: create_person("x", "x", "boss"))
    assert "belong to a customer" in said(lambda: create_person("x", "x", "customer-user"))
    assert "belong to a customer" in said(lambda: create_token("x", "admin", world.zon))
    assert "cannot give" in said(lambda: create_token("x", "finance", scopes=("users:write",)))
    assert create_customer("Y", "de", MEIR).address is not None
