"""The edge's registrar (Kamailio usrloc): taking a registered device off."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from kiestoon.adapters.edge_rpc import EdgeRefused, EdgeRpc

TABLE = "location"
_NOT_FOUND = 404


class Registrar(Protocol):
    """What is removed stays so until the device registers again. EdgeUnavailable: nothing was removed."""

    def remove(self, username: str, uri: str) -> bool:
        """One contact of a user, by its URI as registered; False when it was not there."""
        ...

    def remove_all(self, username: str) -> None:
        """Every contact of a user, if there is any."""
        ...


class EdgeRegistrar:
    """The running edge's."""

    def __init__(self, socket: Path) -> None:
        self._rpc = EdgeRpc(socket)

    def remove(self, username: str, uri: str) -> bool:
        try:
            self._rpc.call("ul.rm_contact", TABLE, username, uri)
        except EdgeRefused as refused:
            if refused.code == _NOT_FOUND:
                return False
            raise
        return True

    def remove_all(self, username: str) -> None:
        self._rpc.call("ul.rm", TABLE, username)
