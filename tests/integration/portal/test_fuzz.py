"""Every operation of the API, with data of every kind (schemathesis): it answers as it says.

Reproducible: Hypothesis derives its examples from the tests themselves. KIESTOON_FUZZ_EXAMPLES makes more.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kiestoon.adapters.edge_bans_fake import FakeBans
from kiestoon.duties.register import DUTIES
from kiestoon.portal.carriers.services import create_trunk
from kiestoon.portal.compliance.services import block_numbers, record_request
from kiestoon.portal.description import PROBLEM
from kiestoon.portal.emergency.models import Device
from kiestoon.portal.emergency_drills.models import DrillRun
from kiestoon.portal.emergency_routes.policy import propose_policy
from kiestoon.portal.emergency_routes.services import By, load_table
from kiestoon.portal.people.models import ApiToken
from kiestoon.portal.people.services import create_person, create_token
from kiestoon.portal.security import services as security
from kiestoon.portal.webhooks.services import create_endpoint, send_test
from kiestoon.portal.wsgi import application
from tests.integration.portal.conftest import World, make_world
from tests.integration.portal.test_description import described, operations
from tests.integration.portal.test_paging import START, call
from tests.integration.portal.walls.planted import EMERGENCY_TABLE

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("KIESTOON_FUZZ_EXAMPLES") or 25)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PROBLEM_SCHEMA = jsonschema_rs.Draft202012Validator({**PROBLEM, "additionalProperties": False})


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's test client does: the transaction of the test stays open from request to request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(store: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What addresses can name, and an admin's token."""
    settings.WEBHOOK_NETWORKS = (ip_network("192.0.2.0/24"),)
    edge = FakeBans()
    monkeypatch.setattr(security, "bans", lambda: edge)
    world: World = make_world()
    call("c1", START, customer_id=world.zon.pk, from_number="+3238080101")
    endpoint, _ = create_endpoint(None, url="https://192.0.2.1/", events=["call.ended"])
    person = create_person("ada", "secret", "support")
    asked = record_request("an", asked_by="BIPT", reference="1", asked_at=START, call_id="c1")
    create_trunk(
        "emergency", name="centre", kind="emergency", uri="sip:127.0.1.112:5060", addresses=["127.0.1.112"]
    )
    create_trunk(
        "special", name="special", kind="carrier", uri="sip:127.0.1.4", addresses=["127.0.1.4"],
        interface="special", special={"agreement": "agreement 7"},
    )  # fmt: skip
    an = By("an", None)
    device = Device.objects.create(
        customer=world.zon, user=world.anna, instance="laptop", address="192.0.2.7", prefix="192.0.2.7/32",
        state="stale", first_seen=START, last_seen=START, moved_at=START,
    )  # fmt: skip
    table = load_table(an, areas=EMERGENCY_TABLE["areas"], routes=EMERGENCY_TABLE["routes"], origin="letter")
    return {
        "device_id": device.pk,
        "site_id": 1,
        "table_id": table.pk,
        "decision_id": propose_policy(an, policy="route", reason="as before").pk,
        "run_id": DrillRun.objects.create(asked_at=START, asked_by="an").pk,
        "source": "192.0.2.66",
        "person_id": person.pk,
        "token_id": ApiToken.objects.create(name="other", token_hash="x", role="support").pk,
        "key": DUTIES[0].key,
        "request_id": asked.pk,
        "blocking_id": block_numbers(asked.pk, "an", ["+3238080101"]).pk,
        "token": create_token("fuzz", "admin"),
        "username": "anna",
        "customer_id": world.zon.pk,
        "e164": "+3238080102",
        "trunk_id": "special",
        "call_id": "c1",
        "endpoint_id": endpoint.endpoint_id,
        "delivery": send_test(endpoint).number,
    }


def test_the_description_follows_its_standard() -> None:
    schema = schemathesis.openapi.from_dict(described())
    schema.validate()
    assert len(list(schema.get_all_operations())) == len(operations())


@functools.cache
def _schema() -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize(("path", "method", "operation"), operations())
def test_an_operation_answers_as_it_says(
    known: dict[str, Any], path: str, method: str, operation: dict[str, Any], mode: GenerationMode
) -> None:
    target = _schema()[path][method.upper()]
    headers = {"Authorization": f"Bearer {known['token']}"}

    @how(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(target.as_strategy(generation_mode=mode), st.booleans())
    def ask(case: Any, existing: bool) -> None:
        if existing:
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]
            PROBLEM_SCHEMA.validate(answer.json())
            assert answer.json()["status"] == answer.status_code

    ask()
