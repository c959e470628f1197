"""Roles, rights and policies as `roles.py` and `tables.py` say; after every migrate, by the owner."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from kiestoon.portal.tenancy.roles import CUSTOMER, OPERATOR, PORTAL, SIGN_IN, TAKEN_ON
from kiestoon.portal.tenancy.tables import TABLES, Closed, Shared, Walled

EVERYONE = ", ".join((PORTAL, *TAKEN_ON))
DEFER = "procrastinate_defer_jobs_v1"
"""How a job is added; it runs as the owner, so that a request can add jobs and read none."""


def install(using: str = "default") -> None:
    """Bring the database in line, all or nothing. ImproperlyConfigured when a role could pass the walls."""
    with transaction.atomic(using), connections[using].cursor() as cursor:
        _make_roles(cursor)
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {EVERYONE}")
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {EVERYONE}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {EVERYONE}")
        cursor.execute("SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public'")
        for policy, table in cursor.fetchall():
            cursor.execute(f'DROP POLICY "{policy}" ON "{table}"')
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            for statement in _statements(table):
                cursor.execute(statement)
        cursor.execute("SELECT oid::regprocedure FROM pg_proc WHERE proname = %s", (DEFER,))
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp")


def _make_roles(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT rolname FROM pg_roles")
    known = {name for (name,) in cursor.fetchall()}
    for role in (PORTAL, *TAKEN_ON):
        if role not in known:
            login = "LOGIN" if role == PORTAL else "NOLOGIN"
            cursor.execute(f"CREATE ROLE {role} {login} NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE")
    cursor.execute(f"GRANT {', '.join(TAKEN_ON)} TO {PORTAL}")
    cursor.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) "
        "AND (rolsuper OR rolbypassrls OR rolcreaterole OR (rolinherit AND rolname = %s))",
        ([PORTAL, *TAKEN_ON], PORTAL),
    )
    if above := [name for (name,) in cursor.fetchall()]:
        raise ImproperlyConfigured(
            f"PostgreSQL's role {', '.join(above)} could pass the walls between customers: drop it, or take "
            "from it SUPERUSER, BYPASSRLS, CREATEROLE and INHERIT, and migrate again"
        )


def _statements(table: str) -> Iterator[str]:
    """What makes one table as it is described; one that is not gets neither right nor policy."""
    entry = TABLES.get(table)
    yield f'ALTER TABLE "{table}" {"DISABLE" if isinstance(entry, Shared) else "ENABLE"} ROW LEVEL SECURITY'
    if entry is None or isinstance(entry, Closed):
        return
    if isinstance(entry, Shared):
        rights = {CUSTOMER: entry.everyone, SIGN_IN: entry.everyone, PORTAL: entry.nobody}
    else:
        rights = {
            CUSTOMER: entry.customer_rights if entry.customer else "",
            SIGN_IN: entry.sign_in_rights if entry.sign_in else "",
        }
        yield from _policies(table, entry)
    rights[OPERATOR] = entry.operator_rights
    for role, granted in rights.items():
        if granted:
            yield f'GRANT {granted} ON "{table}" TO {role}'


def _policies(table: str, entry: Walled) -> Iterator[str]:
    conditions = {OPERATOR: "true", CUSTOMER: entry.customer, SIGN_IN: entry.sign_in}
    for role, condition in conditions.items():
        if condition:
            yield f'CREATE POLICY {role} ON "{table}" TO {role} USING ({condition}) WITH CHECK ({condition})'
