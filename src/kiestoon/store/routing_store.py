"""The routing store's customers file: one publisher writes it, every edge process reads it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiestoon.store.canonical import dumps
from kiestoon.vocabulary.configuration import FORMAT, Customer, Operator

CLOCK_TOLERANCE = timedelta(seconds=60)

SCHEMA = """
CREATE TABLE IF NOT EXISTS publication (
  one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, version INTEGER NOT NULL,
  published_at TEXT NOT NULL, checksum TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS operator (one INTEGER PRIMARY KEY CHECK (one = 1), data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trunk (
  trunk_id TEXT PRIMARY KEY, kind TEXT NOT NULL, priority INTEGER NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trunk_address (address TEXT PRIMARY KEY, trunk_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customer (
  customer_id INTEGER PRIMARY KEY, data TEXT NOT NULL, version INTEGER NOT NULL, checksum TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS user (
  username TEXT PRIMARY KEY, customer_id INTEGER NOT NULL, extension TEXT NOT NULL, ha1 TEXT NOT NULL,
  data TEXT NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS user_extension ON user (customer_id, extension);
CREATE TABLE IF NOT EXISTS number (
  e164 TEXT PRIMARY KEY, customer_id INTEGER NOT NULL, kind TEXT NOT NULL,
  target TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS number_customer ON number (customer_id);
CREATE TABLE IF NOT EXISTS network (
  prefix TEXT PRIMARY KEY, asn INTEGER NOT NULL, country TEXT NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS emergency_area (
  municipality TEXT PRIMARY KEY, area TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS emergency_route (service TEXT NOT NULL, area TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS emergency_route_of ON emergency_route (service, area);
CREATE TABLE IF NOT EXISTS operator_checksum (
  one INTEGER PRIMARY KEY CHECK (one = 1), checksum TEXT NOT NULL);
"""


class PublicationRefused(Exception):
    """The publication cannot be applied; the store stays as it was. The text says why."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One change of the routing store; see docs/architecture.md."""

    format: int
    base_version: int
    version: int
    published_at: datetime
    operator: Operator | None
    customers: tuple[Customer, ...]
    removed: tuple[int, ...]
    checksum: str = ""

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of everything but the checksum."""
        body = [
            self.format,
            self.base_version,
            self.version,
            self.published_at.astimezone(UTC).isoformat(),
            self.operator,
            self.customers,
            self.removed,
        ]
        return hashlib.sha256(dumps(body).encode()).hexdigest()


def seal(
    *,
    base_version: int,
    published_at: datetime,
    operator: Operator | None = None,
    customers: Iterable[Customer] = (),
    removed: Iterable[int] = (),
) -> Publication:
    """A publication of the next version, with its checksum."""
    bare = Publication(
        FORMAT, base_version, base_version + 1, published_at, operator, tuple(customers), tuple(removed)
    )
    return replace(bare, checksum=bare.digest())


def operator_checksum(operator: Operator) -> str:
    """SHA-256 over all of the operator, the tables that are kept apart too."""
    return hashlib.sha256(dumps(operator).encode()).hexdigest()


def customer_checksum(customer: Customer) -> str:
    """SHA-256 over the canonical JSON of one customer; equal means nothing of it has to be published."""
    return hashlib.sha256(dumps(customer).encode()).hexdigest()


def read_version(path: Path) -> tuple[int, str] | None:
    """(version, published_at ISO 8601) of the store at `path`; None when there is none."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT version, published_at FROM publication").fetchone()
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()
    return (int(row[0]), str(row[1])) if row else None


class Publisher:
    """The only writer of the customers file. Not safe for two processes at a time: SQLite's lock decides."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def version(self) -> int:
        """Version of the last publication applied; 0 for an empty store."""
        row = self._connection.execute("SELECT version FROM publication").fetchone()
        return int(row[0]) if row else 0

    def publish(self, publication: Publication, now: datetime) -> None:
        """Apply one publication whole, or raise PublicationRefused and change nothing."""
        if publication.format != FORMAT:
            raise PublicationRefused(f"format {publication.format}; this store is of format {FORMAT}")
        if publication.published_at > now + CLOCK_TOLERANCE:
            raise PublicationRefused(
                f"published at {publication.published_at.isoformat()}, which is in the future"
            )
        if (
            publication.version != publication.base_version + 1
            or publication.checksum != publication.digest()
        ):
            raise PublicationRefused("broken or half-written: the checksum does not fit the contents")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            if publication.base_version != self.version():
                raise PublicationRefused(
                    f"made for version {publication.base_version}; the store is at {self.version()}"
                )
            self._apply(publication)
            self._connection.execute("COMMIT")
        except BaseException as error:
            self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError):
                raise PublicationRefused(
                    f"two rows claim the same name, extension, number or municipality: {error}"
                ) from error
            raise

    def _apply(self, publication: Publication) -> None:
        execute = self._connection.execute
        for customer_id in (*publication.removed, *(c.customer_id for c in publication.customers)):
            for table in ("customer", "user", "number"):
                execute(f"DELETE FROM {table} WHERE customer_id = ?", (customer_id,))
        for customer in publication.customers:
            self._insert_customer(customer, publication.version)
        if publication.operator is not None:
            self._replace_operator(publication.operator)
        execute(
            "INSERT OR REPLACE INTO publication VALUES (1, ?, ?, ?, ?)",
            (
                publication.format,
                publication.version,
                publication.published_at.isoformat(),
                publication.checksum,
            ),
        )

    def _insert_customer(self, customer: Customer, version: int) -> None:
        alone = dumps(replace(customer, users=(), numbers=()))
        self._connection.execute(
            "INSERT INTO customer VALUES (?, ?, ?, ?)",
            (customer.customer_id, alone, version, customer_checksum(customer)),
        )
        self._connection.executemany(
            "INSERT INTO user VALUES (?, ?, ?, ?, ?)",
            [(u.username, u.customer_id, u.extension, u.ha1, dumps(u)) for u in customer.users],
        )
        self._connection.executemany(
            "INSERT INTO number VALUES (?, ?, ?, ?)",
            [(n.e164, n.customer_id, n.kind, n.target) for n in customer.numbers],
        )

    def _replace_operator(self, operator: Operator) -> None:
        execute = self._connection.execute
        alone = replace(operator, networks=(), emergency_areas=(), emergency_routes=())
        execute("INSERT OR REPLACE INTO operator VALUES (1, ?)", (dumps(alone),))
        execute("INSERT OR REPLACE INTO operator_checksum VALUES (1, ?)", (operator_checksum(operator),))
        self._replace_emergency_tables(operator)
        execute("DELETE FROM trunk")
        execute("DELETE FROM trunk_address")
        for trunk in operator.trunks:
            execute(
                "INSERT INTO trunk VALUES (?, ?, ?, ?)",
                (trunk.trunk_id, trunk.kind, trunk.priority, dumps(trunk)),
            )
            for address in trunk.addresses:
                execute("INSERT INTO trunk_address VALUES (?, ?)", (address, trunk.trunk_id))

    def _replace_emergency_tables(self, operator: Operator) -> None:
        for table in ("network", "emergency_area", "emergency_route"):
            self._connection.execute(f"DELETE FROM {table}")
        many = self._connection.executemany
        many(
            "INSERT INTO network VALUES (?, ?, ?, ?)",
            [(n.prefix, n.asn, n.country, n.name) for n in operator.networks],
        )
        many(
            "INSERT INTO emergency_area VALUES (?, ?)",
            [(nis, area.key) for area in operator.emergency_areas for nis in area.municipalities],
        )
        many(
            "INSERT INTO emergency_route VALUES (?, ?, ?)",
            [(route.service, route.area, dumps(route)) for route in operator.emergency_routes],
        )
