"""The process that sends webhooks is killed in the middle of a send: everything is told, some of it twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from kiestoon.portal.webhooks import tasks
from kiestoon.portal.webhooks.models import Delivery
from tests.integration.portal.conftest import World
from tests.integration.portal.test_webhooks import Receiver, ended_call, listen, receiver, tell, world

__all__ = ["receiver", "world"]
pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[3]
CALLS = 12
"""More than are sent side by side."""
KINDS = ("call.started", "call.answered", "call.ended")


@contextmanager
def worker(settings: Settings, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m kiestoon.portal jobs --queue webhooks` on this test's database."""
    name, host = connection.settings_dict["NAME"], connection.settings_dict["HOST"]
    (folder / "worker_settings.py").write_text(
        "from kiestoon.portal.settings import *\n"
        f"DATABASES['default'].update(NAME={name!r}, HOST={host!r})\n"
        f"SECRET_KEY = {settings.SECRET_KEY!r}\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "worker_settings",
        "PYTHONPATH": f"{folder}:{ROOT / 'src'}",
        "KIESTOON_STATE": str(folder),
        "KIESTOON_RUN": str(folder),
        "KIESTOON_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }
    command = [sys.executable, "-m", "kiestoon.portal", "jobs", "--queue", "webhooks"]
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def test_a_worker_killed_while_it_sends_loses_nothing_and_repeats_under_the_same_id(
    world: World, receiver: Receiver, settings: Settings, tmp_path: Path
) -> None:
    endpoint = listen(receiver, world.zon)
    for n in range(CALLS):
        ended_call(f"c{n}", world.zon)
        tell(f"c{n}", *KINDS, customer=world.zon)
    receiver.behave("slow")
    tasks.deliver.defer(endpoint_id=endpoint.pk)
    with worker(settings, tmp_path) as first:
        wait_until(lambda: len(receiver.received) >= 2, "the first worker sends nothing")
        first.kill()
        first.wait()
    states = set(Delivery.objects.values_list("state", "attempts"))
    assert states == {(Delivery.State.PENDING, 0)}, "nothing counts as sent"

    receiver.behave("none")
    with worker(settings, tmp_path):
        tasks.sweep(0)  # the job of each minute: the killed worker's own will not come back
        pending = Delivery.objects.filter(state=Delivery.State.PENDING)
        wait_until(lambda: not pending.exists(), "the second worker leaves some unsent")

    bodies: dict[str, list[Any]] = defaultdict(list)
    for row in receiver.received:
        bodies[row["id"]].append(row["body"])
    assert sorted(bodies) == [f"{endpoint.pk}_{n:012d}" for n in range(1, 3 * CALLS + 1)], "none is lost"
    repeated = {number for number, copies in bodies.items() if len(copies) > 1}
    unanswered = {row["id"] for row in receiver.received if row["fault"] == "slow"}
    assert repeated == unanswered, "what was under way comes again, and nothing else"
    assert all(one == copies[0] for copies in bodies.values() for one in copies), "the same under one id"
    assert {row["problem"] for row in receiver.received} == {None}
    for n in range(CALLS):
        of_call = [row["body"] for row in receiver.received if row["fault"] == "none"]
        kinds = [body["type"] for body in of_call if body["data"]["call_id"] == f"c{n}"]
        assert kinds == list(KINDS), "in the order they happened"
