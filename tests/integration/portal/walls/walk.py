"""Every route there is, and one request to one of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kiestoon.portal.api import api
from tests.integration.portal.walls.planted import Actor, Planted, marks_in
from tests.integration.portal.walls.routes import NOT_COMPARED, OPERATIONS, PAGES, Route

__all__ = ["OPERATIONS", "PAGES"]

API = api.urls_namespace
Rows = Counter[tuple[str, str]]


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Every route of the resolver by its name (namespace:name; the pattern, when it has no name)."""
    pending: list[tuple[tuple[str, ...], URLPattern | URLResolver]] = [
        ((), one) for one in get_resolver().url_patterns
    ]
    while pending:
        spaces, one = pending.pop(0)
        if isinstance(one, URLResolver):
            inner = (*spaces, one.namespace) if one.namespace else spaces
            pending += [(inner, below) for below in one.url_patterns]
        else:
            yield ":".join((*spaces, one.name or str(one.pattern))), one


@cache
def pages() -> dict[str, URLPattern]:
    """The routes that are not the API's."""
    return {name: route for name, route in routes() if not name.startswith(f"{API}:")}


@cache
def operations() -> dict[str, dict[str, Any]]:
    """What OpenAPI describes, by method and path below /api."""
    return {
        f"{method.upper()} {path.removeprefix(root())}": operation
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


def root() -> str:
    """The path of the API."""
    return reverse(f"{API}:api-root").rstrip("/")


def parameters(name: str) -> list[str]:
    """The parameters in the path of a page or an operation."""
    if name in operations():
        described = operations()[name].get("parameters", ())
        return [one["name"] for one in described if one["in"] == "path"]
    pattern = pages()[name].pattern
    return list(pattern.converters) or list(getattr(getattr(pattern, "regex", None), "groupindex", {}))


def path_of(planted: Planted, name: str, route: Route) -> str:
    """The address, about an object of customer A."""
    values = {}
    for parameter in parameters(name):
        key = route.fill.get(parameter, parameter)
        assert key in planted.ids, f"{name}: give {key!r} an object of customer A in walls/planted.py"
        values[parameter] = planted.ids[key]
    if name in operations():
        return root() + name.split(" ", 1)[1].format_map(values)
    return reverse(name, kwargs=values)


def send(planted: Planted, actor: Actor, route: Route, path: str, method: str, is_page: bool) -> HttpResponse:
    """One request: to a page as a form, to the API as JSON."""
    client = actor.page if is_page else actor.api
    answer: Any
    if method == "GET":
        answer = client.get(path)
    elif is_page:
        answer = client.post(path, _named(route.body or {}, planted.ids))
    else:
        body = json.dumps(_named(route.body or {}, planted.ids))
        answer = client.generic(method, path, body, content_type="application/json")
    return answer  # type: ignore[no-any-return]


def _named(value: Any, ids: dict[str, str]) -> Any:
    """The body with A's objects for their names in braces."""
    if isinstance(value, str):
        return value.format_map(ids)
    if isinstance(value, dict):
        return {key: _named(one, ids) for key, one in value.items()}
    return [_named(one, ids) for one in value] if isinstance(value, list) else value


def read(answer: Any) -> str:
    """The whole body: a streaming answer asks the database while it is read."""
    return b"".join(answer).decode(errors="replace")


def rows() -> Rows:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted(name for (name,) in cursor.fetchall() if name not in NOT_COMPARED)
        quoted = [(name, connection.ops.quote_name(name)) for name in tables]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', t::text FROM {sql} t" for name, sql in quoted))
        return Counter((str(table), str(text)) for table, text in cursor.fetchall())


def marked(found: Rows) -> Rows:
    """The rows that hold something of customer A."""
    return Counter({row: count for row, count in found.items() if marks_in(row[1])})


def difference(before: Rows, after: Rows) -> str:
    """The tables in which they differ."""
    return ", ".join(sorted({table for table, _ in (before - after) + (after - before)}))
