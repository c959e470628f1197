"""What is changed is published, once, whole; crashes and broken stores lose nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from kiestoon.portal.carriers.models import Trunk
from kiestoon.portal.carriers.services import change_trunk
from kiestoon.portal.customers.services import change_customer, remove_customer
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import point_number
from kiestoon.portal.phones.services import change_user
from kiestoon.portal.publication import publisher as module
from kiestoon.portal.publication.compilation import compile_customers, compile_operator
from kiestoon.portal.publication.models import Change, Published
from kiestoon.portal.publication.publisher import publish
from kiestoon.portal.publication.tasks import publish_changes, publish_missing
from kiestoon.store.routing_state import StoreContents, read_state
from kiestoon.store.routing_store import PublicationRefused, Publisher, customer_checksum, seal
from kiestoon.store.snapshot import SqliteSnapshot
from kiestoon.vocabulary.configuration import Forwarding
from tests.integration.portal.conftest import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(store: Path) -> World:
    return make_world()


def snapshot(store: Path) -> SqliteSnapshot:
    return SqliteSnapshot(store, store.with_name("ported.sqlite"))


def published(world: World, store: Path) -> dict[int, str]:
    contents = StoreContents(store)
    try:
        return contents.checksums()
    finally:
        contents.close()


def test_what_is_in_the_database_is_what_the_edge_reads(world: World, store: Path) -> None:
    change_user(world.anna, forwarding=[("busy", "202"), ("no-answer", "0470 12 34 56")], clir=True)
    publish()
    edge = snapshot(store)
    anna = edge.user("anna")
    assert anna is not None
    assert (anna.number, anna.clir, anna.customer_id) == ("+3238080101", True, world.zon.pk)
    assert anna.forwarding == (Forwarding("busy", "202"), Forwarding("no-answer", "+32470123456"))
    customer = edge.customer(world.zon.pk)
    assert customer is not None
    assert (customer.main_number, customer.address and customer.address.RD) == ("+3238080100", "Meir")
    assert edge.operator() == compile_operator()
    assert edge.trunk_by_address("127.0.1.1", 5060) is not None
    edge.close()
    assert published(world, store) == {
        one.customer_id: customer_checksum(one) for one in compile_customers([world.zon.pk, world.lambert.pk])
    }


def test_a_second_publication_changes_nothing(world: World, store: Path) -> None:
    first = publish()
    assert publish() == publish(everything=True)
    assert publish().version == first.version
    assert not Change.objects.exists()


def test_only_the_changed_customer_is_replaced(world: World, store: Path) -> None:
    before = publish().version
    change_user(world.anna, suspended=True)
    outcome = publish()
    assert (outcome.version, outcome.customers) == (before + 1, 1)


def test_a_change_that_is_rolled_back_is_not_marked(world: World, store: Path) -> None:
    version = publish().version
    with transaction.atomic():
        change_user(world.anna, suspended=True)
        transaction.set_rollback(True)
    assert not Change.objects.exists()
    assert publish().version == version


def test_a_removed_customer_leaves_the_store(world: World, store: Path) -> None:
    publish()
    remove_customer(world.lambert)
    publish()
    edge = snapshot(store)
    assert edge.user("denis") is None
    assert edge.number("+3281880201") is None
    edge.close()


def test_a_number_moves_to_another_customer_in_any_order(world: World, store: Path) -> None:
    """The customer that receives it comes first in the run, and only it is marked."""
    publish()
    Number.objects.filter(e164="+3281880201").update(customer=world.zon, user=world.anna)
    Change.objects.create(customer_id=world.zon.pk)
    publish()
    edge = snapshot(store)
    number = edge.number("+3281880201")
    assert number is not None
    assert number.target == "anna"
    edge.close()


def test_chunks_publish_the_same(world: World, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_ROWS", 1)
    assert publish().version == 3  # the operator, and each customer by itself
    assert len(published(world, store)) == 2
    assert publish(everything=True).version == 3


def test_crash_between_the_two_commits(world: World, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is one version ahead of what the database remembers; the next publication mends that."""
    before = publish().version
    change_user(world.anna, suspended=True)

    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Published, "save", crash)
        with pytest.raises(Crash):
            publish()
    state = read_state(store)
    assert state is not None
    assert state.version == before + 1
    assert Published.objects.get().version == before
    assert Change.objects.exists()

    change_user(world.denis, clir=True)
    assert publish().version == before + 2
    assert Published.objects.get().version == before + 2
    edge = snapshot(store)
    anna, denis = edge.user("anna"), edge.user("denis")
    assert anna is not None
    assert denis is not None
    assert (anna.suspended, denis.clir) == (True, True)
    edge.close()
    assert not Change.objects.exists()


