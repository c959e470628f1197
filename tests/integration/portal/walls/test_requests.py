"""A wall stands from when it is known who asks until the response has been sent, and no longer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.signals import request_finished
from django.db import ProgrammingError, close_old_connections, connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from kiestoon.portal.customers.models import Customer
from kiestoon.portal.people.models import Person
from kiestoon.portal.people.services import create_person
from kiestoon.portal.tenancy import roles
from kiestoon.portal.tenancy.middleware import WallMiddleware
from kiestoon.portal.tenancy.walls import take_down

pytestmark = pytest.mark.django_db


def role_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        return str(cursor.fetchone()[0])


def test_the_web_process_is_never_the_owner() -> None:
    """Whatever the environment says."""
    command = (
        "import kiestoon.portal.wsgi; from django.db import connection; "
        "print(connection.settings_dict['USER'])"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kiestoon.portal.settings",
        "KIESTOON_STATE": "/nowhere",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.stdout.strip() == roles.PORTAL, done.stderr


def asking(person: Person | None, view: Callable[[HttpRequest], Any]) -> Any:
    """A request of this person through the middleware."""
    request = RequestFactory().get("/")
    request.user = person or AnonymousUser()
    return WallMiddleware(view)(request)


@pytest.fixture
def person(db: None) -> Iterator[Person]:
    """The admin of one of two customers."""
    one, _ = (
        Customer.objects.create(name="One", language="nl"),
        Customer.objects.create(name="Two", language="fr"),
    )
    yield create_person("one", "secret", "customer-admin", one)
    take_down()


def names() -> list[str]:
    return list(Customer.objects.values_list("name", flat=True))


def test_a_response_that_streams_stays_behind_the_wall_until_its_end(person: Person) -> None:
    def export(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(name for _ in range(2) for name in names())

    answer = asking(person, export)
    assert b"".join(answer) == b"OneOne"
    take_down()
    assert role_now() == "none"


def test_after_a_request_the_connection_is_nobodys(person: Person) -> None:
    seen: list[list[str]] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(names())
        return HttpResponse()

    asking(person, view)
    assert seen == [["One"]]
    assert role_now() == roles.PORTAL
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        asking(None, view)
    asking(person, lambda request: HttpResponse())
    take_down()
    assert (role_now(), names()) == ("none", ["One", "Two"])


def test_a_transaction_that_fails_leaves_the_wall_standing(person: Person) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with suppress(ZeroDivisionError), transaction.atomic():
            Customer.objects.update(name="Won")
            raise ZeroDivisionError
        return HttpResponse(names())

    assert asking(person, view).content == b"One"


@pytest.mark.django_db(transaction=True)
def test_a_connection_made_anew_gets_the_wall_again(person: Person) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        connection.close()
        return HttpResponse(names())

    assert asking(person, view).content == b"One"
    connection.close()
    assert role_now() == roles.PORTAL
    request_finished.send(sender=None)
    close_old_connections()
    assert role_now() == "none"


@pytest.mark.django_db(transaction=True)
def test_whoever_connects_as_the_portal_gets_no_further(person: Person) -> None:
    database = connection.settings_dict
    with psycopg.connect(
        host=str(database["HOST"]), dbname=str(database["NAME"]), user=roles.PORTAL, autocommit=True
    ) as portal:
        for refused in (
            "SELECT * FROM customers_customer",
            f'SET ROLE "{os.environ.get("USER", "root")}"',
            "ALTER TABLE customers_customer DISABLE ROW LEVEL SECURITY",
            f"ALTER ROLE {roles.PORTAL} BYPASSRLS",
            "CREATE TABLE mine ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                portal.execute(refused)
        portal.execute(f"SET ROLE {roles.CUSTOMER}")
        assert portal.execute("SELECT name FROM customers_customer").fetchall() == []
        portal.execute("SELECT set_config('kiestoon.customer', %s, false)", (str(person.customer_id),))
        assert portal.execute("SELECT name FROM customers_customer").fetchall() == [("One",)]
        portal.execute("RESET ROLE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            portal.execute("SELECT * FROM customers_customer")
