"""Bring the routing store up to date with the database: only what differs, whole customers at a time."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from kiestoon.portal.customers.models import Customer as CustomerRow
from kiestoon.portal.publication.compilation import compile_customers, compile_operator
from kiestoon.portal.publication.models import Change, Published
from kiestoon.store.routing_state import StoreContents, StoreState, read_state
from kiestoon.store.routing_store import Publisher, customer_checksum, operator_checksum, seal
from kiestoon.vocabulary.configuration import FORMAT, Customer, Operator
from kiestoon.vocabulary.log_line import note

CHUNK_ROWS = 5000
"""Users and numbers compiled and published at a time; one customer is never split."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """`version` of the store now, and how many customers were replaced or removed to get there."""

    version: int
    customers: int
    changed: frozenset[int] = frozenset()
    """Ids of the customers replaced."""


def publish(*, everything: bool = False) -> Outcome:
    """Publish what was marked; all of it when asked, or when the store is not what we last left.

    One publisher at a time. The store commits before the database: a crash in between leaves a version
    the database does not know, and the next publication then compares everything. Raises
    PublicationRefused; nothing marked is forgotten then.
    """
    path = settings.ROUTING_STORE
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            # One snapshot for all queries; LOCK, unlike SELECT, does not take it before it has waited.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("LOCK TABLE publication_published IN EXCLUSIVE MODE")
        last, _ = Published.objects.get_or_create(one=1)
        marks = list(Change.objects.values_list("pk", "customer_id"))
        known = _usable_store(path)
        whole = (
            everything or known is None or (known.version, known.checksum) != (last.version, last.checksum)
        )
        run = _Run(path)
        try:
            if whole or any(customer is None for _, customer in marks):
                run.operator()
            if whole:
                run.all_customers()
            else:
                run.some_customers({customer for _, customer in marks if customer is not None})
        finally:
            run.close()
        Change.objects.filter(pk__in=[pk for pk, _ in marks]).delete()
        now = read_state(path)
        if now is not None and (now.version, now.checksum) != (last.version, last.checksum):
            last.version, last.checksum, last.published_at = now.version, now.checksum, datetime.now(UTC)
            last.save()
    return Outcome(last.version, run.count, frozenset(run.changed))


def _usable_store(path: Path) -> StoreState | None:
    """The store's state; a file of another format, or no database at all, is put aside."""
    try:
        known = read_state(path)
    except sqlite3.DatabaseError:
        known = StoreState(format=-1, version=0, checksum="")
    if known is None or known.format == FORMAT:
        return known
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            old.replace(path.with_name(f"{path.name}.aside{suffix}"))
    note(logger, logging.WARNING, "routing-store-put-aside")
    return None


class _Run:
    """One run of the publisher: each chunk is a publication of its own."""

    def __init__(self, path: Path) -> None:
        self._publisher = Publisher(path)
        self._store = StoreContents(path)
        self._checksums = self._store.checksums()
        self.count = 0
        self.changed: set[int] = set()

    def close(self) -> None:
        self._store.close()
        self._publisher.close()

    def all_customers(self) -> None:
        self._remove(set(self._checksums) - set(CustomerRow.objects.values_list("pk", flat=True)))
        for ids in _chunks(CustomerRow.objects.values_list("pk", flat=True)):
            self._replace(ids)

    def some_customers(self, ids: set[int]) -> None:
        present = set(CustomerRow.objects.filter(pk__in=ids).values_list("pk", flat=True))
        self._remove((ids - present) & set(self._checksums))
        for chunk in _chunks(present):
            self._replace(chunk)

    def operator(self) -> None:
        compiled = compile_operator()
        if compiled is not None and operator_checksum(compiled) != self._store.operator_checksum():
            self._publish(operator=compiled)

    def _remove(self, ids: set[int]) -> None:
        if ids:
            self._publish(removed=sorted(ids))
            self.count += len(ids)

    def _replace(self, ids: Iterable[int]) -> None:
        """Publish those of the customers that differ, with whoever still has a name or number of theirs."""
        changed = self._differing(ids)
        while changed:
            taken = self._store.owners(
                (user.username for one in changed for user in one.users),
                (number.e164 for one in changed for number in one.numbers),
            )
            further = self._differing(taken - {one.customer_id for one in changed})
            if not further:
                break
            changed += further
        if changed:
            self._publish(customers=changed)
            self._checksums.update((one.customer_id, customer_checksum(one)) for one in changed)
            self.count += len(changed)
            self.changed |= {one.customer_id for one in changed}

    def _differing(self, ids: Iterable[int]) -> list[Customer]:
        return [
            one
            for one in compile_customers(ids)
            if self._checksums.get(one.customer_id) != customer_checksum(one)
        ]

    def _publish(
        self,
        *,
        operator: Operator | None = None,
        customers: Iterable[Customer] = (),
        removed: Iterable[int] = (),
    ) -> None:
        now = datetime.now(UTC)
        self._publisher.publish(
            seal(
                base_version=self._publisher.version(),
                published_at=now,
                operator=operator,
                customers=customers,
                removed=removed,
            ),
            now,
        )


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Customer ids in groups of about CHUNK_ROWS users and numbers."""
    wanted = sorted(ids)
    rows = CustomerRow.objects.filter(pk__in=wanted)
    users = dict(rows.annotate(n=Count("users")).values_list("pk", "n"))
    numbers = dict(rows.annotate(n=Count("numbers")).values_list("pk", "n"))
    chunk: list[int] = []
    size = 0
    for pk in wanted:
        weight = 1 + users.get(pk, 0) + numbers.get(pk, 0)
        if chunk and size + weight > CHUNK_ROWS:
            yield chunk
            chunk, size = [], 0
        chunk.append(pk)
        size += weight
    if chunk:
        yield chunk