def test_a_lost_store_is_made_again(world: World, store: Path) -> None:
    publish()
    store.unlink()
    publish()
    assert len(published(world, store)) == 2


def test_a_store_of_another_hand_is_compared_whole(world: World, store: Path) -> None:
    """For instance the database was restored from a backup: the store is right about its version only."""
    publish()
    other = Publisher(store)
    now = datetime.now(UTC)
    other.publish(seal(base_version=other.version(), published_at=now, removed=[world.zon.pk]), now)
    other.close()
    publish()
    assert set(published(world, store)) == {world.zon.pk, world.lambert.pk}


@pytest.mark.parametrize("broken", ["garbage", "format"])
def test_an_unusable_store_is_put_aside(world: World, store: Path, broken: str) -> None:
    publish()
    if broken == "garbage":
        store.write_bytes(b"this is no database" * 1000)
        store.with_name("customers.sqlite-wal").unlink(missing_ok=True)
    else:
        connection = sqlite3.connect(store)
        connection.execute("UPDATE publication SET format = 99")
        connection.commit()
        connection.close()
    publish()
    assert len(published(world, store)) == 2
    assert store.with_name("customers.sqlite.aside").exists()


def test_a_refused_publication_forgets_nothing(
    world: World, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = publish().version
    change_user(world.anna, suspended=True)

    def half_written(**fields: object) -> object:
        return replace(seal(**fields), checksum="0" * 64)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(module, "seal", half_written)
        with pytest.raises(PublicationRefused):
            publish()
    state = read_state(store)
    assert state is not None
    assert state.version == version
    assert publish().version == version + 1


def test_trunks_and_prefixes_are_published(world: World, store: Path) -> None:
    publish()
    change_trunk(Trunk.objects.get(), priority=5)
    change_customer(world.zon, outside_prefix="0", blocked=["0470 99 99 99"])
    point_number(Number.objects.get(e164="+3238080102"), None)
    publish()
    edge = snapshot(store)
    zon, trunk, number = edge.customer(world.zon.pk), edge.trunk("national"), edge.number("+3238080102")
    assert zon is not None
    assert trunk is not None
    assert number is not None
    assert (zon.outside_prefix, zon.blocked, trunk.priority, number.kind) == (
        "0",
        ("+32470999999",),
        5,
        "everyone",
    )
    edge.close()


def test_a_job_is_deferred_with_the_change(world: World, store: Path) -> None:
    before = ProcrastinateJob.objects.filter(task_name="publication.publish_changes").count()
    change_user(world.anna, suspended=True)
    assert ProcrastinateJob.objects.filter(task_name="publication.publish_changes").count() == before + 1


def test_the_jobs_publish(world: World, store: Path) -> None:
    """What the jobs process runs; its waking is part of the scenarios, with the real process."""
    version = publish().version
    change_user(world.anna, suspended=True)
    publish_changes()
    change_user(world.anna, suspended=False)
    publish_missing(0)
    publish_changes()
    assert not Change.objects.exists()
    state = read_state(store)
    assert state is not None
    assert state.version == version + 2
