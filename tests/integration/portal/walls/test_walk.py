"""Every page and every operation of the API, tried by everyone who has no business there."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tests.integration.portal.walls.actors import ANNA, Actor
from tests.integration.portal.walls.planted import HELPLINE, ON_SITE, Planted, marks_in
from tests.integration.portal.walls.routes import (
    BESIDE_THE_DESCRIPTION,
    NOT_COMPARED,
    OPERATIONS,
    OWN,
    PAGES,
    PUBLIC,
    SIGNED_IN,
    Route,
)
from tests.integration.portal.walls.walk import (
    API,
    Rows,
    difference,
    marked,
    operations,
    pages,
    parameters,
    path_of,
    read,
    routes,
    rows,
    send,
)

pytestmark = pytest.mark.django_db

REFUSED = (401, 403, 404, 405)
DONE = (200, 201, 202, 204, 302)


@pytest.fixture(scope="module")
def before(planted: Planted) -> Rows:
    """What every request finds: each one's changes are undone."""
    return rows()


def test_every_page_has_an_entry() -> None:
    missing, gone = sorted(set(pages()) - set(PAGES)), sorted(set(PAGES) - set(pages()))
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


@pytest.mark.parametrize("name", sorted(pages()))
def test_page(planted: Planted, before: Rows, name: str) -> None:
    route = PAGES.get(name)
    if route is None:
        pytest.fail(f"say in walls/routes.py, PAGES, who may open {name}")
    methods = route.methods or (("GET", "POST") if route.body is not None else ("GET",))
    for method in ("GET", "POST"):
        for actor in planted.actors:
            _try(planted, before, actor, name, route, method, answers=method in methods)


@pytest.mark.parametrize("name", sorted(operations()))
def test_operation(planted: Planted, before: Rows, name: str) -> None:
    route = OPERATIONS.get(name)
    if route is None:
        pytest.fail(f"say in walls/routes.py, OPERATIONS, who may call {name}")
    method = name.split(" ")[0]
    if method != "GET" and route.opens != PUBLIC:
        assert route.body is not None, (
            f"give {name} a valid body in walls/routes.py ({{}} when it takes none)"
        )
    for actor in planted.actors:
        _try(planted, before, actor, name, route, method, answers=True)


def test_public_parts_of_the_api_tell_nothing(planted: Planted) -> None:
    for name in BESIDE_THE_DESCRIPTION:
        answer = planted.actors[0].api.get(reverse(f"{API}:{name}"))
        assert not marks_in(answer.content.decode()), name


def _try(
    planted: Planted, before: Rows, actor: Actor, name: str, route: Route, method: str, *, answers: bool
) -> None:
    """One request of one actor: what it must answer, show and leave as it was."""
    path, is_page = path_of(planted, name, route), name in PAGES
    what = f"{method} {path} as {actor.name}"
    may = _may(actor, (method != "GET" and route.writes) or route.opens) and actor.role not in route.refused
    names_one = bool(parameters(name)) and route.tenants
    of_others = names_one and (actor.customer == "B" or actor.name == "user of A")
    with transaction.atomic():
        answer = send(planted, actor, route, path, method, is_page)
        body = read(answer).replace(path, "")
        after = rows()
        transaction.set_rollback(True)
    assert answer.status_code < 500, f"{what}: {answer.status_code} {body[:500]}"
    if actor.customer != "A" and not (may and actor.is_operator):
        assert not marks_in(body), f"{what} shows customer A's {marks_in(body)}"
    if not actor.is_operator:
        assert HELPLINE not in body, f"{what} shows a call to a helpline"
    if not actor.may("emergency-log:read"):
        assert ON_SITE not in body, f"{what} shows a call to 112"
    if actor.name == "user of A":
        assert not marks_in(body, annas_only=True), f"{what} shows a colleague's"
    if not may or of_others or not answers:
        assert after == before, f"{what} changed {difference(before, after)}"
        assert _is_refusal(answer, is_page) or not answers, (
            f"{what}: {answer.status_code}, expected a refusal"
        )
        return
    if route.opens == PUBLIC or (method != "GET" and route.body is None):
        return
    if actor.customer == "B":
        assert marked(after) == marked(before), f"{what} changed {difference(before, after)}"
        return
    assert answer.status_code in DONE, f"{what}: {answer.status_code} {body[:500]}"
    assert not _is_refusal(answer, is_page), f"{what}: sent to sign in"
    if method == "GET":
        assert after == before or route.noted, f"{what} is a GET and changed {difference(before, after)}"
        shows = route.shows and actor.name != "user of A"
        assert not shows or marks_in(body), f"{what} shows nothing of customer A: is it tried on its objects?"
    elif route.changes:
        assert after != before, f"{what} changes nothing: its body in walls/routes.py proves nothing"


def _may(actor: Actor, opens: str) -> bool:
    if opens == OWN:
        return actor.name == ANNA
    return opens == PUBLIC or (bool(actor.role) and (opens == SIGNED_IN or actor.may(opens)))


def _is_refusal(answer: Any, is_page: bool) -> bool:
    if is_page and answer.status_code == 302:
        return bool(answer["Location"].startswith(reverse(settings.LOGIN_URL)))
    return answer.status_code in REFUSED
