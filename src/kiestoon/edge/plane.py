"""What one edge process works with: snapshot, journal, signer. Opened lazily, after fork."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiestoon.adapters.rtpengine import MediaEnds
from kiestoon.edge.contacts import ContactLog
from kiestoon.edge.cover import Cover
from kiestoon.edge.gate import Gate
from kiestoon.edge.token import Signer
from kiestoon.store.journal import RESERVE_BYTES, ROTATE_BYTES
from kiestoon.store.recorder import Recorder
from kiestoon.store.snapshot import SqliteSnapshot


class CallPlane:
    """Local data only."""

    def __init__(self, state: Path) -> None:
        self._state = state
        reserve = int(os.environ.get("KIESTOON_JOURNAL_RESERVE_MB", "0")) << 20 or RESERVE_BYTES
        self.recorder = Recorder(state / "journal", reserve, min(ROTATE_BYTES, reserve // 4))
        self.gate = Gate(self.recorder, self._is_trunk)
        self.bans = state / "edge" / "bans.json"
        self.helped = state / "edge" / "helped.json"
        self.location = state / "location" / "location.sqlite"
        self.media = MediaEnds()
        self.contacts = ContactLog(state / "location" / "log")
        key = (state / "secrets" / "route.key").read_text().strip().encode()
        self.signer = Signer(key)
        self.cover = Cover(key)
        self._snapshot: SqliteSnapshot | None = None
        self._realm = ""
        self._domains: frozenset[str] = frozenset()
        self._version = -1

    @contextmanager
    def snapshot(self) -> Iterator[SqliteSnapshot]:
        """One frozen read transaction. A file that cannot be read is opened anew at the next request."""
        if self._snapshot is None:
            routing = self._state / "routing"
            self._snapshot = SqliteSnapshot(routing / "customers.sqlite", routing / "ported.sqlite")
        try:
            with self._snapshot.frozen() as snapshot:
                yield snapshot
        except Exception:
            broken, self._snapshot = self._snapshot, None
            broken.close()
            raise

    def realm(self, snapshot: SqliteSnapshot) -> str:
        """The digest realm; read again after each publication."""
        self._refresh(snapshot)
        return self._realm

    def is_own_domain(self, snapshot: SqliteSnapshot, host: str) -> bool:
        self._refresh(snapshot)
        return host in self._domains

    def _is_trunk(self, address: str, port: int) -> bool:
        with self.snapshot() as snapshot:
            return snapshot.trunk_by_address(address, port) is not None

    def _refresh(self, snapshot: SqliteSnapshot) -> None:
        version = snapshot.version()
        if version != self._version:
            operator = snapshot.operator()
            self._realm = operator.realm
            self._domains = frozenset(d.lower() for d in operator.domains)
            self._version = version
