"""`domain.routing.snapshot.Snapshot` over the two SQLite files, one read transaction per decision."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from kiestoon.store import canonical
from kiestoon.vocabulary.configuration import Customer, Number, Operator, Trunk, User
from kiestoon.vocabulary.emergency import EmergencyRoute, Network


class SqliteSnapshot:
    """Opened lazily and once per process; never before fork. Read-only."""

    def __init__(self, customers: Path, ported: Path) -> None:
        self._connection = sqlite3.connect(f"file:{customers}?mode=ro", uri=True, isolation_level=None)
        self._connection.execute("PRAGMA query_only=1")
        self._connection.execute("PRAGMA cache_size=-4000")
        self._ported = None
        if ported.exists():
            self._ported = sqlite3.connect(f"file:{ported}?mode=ro", uri=True, isolation_level=None)
            self._ported.execute("PRAGMA cache_size=-2000")
        self._execute = self._connection.execute

    def close(self) -> None:
        self._connection.close()
        if self._ported is not None:
            self._ported.close()

    @contextmanager
    def frozen(self) -> Iterator[SqliteSnapshot]:
        """Hold one read transaction: every query sees the same publication."""
        self._execute("BEGIN")
        try:
            yield self
        finally:
            self._execute("COMMIT")

    def version(self) -> int:
        row = self._execute("SELECT version FROM publication").fetchone()
        return int(row[0]) if row else 0

    def ha1(self, username: str) -> str | None:
        row = self._execute("SELECT ha1 FROM user WHERE username = ?", (username,)).fetchone()
        return row[0] if row else None

    def operator(self) -> Operator:
        row = self._execute("SELECT data FROM operator").fetchone()
        return canonical.operator(json.loads(row[0])) if row else Operator(realm="", domains=())

    def user(self, username: str) -> User | None:
        return self._user("SELECT data FROM user WHERE username = ?", (username,))

    def user_by_extension(self, customer_id: int, extension: str) -> User | None:
        return self._user(
            "SELECT data FROM user WHERE customer_id = ? AND extension = ?", (customer_id, extension)
        )

    def users_of(self, customer_id: int) -> tuple[User, ...]:
        rows = self._execute("SELECT data FROM user WHERE customer_id = ? ORDER BY extension", (customer_id,))
        return tuple(canonical.user(json.loads(row[0])) for row in rows)

    def customer(self, customer_id: int) -> Customer | None:
        row = self._execute("SELECT data FROM customer WHERE customer_id = ?", (customer_id,)).fetchone()
        return canonical.customer(json.loads(row[0])) if row else None

    def customer_by_name(self, name: str) -> Customer | None:
        """For the command line; reads every customer."""
        for (data,) in self._execute("SELECT data FROM customer"):
            found = canonical.customer(json.loads(data))
            if found.name.casefold() == name.casefold():
                return found
        return None

    def number(self, e164: str) -> Number | None:
        row = self._execute(
            "SELECT e164, customer_id, kind, target FROM number WHERE e164 = ?", (e164,)
        ).fetchone()
        return Number(*row) if row else None

    def trunk(self, trunk_id: str) -> Trunk | None:
        row = self._execute("SELECT data FROM trunk WHERE trunk_id = ?", (trunk_id,)).fetchone()
        return canonical.trunk(json.loads(row[0])) if row else None

    def trunk_by_address(self, address: str, port: int) -> Trunk | None:
        """The trunk recognised by this source address: "IP:port" before "IP"."""
        host = f"[{address}]" if ":" in address else address
        row = self._execute(
            "SELECT data FROM trunk JOIN trunk_address USING (trunk_id) WHERE address IN (?, ?) "
            "ORDER BY length(address) DESC LIMIT 1",
            (f"{host}:{port}", host),
        ).fetchone()
        return canonical.trunk(json.loads(row[0])) if row else None

    def trunks(self, kind: str) -> tuple[Trunk, ...]:
        rows = self._execute("SELECT data FROM trunk WHERE kind = ? ORDER BY priority, trunk_id", (kind,))
        return tuple(canonical.trunk(json.loads(row[0])) for row in rows)

    def network(self, address: str) -> Network | None:
        try:
            found = ip_address(address)
        except ValueError:
            return None
        lengths = range(found.max_prefixlen + 1)
        prefixes = [str(ip_network((found, length), strict=False)) for length in lengths]
        marks = ",".join("?" * len(prefixes))
        rows = self._execute(
            f"SELECT prefix, asn, country, name FROM network WHERE prefix IN ({marks})",
            prefixes,
        ).fetchall()
        longest = max(rows, key=lambda row: int(row[0].rpartition("/")[2]), default=None)
        return Network(*longest) if longest else None

    def emergency_area(self, municipality: str) -> str | None:
        row = self._execute(
            "SELECT area FROM emergency_area WHERE municipality = ?", (municipality,)
        ).fetchone()
        return row[0] if row else None

    def emergency_routes(self, service: str, area: str) -> tuple[EmergencyRoute, ...]:
        rows = self._execute(
            "SELECT data FROM emergency_route WHERE service = ? AND area = ?", (service, area)
        )
        return tuple(canonical.emergency_route(json.loads(row[0])) for row in rows)

    def ported(self, e164: str) -> str | None:
        digits = e164.removeprefix("+")
        if self._ported is None or not digits.isdigit():
            return None
        row = self._ported.execute(
            "SELECT routing_number FROM ported WHERE number = ?", (int(digits),)
        ).fetchone()
        return row[0] if row else None

    def _user(self, query: str, values: tuple[Any, ...]) -> User | None:
        row = self._execute(query, values).fetchone()
        return canonical.user(json.loads(row[0])) if row else None
