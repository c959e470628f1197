"""/api/openapi.json says all there is to know of every operation, and says it truly."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kiestoon.portal.api import api
from kiestoon.portal.people.access import GRANTS
from tests.integration.portal.conftest import World, api_client, make_world

pytestmark = pytest.mark.django_db

WIDER = {("/api/users/{username}", "patch"): GRANTS["admin"] - {"users:write"}}
"""Without the scope that is enough as well."""
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def operations() -> list[Any]:
    return [
        pytest.param(path, method, operation, id=operation["operationId"])
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    ]


def described() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/")))
    return schema


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


@pytest.mark.parametrize(("path", "method", "operation"), operations())
def test_every_operation_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    [security] = operation["security"]
    assert security["Bearer"][0] in set().union(*GRANTS.values())
    for code, response in operation["responses"].items():
        assert code < "300" or response["content"] == PROBLEM, code
    needed = {"401", "403", "422"} | ({"404"} if "{" in path else set())
    assert needed <= set(operation["responses"])
    if "requestBody" in operation:
        [content] = operation["requestBody"]["content"].items()
        assert content[0] == "application/json"
        assert content[1]["examples"], "an example of the body"
    if method != "get":
        assert any(one["name"] == "Idempotency-Key" for one in operation["parameters"])
    elif any(one["name"] == "limit" for one in operation["parameters"]):
        assert "Link" in operation["responses"]["200"]["headers"]


@pytest.mark.parametrize(("path", "method", "operation"), operations())
def test_an_operation_needs_the_scope_it_names(
    world: World, path: str, method: str, operation: dict[str, Any]
) -> None:
    [scopes] = [one["Bearer"] for one in operation["security"]]
    body = "{}"
    if "requestBody" in operation:
        body = json.dumps(operation["requestBody"]["content"]["application/json"]["examples"]["one"]["value"])

    values = {
        one["name"]: "1" if one["schema"]["type"] == "integer" else one["name"]
        for one in operation["parameters"]
        if one["in"] == "path"
    }

    def ask(client: Client) -> Any:
        address = re.sub(r"{(\w+)}", lambda name: values[name[1]], path)
        return client.generic(method.upper(), address, body, content_type="application/json")

    with_it = ask(api_client("admin", scopes=tuple(scopes)))
    assert with_it.status_code not in (401, 403), with_it.content
    for scope in scopes:
        others = WIDER.get((path, method), GRANTS["admin"]) - {scope}
        without = ask(api_client("admin", scopes=tuple(sorted(others))))
        assert without.status_code == 403
        assert scope in without.json()["detail"]
    assert ask(Client()).status_code == 401


def test_operations_have_names_of_their_own() -> None:
    names = [one["operationId"] for methods in described()["paths"].values() for one in methods.values()]
    assert len(set(names)) == len(names)


def test_an_unknown_address_and_a_wrong_method_are_problems_too(world: World) -> None:
    client = api_client("admin")
    for answer, status in (
        (client.get("/api/nothing"), 404),
        (client.put("/api/users"), 405),
        (client.get("/api/users/%00"), 400),
        (client.get("/api/users?customer=%00"), 400),
        (client.post("/api/customers", {"name": "x"}), 415),
        (client.post("/api/customers", "{", content_type="application/json"), 400),
        (client.post("/api/customers", '{"name": "\\ud800"}', content_type="application/json"), 400),
        (client.post("/api/customers", '{"name": NaN}', content_type="application/json"), 400),
        (client.post("/api/customers", b" " * 3_000_000, content_type="application/json"), 413),
        (client.post("/api/customers", "[" * 100_000, content_type="application/json"), 400),
    ):
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert answer.json()["detail"]
    assert client.put("/api/users")["Allow"]
