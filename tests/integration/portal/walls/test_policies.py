"""The database alone keeps customers apart, also when the portal's own filters are gone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.db.models import QuerySet

from kiestoon.portal.calls.models import CallQuerySet
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.numbers.services import give_number
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import Person
from kiestoon.portal.phones.models import Forwarding, TelephoneUser
from kiestoon.portal.phones.services import create_user
from kiestoon.portal.tenancy import roles
from kiestoon.portal.tenancy.tables import TABLES, Shared, Walled
from kiestoon.portal.tenancy.walls import NOBODY, OPERATOR, SIGNING_IN, Wall, behind
from kiestoon.stack.database import PORTAL_ROLE
from tests.integration.portal.walls.planted import HELPLINE, Planted, marks_in
from tests.integration.portal.walls.walk import OPERATIONS, PAGES, path_of, read, send

pytestmark = pytest.mark.django_db


def customer(name: str) -> Wall:
    return Wall(roles.CUSTOMER, Customer.objects.get(name=name).pk)


def text_of(table: str) -> list[str]:
    """The rows of a table that can be seen now."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT t::text FROM "{table}" t')
        return [text for (text,) in cursor.fetchall()]


def test_every_table_is_walled_or_says_why_not(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, rowsecurity FROM pg_tables WHERE schemaname = 'public'")
        found = dict(cursor.fetchall())
        cursor.execute("SELECT DISTINCT tablename FROM pg_policies WHERE schemaname = 'public'")
        with_policy = {name for (name,) in cursor.fetchall()}
    missing, gone = sorted(set(found) - set(TABLES)), sorted(set(TABLES) - set(found))
    assert not missing, f"say in portal/tenancy/tables.py whose rows are whose in: {', '.join(missing)}"
    assert not gone, f"take these tables out of portal/tenancy/tables.py: {', '.join(gone)}"
    for name, entry in TABLES.items():
        assert found[name] == (not isinstance(entry, Shared)), name
        assert (name in with_policy) == isinstance(entry, Walled), name
        assert isinstance(entry, Walled) or entry.because, name


def test_a_table_that_names_a_customer_is_walled(db: None) -> None:
    """Shared and closed are for what belongs to no tenant: no column may say otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name IN ('customer_id', 'called_customer_id', 'user_id', 'username', 'person_id')"
        )
        named = {name for (name,) in cursor.fetchall()}
    assert not {name for name in named if not isinstance(TABLES.get(name, Walled()), Walled)}


def test_the_portals_role_owns_nothing_and_passes_no_policy(db: None) -> None:
    mine = [roles.PORTAL, *roles.TAKEN_ON]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolinherit "
            "FROM pg_roles WHERE rolname = ANY(%s)",
            (mine,),
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner::regrole::text = ANY(%s)", (mine,))
        assert cursor.fetchone() == (0,)
    assert found == {role: (False, False, False, False, role == roles.PORTAL, False) for role in mine}
    assert PORTAL_ROLE == roles.PORTAL


def test_before_anyone_is_known_no_tenants_table_can_be_read(planted: Planted) -> None:
    for name, entry in TABLES.items():
        if isinstance(entry, Shared) and entry.nobody:
            continue
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), behind(NOBODY):
            text_of(name)


def test_each_table_shows_another_customer_nothing_of_a(planted: Planted) -> None:
    seen = set()
    for name, entry in TABLES.items():
        if not isinstance(entry, Walled) or not entry.customer:
            continue
        with behind(OPERATOR):
            of_operator = marks_in(" ".join(text_of(name)))
        with behind(customer("Cabinet Lambert")):
            assert not marks_in(" ".join(text_of(name))), name
        with behind(Wall(roles.CUSTOMER)):
            assert not marks_in(" ".join(text_of(name))), name
        with behind(customer("Quetzal Bakkerij")):
            own = " ".join(text_of(name))
        assert bool(marks_in(own)) == bool(of_operator), name
        assert HELPLINE not in own
        seen |= {name} if of_operator else set()
    assert len(seen) >= 7, "the marks are in too few tables to prove anything"


def test_whoever_signs_in_finds_people_and_only_the_token_presented(planted: Planted) -> None:
    with behind(SIGNING_IN):
        assert text_of("people_person")
        assert text_of("people_apitoken") == []
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            text_of("calls_call")


def test_another_customers_rows_are_not_written(planted: Planted) -> None:
    anna = TelephoneUser.objects.get(username="quetzal.anna")
    with behind(customer("Cabinet Lambert")):
        assert TelephoneUser.objects.filter(pk=anna.pk).update(clir=True) == 0
        assert TelephoneUser.objects.filter(pk=anna.pk).delete()[0] == 0
        # The foreign key alone would allow it: such checks see every row.
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Forwarding.objects.create(user_id=anna.pk, condition="always", target="+32470000000")
    denis = TelephoneUser.objects.get(username="denis")
    with behind(customer("Cabinet Lambert")):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            TelephoneUser.objects.filter(pk=denis.pk).update(customer_id=anna.customer_id)
        Forwarding.objects.create(user_id=denis.pk, condition="always", target="+32470000000").delete()


def test_what_another_customer_has_is_refused_in_words_though_it_cannot_be_seen(planted: Planted) -> None:
    b = Customer.objects.get(name="Cabinet Lambert")
    with behind(Wall(roles.CUSTOMER, b.pk)):
        with pytest.raises(ValidationError) as taken:
            create_user(b, username="quetzal.anna", password="x", extension="299", name="New")
        assert list(taken.value.message_dict) == ["username"]
        assert not TelephoneUser.objects.filter(username="quetzal.anna").exists()
        with pytest.raises(ValidationError, match="already given out"):
            give_number(b, "+3238087171")


@pytest.fixture
def no_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal's own filters, all gone."""

    def all_of(access: Access, rows: QuerySet[Any], customer: str = "", user: str = "") -> QuerySet[Any]:
        return rows

    def all_calls(calls: CallQuerySet, person: Person) -> CallQuerySet:
        return calls

    monkeypatch.setattr(Access, "visible", all_of)
    monkeypatch.setattr(CallQuerySet, "visible_to", all_calls)


def shown_to_b(planted: Planted) -> list[str]:
    """The pages and operations that show B's admin something of A."""
    actor = next(one for one in planted.actors if one.name == "admin of B")
    found = []
    for name, route in {**PAGES, **OPERATIONS}.items():
        method = name.split(" ")[0] if name in OPERATIONS else "GET"
        path = path_of(planted, name, route)
        with transaction.atomic():
            answer = send(planted, actor, route, path, method, name in PAGES)
            if marks_in(read(answer).replace(path, "")):
                found.append(name)
            transaction.set_rollback(True)
    return found


def test_the_database_keeps_customers_apart_without_the_portals_filters(
    planted: Planted, no_filters: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown_to_b(planted) == []
    monkeypatch.setattr(Access, "wall", OPERATOR)
    without_wall = shown_to_b(planted)
    assert {"users", "GET /users", "PATCH /users/{username}", "person", "GET /tokens"} <= set(without_wall)
