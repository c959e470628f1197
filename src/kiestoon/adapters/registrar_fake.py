"""The registrar in memory, for tests."""

from __future__ import annotations

from kiestoon.adapters.edge_rpc import EdgeUnavailable


class FakeRegistrar:
    """Has the contacts in `contacts` (user name, URI); `up` False: does not answer."""

    def __init__(self, *contacts: tuple[str, str]) -> None:
        self.contacts = set(contacts)
        self.up = True

    def remove(self, username: str, uri: str) -> bool:
        return self._without({(username, uri)})

    def remove_all(self, username: str) -> None:
        self._without({one for one in self.contacts if one[0] == username})

    def _without(self, gone: set[tuple[str, str]]) -> bool:
        if not self.up:
            raise EdgeUnavailable("switched off")
        there = self.contacts & gone
        self.contacts -= gone
        return bool(there)
