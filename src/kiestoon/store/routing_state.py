"""What the routing store holds, for whoever has to decide what to publish next."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoreState:
    """The last publication applied, as the store itself says."""

    format: int
    version: int
    checksum: str


def read_state(path: Path) -> StoreState | None:
    """None for an empty store; raises sqlite3.DatabaseError when the file is no routing store."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        row = connection.execute("SELECT format, version, checksum FROM publication").fetchone()
    finally:
        connection.close()
    return StoreState(int(row[0]), int(row[1]), str(row[2])) if row else None


class StoreContents:
    """Read-only questions about what is published. The file must exist and be of our format."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)

    def close(self) -> None:
        self._connection.close()

    def operator_checksum(self) -> str | None:
        """`routing_store.operator_checksum` of what is published."""
        row = self._connection.execute("SELECT checksum FROM operator_checksum").fetchone()
        return str(row[0]) if row else None

    def checksums(self) -> dict[int, str]:
        """Customer id to `routing_store.customer_checksum`."""
        return dict(self._connection.execute("SELECT customer_id, checksum FROM customer"))

    def owners(self, usernames: Iterable[str], numbers: Iterable[str]) -> set[int]:
        """Customers that have any of these user names or numbers now."""
        query = (
            "SELECT customer_id FROM user WHERE username IN (SELECT value FROM json_each(?)) "
            "UNION SELECT customer_id FROM number WHERE e164 IN (SELECT value FROM json_each(?))"
        )
        lists = (json.dumps(list(usernames)), json.dumps(list(numbers)))
        return {row[0] for row in self._connection.execute(query, lists)}
