"""The edge's bans in memory, for tests of the portal."""

from __future__ import annotations

import time

from kiestoon.adapters.edge_rpc import EdgeUnavailable
from kiestoon.vocabulary.ban import Ban


class FakeBans:
    """Keeps bans in `bans`; `up` False: the edge does not answer."""

    def __init__(self, *bans: Ban) -> None:
        self.bans = {ban.source: ban for ban in bans}
        self.up = True

    def current(self) -> list[Ban]:
        now = time.time()
        return sorted((ban for ban in self.bans.values() if ban.until > now), key=lambda ban: -ban.since)

    def place(self, ban: Ban) -> None:
        self._answer()
        self.bans[ban.source] = ban

    def lift(self, source: str) -> bool:
        self._answer()
        return self.bans.pop(source, None) is not None

    def _answer(self) -> None:
        if not self.up:
            raise EdgeUnavailable("switched off")
