"""Webhooks: what a receiver of another make gets, when all goes well and when nothing does."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from kiestoon.portal.calls.models import Call
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.webhooks import sending, services
from kiestoon.portal.webhooks.addresses import check_target, is_allowed, read_url
from kiestoon.portal.webhooks.delivering import deliver_due, due, seconds_until_due
from kiestoon.portal.webhooks.models import Delivery, Endpoint, Event, EventType
from kiestoon.portal.webhooks.outbox import spread_events
from tests.integration.portal.conftest import World, api_client, make_world
from tests.integration.portal.test_paging import START, call

pytestmark = pytest.mark.django_db

JSON: dict[str, Any] = {"content_type": "application/json"}
ALL = [kind for kind in EventType.values if kind != EventType.EMERGENCY_CALL]
ROOT = Path(__file__).parents[3]


@dataclass
class Receiver:
    """The simulator, on a port of its own."""

    port: int
    url: str

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=5) as answer:
            return json.load(answer)

    @property
    def received(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.ask("/received")["received"]
        return rows

    def behave(self, fault: str) -> None:
        self.ask("/behave", {"fault": fault})

    def know(self, *secrets: str) -> None:
        self.ask("/secrets", {"secrets": list(secrets)})


def start_receiver(port: int = 0) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, "-m", "tests.sim.webhook_receiver", "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def stop(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    process, port = start_receiver()
    yield Receiver(port, f"http://127.0.0.1:{port}/calls?from=kiestoon")
    stop(process)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def listen(receiver: Receiver, customer: Customer | None, events: list[str] = ALL) -> Endpoint:
    endpoint, secret = services.create_endpoint(customer, url=receiver.url, events=events)
    receiver.know(secret)
    return endpoint


def tell(call_id: str, *kinds: str, customer: Customer | None, called: Customer | None = None) -> None:
    for kind in kinds:
        Event.objects.create(
            kind=kind,
            call_id=call_id,
            customer_id=customer.pk if customer else None,
            called_customer_id=called.pk if called else None,
            happened_at=START,
        )
    spread_events()


def ended_call(call_id: str, customer: Customer | None, **fields: Any) -> Call:
    known = {
        "customer_id": customer.pk if customer else None,
        "from_number": "+3238080101",
        "to_number": "+32470123456",
        "cli": "+3238080100",
        "answered_at": START + timedelta(seconds=2),
        "ended_at": START + timedelta(seconds=5),
        "talk_ms": 3000,
        "sip_code": 200,
        "hung_up_by": "caller",
        **fields,
    }
    return call(call_id, START, **known)


def later(**how: Any) -> None:
    """Let the time of every waiting delivery come."""
    Delivery.objects.update(next_attempt_at=datetime.now(UTC) - timedelta(seconds=1))
    Endpoint.objects.update(away_until=None)


def test_a_customer_is_told_of_its_call_in_order_and_signed(world: World, receiver: Receiver) -> None:
    endpoint = listen(receiver, world.zon)
    ended_call("c1", world.zon)
    tell("c1", "call.started", "call.answered", "call.ended", customer=world.zon)
    assert deliver_due(endpoint.pk) == 3
    rows = receiver.received
    assert [row["problem"] for row in rows] == [None] * 3
    assert [row["body"]["type"] for row in rows] == ["call.started", "call.answered", "call.ended"]
    assert [row["id"] for row in rows] == [f"{endpoint.pk}_{n:012d}" for n in (1, 2, 3)]
    started, answered, ended = (row["body"]["data"] for row in rows)
    seen = api_client("customer-admin", world.zon).get("/api/calls/c1").json()
    assert ended == seen
    assert (started["answered_at"], started["ended_at"], started["sip_code"]) == (None, None, None)
    assert (answered["answered_at"], answered["ended_at"], answered["talk_ms"]) == (
        seen["answered_at"],
        None,
        0,
    )
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_only_what_was_asked_for_is_told(world: World, receiver: Receiver) -> None:
    endpoint = listen(receiver, world.zon, ["call.ended"])
    ended_call("c1", world.zon)
    tell("c1", "call.started", "call.answered", "call.ended", customer=world.zon)
    deliver_due(endpoint.pk)
    assert [row["body"]["type"] for row in receiver.received] == ["call.ended"]


def test_another_customers_calls_are_never_told(world: World, receiver: Receiver) -> None:
    endpoint = listen(receiver, world.lambert)
    ended_call("c1", world.zon)
    tell("c1", "call.ended", customer=world.zon)
    assert deliver_due(endpoint.pk) == 0
    assert receiver.received == []


def test_a_helpline_is_never_told_to_a_customer(world: World, receiver: Receiver) -> None:
    customers, operators = listen(receiver, world.zon), listen(receiver, None)
    ended_call("help", world.zon, emergency_class="remote", to_number="106")
    tell("help", "call.started", "call.ended", customer=world.zon)
    assert customers.deliveries.count() == 0
    assert operators.deliveries.count() == 2


def test_a_withheld_number_stays_withheld_from_the_called(world: World, receiver: Receiver) -> None:
    called = listen(receiver, world.lambert)
    ended_call("c1", world.zon, called_customer_id=world.lambert.pk, cli=None, direction="internal")
    tell("c1", "call.ended", customer=world.zon, called=world.lambert)
    deliver_due(called.pk)
    [row] = receiver.received
    assert row["body"]["data"]["from"] is None
    assert "+3238080101" not in json.dumps(row["body"])


def test_both_sides_of_a_call_are_told(world: World, receiver: Receiver) -> None:
    for customer in (world.zon, world.lambert, None):
        listen(receiver, customer)
    ended_call("c1", world.zon, called_customer_id=world.lambert.pk)
    tell("c1", "call.ended", customer=world.zon, called=world.lambert)
    assert Delivery.objects.count() == 3


def test_a_receiver_that_was_down_gets_everything_in_order(world: World, settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    process, port = start_receiver()
    stop(process)
    url = f"http://127.0.0.1:{port}/"
    endpoint, secret = services.create_endpoint(world.zon, url=url, events=ALL)
    for call_id in ("c1", "c2", "c3"):
        ended_call(call_id, world.zon)
    tell("c1", "call.started", "call.answered", customer=world.zon)
    tell("c2", "call.started", customer=world.zon)
    deliver_due(endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    assert not due(datetime.now(UTC)).exists()
    waiting = seconds_until_due(endpoint.pk)
    assert waiting is not None
    assert 0 < waiting < 10
    tell("c1", "call.ended", customer=world.zon)
    tell("c3", "call.started", "call.ended", customer=world.zon)
    later()
    assert deliver_due(endpoint.pk) == 1, "one asks whether it is back, the others wait"
    process, _ = start_receiver(port)
    try:
        receiver = Receiver(port, url)
        receiver.know(secret)
        later()
        deliver_due(endpoint.pk)
        later()
        deliver_due(endpoint.pk)
        rows = receiver.received
    finally:
        stop(process)
    assert {row["problem"] for row in rows} == {None}
    assert len({row["id"] for row in rows}) == 6
    for call_id in ("c1", "c2", "c3"):
        ids = [row["id"] for row in rows if row["body"]["data"]["call_id"] == call_id]
        assert ids == sorted(ids)
    well = Endpoint.objects.get()
    assert well.failing_since is None
    assert well.silences == 0


@pytest.mark.parametrize(
    ("fault", "status", "failure"),
    [
        ("error", 500, ""),
        ("unavailable", 503, ""),
        ("redirect", 302, ""),
        ("slow", None, "timeout"),
        ("drip", None, "timeout"),
        ("garbage", None, "no-http"),
        ("reset", None, "no-http"),
    ],
)
def test_a_receiver_with_a_fault_is_tried_again_with_the_same_id(
    world: World,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    status: int | None,
    failure: str,
) -> None:
    monkeypatch.setattr(sending, "ALL_SECONDS", 1.5)
    endpoint = listen(receiver, world.zon)
    ended_call("c1", world.zon)
    tell("c1", "call.started", "call.ended", customer=world.zon)
    receiver.behave(fault)
    begun = time.monotonic()
    assert deliver_due(endpoint.pk) == 1, "what follows about the same call waits"
    assert time.monotonic() - begun < 4
    first = Delivery.objects.get(number=1)
    assert (first.state, first.status, first.failure, first.attempts) == ("pending", status, failure, 1)
    assert first.next_attempt_at is not None
    assert first.next_attempt_at > datetime.now(UTC)
    receiver.behave("none")
    later()
    assert deliver_due(endpoint.pk) == 2
    rows = receiver.received
    assert [row["id"] for row in rows] == [f"{endpoint.pk}_{n:012d}" for n in (1, 1, 2)]
    assert rows[0]["body"] == rows[1]["body"]
    assert receiver.ask("/received")["followed"] == 0


def test_retries_wait_longer_and_longer_and_end_after_three_days(world: World, receiver: Receiver) -> None:
    waits = [services.delay(n).total_seconds() for n in range(1, 12)]
    assert 4 <= waits[0] <= 6
    assert all(later >= earlier * 0.9 for earlier, later in itertools.pairwise(waits[:9]))
    assert max(waits) <= 8 * 3600 * 1.2
    assert len({services.delay(3) for _ in range(20)}) > 1, "with jitter"
    endpoint = listen(receiver, world.zon)
    ended_call("c1", world.zon)
    tell("c1", "call.started", "call.ended", customer=world.zon)
    receiver.behave("error")
    Delivery.objects.update(queued_at=datetime.now(UTC) - timedelta(days=3, minutes=1))
    deliver_due(endpoint.pk)
    states = Delivery.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == ["failed", "failed"], "the second followed when the first was given up"


def test_an_endpoint_that_fails_for_days_is_switched_off(world: World, receiver: Receiver) -> None:
    endpoint = listen(receiver, world.zon)
    ended_call("c1", world.zon)
    tell("c1", "call.started", customer=world.zon)
    receiver.behave("error")
    Endpoint.objects.update(failing_since=datetime.now(UTC) - timedelta(days=5, minutes=1))
    deliver_due(endpoint.pk)
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_because) == (False, "failing")
    tell("c1", "call.ended", customer=world.zon)
    assert endpoint.deliveries.count() == 1
    services.change_endpoint(endpoint, active=True)
    assert (endpoint.disabled_because, endpoint.failing_since) == ("", None)


def test_who_answers_gone_is_not_asked_again(world: World, receiver: Receiver) -> None:
    endpoint = listen(receiver, world.zon)
    ended_call("c1", world.zon)
    tell("c1", "call.started", customer=world.zon)
    receiver.behave("gone")
    deliver_due(endpoint.pk)
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_because) == (False, "gone")


def test_both_secrets_sign_for_a_day_after_a_rotation(world: World, receiver: Receiver) -> None:
    endpoint, old = services.create_endpoint(world.zon, url=receiver.url, events=ALL)
    new = services.rotate_secret(endpoint)
    assert old != new
    for known in (old, new):
        receiver.know(known)
        services.send_test(endpoint)
        deliver_due(endpoint.pk)
    assert [(row["problem"], row["signatures"]) for row in receiver.received] == [(None, 2)] * 2
    Endpoint.objects.update(previous_until=datetime.now(UTC))
    receiver.know(old)
    services.send_test(endpoint)
    deliver_due(endpoint.pk)
    assert receiver.received[-1]["problem"] == "no signature fits"
    assert receiver.received[-1]["signatures"] == 1


def test_secrets_are_not_readable_in_the_database(world: World, receiver: Receiver) -> None:
    endpoint, secret = services.create_endpoint(world.zon, url=receiver.url, events=ALL)
    endpoint.refresh_from_db()
    assert base64.b64decode(secret.removeprefix("whsec_")) not in bytes(endpoint.secret)


def test_when_the_portals_key_is_lost_a_new_secret_helps(
    world: World, receiver: Receiver, settings: Settings
) -> None:
    endpoint = listen(receiver, world.zon)
    settings.SECRET_KEY = "another key than the one it was encrypted with"
    services.send_test(endpoint)
    deliver_due(endpoint.pk)
    assert Delivery.objects.get().failure == "secret"
    receiver.know(services.rotate_secret(endpoint))
    later()
    deliver_due(endpoint.pk)
    assert Delivery.objects.get().state == "delivered"


def test_a_delivery_is_sent_again_with_its_id(world: World, receiver: Receiver) -> None:
    client = api_client("customer-admin", world.zon)
    made = client.post(
        "/api/webhooks", {"url": receiver.url, "events": ["call.ended"]}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    receiver.know(made.json()["secret"])
    path = f"/api/webhooks/{made.json()['webhook']['endpoint_id']}"
    assert client.post(f"{path}/test", **JSON).status_code == 202
    endpoint_id = path.rpartition("/")[2]
    deliver_due(endpoint_id)
    [row] = client.get(f"{path}/deliveries").json()["items"]
    assert (row["state"], row["status"], row["type"], row["call_id"]) == (
        "delivered",
        200,
        "webhook.test",
        None,
    )
    assert client.post(f"{path}/deliveries/1/send-again", **JSON).json()["state"] == "pending"
    deliver_due(endpoint_id)
    assert [one["id"] for one in receiver.received] == [row["webhook_id"]] * 2
    assert client.get(f"{path}/deliveries?state=pending").json()["items"] == []


def test_a_job_of_its_own_queue_delivers(world: World, receiver: Receiver) -> None:
    endpoint = listen(receiver, world.zon)
    services.send_test(endpoint)
    jobs = ProcrastinateJob.objects.filter(task_name="webhooks.deliver")
    assert [(job.queue_name, job.args) for job in jobs] == [("webhooks", {"endpoint_id": endpoint.pk})]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https://user:pass@example.com/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "",
        "x" * 600,
    ],
)
def test_an_address_that_may_not_be_is_refused(world: World, url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        services.create_endpoint(world.zon, url=url, events=ALL)
    assert list(refused.value.message_dict) == ["url"]
    assert not Endpoint.objects.exists()


def test_what_the_operator_allows_may_be(settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = (ip_network("10.1.0.0/16"), ip_network("::1/128"))
    for url in ("https://10.1.2.3/", "http://10.1.2.3:8080/x", "http://[::1]/"):
        check_target(read_url(url))
    with pytest.raises(ValidationError):
        check_target(read_url("https://10.2.0.1/"))


def test_a_name_that_leads_elsewhere_at_delivery_is_not_followed(
    world: World, receiver: Receiver, settings: Settings
) -> None:
    """DNS rebinding: what was allowed when it was entered is not any more."""
    endpoint = listen(receiver, world.zon)
    services.send_test(endpoint)
    settings.WEBHOOK_NETWORKS = ()
    Endpoint.objects.update(url=f"https://localhost:{receiver.port}/")
    deliver_due(endpoint.pk)
    assert Delivery.objects.get().failure == "address-not-allowed"
    assert receiver.received == []


def test_public_addresses_may_be() -> None:
    for one in ("193.190.0.1", "2a02:1800::1", "64:ff9b::c1be:1"):
        assert is_allowed(ip_address(one)), one


def test_a_customers_webhooks_are_its_own(world: World, receiver: Receiver) -> None:
    mine, theirs = api_client("customer-admin", world.zon), api_client("customer-admin", world.lambert)
    body = {"url": receiver.url, "events": ["call.ended"]}
    made = mine.post("/api/webhooks", body, content_type="application/json").json()["webhook"]
    assert made["customer_id"] == world.zon.pk
    path = f"/api/webhooks/{made['endpoint_id']}"
    assert theirs.get("/api/webhooks").json()["items"] == []
    for ask in (
        theirs.get(path),
        theirs.get(f"{path}/deliveries"),
        theirs.patch(path, {"active": False}, content_type="application/json"),
        theirs.post(f"{path}/rotate-secret", **JSON),
        theirs.post(f"{path}/test", **JSON),
        theirs.delete(path),
    ):
        assert ask.status_code == 404
    named = {**body, "customer_id": world.zon.pk}
    assert theirs.post("/api/webhooks", named, content_type="application/json").status_code == 422
    assert api_client("support").get(path).json()["url"] == receiver.url
    assert api_client("support").delete(path).status_code == 403
    assert api_client("admin").delete(path).status_code == 204


def test_old_deliveries_are_forgotten(world: World, receiver: Receiver) -> None:
    endpoint = listen(receiver, world.zon)
    services.send_test(endpoint)
    now = datetime.now(UTC)
    assert services.forget_old_deliveries(now + timedelta(days=29)) == 0
    assert services.forget_old_deliveries(now + timedelta(days=31)) == 1
