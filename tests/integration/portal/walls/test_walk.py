"""Every page and every operation of the API, tried by everyone who has no business there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kiestoon.portal.api import api
from tests.integration.portal.walls.planted import HELPLINE, Actor, Planted, marks_in, plant
from tests.integration.portal.walls.routes import (
    BESIDE_THE_DESCRIPTION,
    NOT_COMPARED,
    OPERATIONS,
    PAGES,
    PUBLIC,
    SIGNED_IN,
    Route,
)

pytestmark = pytest.mark.django_db

API = api.urls_namespace
REFUSED = (401, 403, 404, 405)
Rows = Counter[tuple[str, str]]


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Planted]:
    """One world for the whole walk; each request's changes are undone."""
    folder: Path = tmp_path_factory.mktemp("walk")
    location = folder / "location.sqlite"
    stores = {"ROUTING_STORE": folder / "customers.sqlite", "LOCATION": location, "SECRETS": folder}
    with override_settings(**stores), django_db_blocker.unblock(), transaction.atomic():
        yield plant(location)
        transaction.set_rollback(True)


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


def operations() -> dict[str, dict[str, Any]]:
    """What OpenAPI describes, by method and path below /api."""
    root = reverse(f"{API}:api-root").rstrip("/")
    return {
        f"{method.upper()} {path.removeprefix(root)}": operation
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


NAMES = sorted({name for name, _ in routes() if not name.startswith(f"{API}:")})


def test_every_page_has_an_entry() -> None:
    missing, gone = sorted(set(NAMES) - set(PAGES)), sorted(set(PAGES) - set(NAMES))
    assert not missing, f"say in walls/routes.py, PAGES, who may open: {', '.join(missing)}"
    assert not gone, f"these pages are gone; take them out of walls/routes.py: {', '.join(gone)}"


def test_every_operation_has_an_entry() -> None:
    missing, gone = sorted(set(operations()) - set(OPERATIONS)), sorted(set(OPERATIONS) - set(operations()))
    assert not missing, f"say in walls/routes.py, OPERATIONS, who may call: {', '.join(missing)}"
    assert not gone, f"these operations are gone; take them out of walls/routes.py: {', '.join(gone)}"


def test_nothing_is_served_below_api_that_openapi_leaves_out() -> None:
    """An operation hidden from the description would escape the walk."""
    described = {path.split(" ", 1)[1].lstrip("/") for path in operations()}
    for name, route in routes():
        if name.startswith(f"{API}:") and name.removeprefix(f"{API}:") not in BESIDE_THE_DESCRIPTION:
            pattern = str(route.pattern).replace("<", "{").replace(">", "}")
            plain = "{".join(part.split(":", 1)[-1] for part in pattern.split("{"))
            assert plain in described, f"openapi.json does not describe {plain}"


def test_what_is_public_says_why() -> None:
    for name, route in {**PAGES, **OPERATIONS}.items():
        assert bool(route.reason) == (route.opens == PUBLIC), name
    assert all(BESIDE_THE_DESCRIPTION.values())
    assert all(NOT_COMPARED.values())


@pytest.mark.parametrize("name", NAMES)
def test_page(planted: Planted, name: str) -> None:
    route = PAGES.get(name)
    if route is None:
        pytest.fail(f"say in walls/routes.py, PAGES, who may open {name}")
    pattern = dict(routes())[name].pattern
    path = reverse(name, kwargs=_filled(planted, route, list(pattern.converters) or _groups(pattern), name))
    names_one = bool(pattern.converters) or bool(_groups(pattern))
    methods = route.methods or (("GET", "POST") if route.body is not None else ("GET",))
    for method in ("GET", "POST"):
        for actor in planted.actors:
            _try(planted, actor, route, path, method, names_one, answers=method in methods, pages=True)


@pytest.mark.parametrize("name", sorted(operations()))
def test_operation(planted: Planted, name: str) -> None:
    route = OPERATIONS.get(name)
    if route is None:
        pytest.fail(f"say in walls/routes.py, OPERATIONS, who may call {name}")
    method, path = name.split(" ", 1)
    given = [one["name"] for one in operations()[name].get("parameters", ()) if one["in"] == "path"]
    values = _filled(planted, route, given, name)
    path = reverse(f"{API}:api-root").rstrip("/") + path.format_map(values)
    if method != "GET" and route.opens != PUBLIC:
        assert route.body is not None, (
            f"give {name} a valid body in walls/routes.py ({{}} when it takes none)"
        )
    for actor in planted.actors:
        _try(planted, actor, route, path, method, bool(given), answers=True, pages=False)


def test_public_parts_of_the_api_tell_nothing(planted: Planted) -> None:
    for name in BESIDE_THE_DESCRIPTION:
        answer = planted.actors[0].api.get(reverse(f"{API}:{name}"))
        assert not marks_in(answer.content.decode()), name


def _groups(pattern: Any) -> list[str]:
    """Parameters of a route written as a regular expression."""
    return list(getattr(getattr(pattern, "regex", None), "groupindex", {}))


def _filled(planted: Planted, route: Route, parameters: list[str], name: str) -> dict[str, str]:
    values = {}
    for parameter in parameters:
        key = route.fill.get(parameter, parameter)
        assert key in planted.ids, f"{name}: give {key!r} an object of customer A in walls/planted.py"
        values[parameter] = planted.ids[key]
    return values


def _try(
    planted: Planted,
    actor: Actor,
    route: Route,
    path: str,
    method: str,
    names_one: bool,
    *,
    answers: bool,
    pages: bool,
) -> None:
    """One request of one actor: what it must answer, show and leave as it was."""
    what = f"{method} {path} as {actor.name}"
    may = route.opens == PUBLIC or (
        bool(actor.role)
        and (route.opens == SIGNED_IN or actor.may(route.opens))
        and actor.role not in route.refused
    )
    of_others = names_one and route.tenants and (actor.customer == "B" or actor.name == "user of A")
    before = _rows()
    with transaction.atomic():
        answer = _send(planted, actor, route, path, method, pages)
        after = _rows()
        transaction.set_rollback(True)
    body = _read(answer).replace(path, "")
    assert answer.status_code < 500, f"{what}: {answer.status_code} {body[:500]}"
    if actor.customer != "A" and not (may and actor.is_operator):
        assert not marks_in(body), f"{what} shows customer A's {marks_in(body)}"
    if not actor.is_operator:
        assert HELPLINE not in body, f"{what} shows a call to a helpline"
    if actor.name == "user of A":
        assert not marks_in(body, annas_only=True), f"{what} shows a colleague's"
    if not may or of_others or not answers:
        assert after == before, f"{what} changed {_different(before, after)}"
        assert _is_refusal(answer, pages) or not answers, f"{what}: {answer.status_code}, expected a refusal"
        return
    if route.opens == PUBLIC or (method != "GET" and route.body is None):
        return
    if actor.customer == "B":
        assert _marked(after) == _marked(before), f"{what} changed {_different(before, after)}"
        return
    assert answer.status_code in (200, 201, 202, 204, 302), f"{what}: {answer.status_code} {body[:500]}"
    assert not _is_refusal(answer, pages), f"{what}: sent to sign in"
    if method == "GET":
        assert after == before, f"{what} is a GET and changed {_different(before, after)}"
        shows = route.shows and actor.name != "user of A"
        assert not shows or marks_in(body), f"{what} shows nothing of customer A: is it tried on its objects?"
    elif route.changes:
        assert after != before, f"{what} changes nothing: its body in walls/routes.py proves nothing"


def _send(planted: Planted, actor: Actor, route: Route, path: str, method: str, pages: bool) -> HttpResponse:
    client = actor.page if pages else actor.api
    if method == "GET":
        return client.get(path)  # type: ignore[return-value]
    body = _named(route.body or {}, planted.ids)
    if pages:
        return client.post(path, body)  # type: ignore[return-value]
    return client.generic(method, path, json.dumps(body), content_type="application/json")  # type: ignore[return-value]


def _named(value: Any, ids: dict[str, str]) -> Any:
    """The body with A's objects for their names in braces."""
    if isinstance(value, str):
        return value.format_map(ids)
    if isinstance(value, dict):
        return {key: _named(one, ids) for key, one in value.items()}
    return [_named(one, ids) for one in value] if isinstance(value, list) else value


def _read(answer: Any) -> str:
    """The whole body: a streaming answer asks the database while it is read."""
    return b"".join(answer).decode(errors="replace")


def _is_refusal(answer: Any, pages: bool) -> bool:
    if pages and answer.status_code == 302:
        return bool(answer["Location"].startswith(reverse("sign_in")))
    return answer.status_code in REFUSED


def _rows() -> Rows:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted(name for (name,) in cursor.fetchall() if name not in NOT_COMPARED)
        quoted = [(name, connection.ops.quote_name(name)) for name in tables]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', t::text FROM {sql} t" for name, sql in quoted))
        return Counter((str(table), str(text)) for table, text in cursor.fetchall())


def _marked(rows: Rows) -> Rows:
    return Counter({row: count for row, count in rows.items() if marks_in(row[1])})


def _different(before: Rows, after: Rows) -> str:
    return ", ".join(sorted({table for table, _ in (before - after) + (after - before)}))
