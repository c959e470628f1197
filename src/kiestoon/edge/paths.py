"""Whether the paths to the emergency centres work: from calls, and from asking each every few seconds."""

from __future__ import annotations

import time

from kiestoon.domain.emergency.transport import over_stream
from kiestoon.domain.routing.emergency_paths import ASKED_EVERY_SECONDS, is_path_down
from kiestoon.edge import ksr
from kiestoon.edge.ksr import K
from kiestoon.edge.sockets import socket_towards
from kiestoon.vocabulary.configuration import Trunk


def note(trunk: str, down: bool) -> None:
    """A path failed, or answered."""
    if down:
        K.htable.sht_seti("path", trunk, 1)
    elif K.htable.sht_get("path", trunk) is not None:
        K.htable.sht_rm("path", trunk)


def avoided(trunks: list[str]) -> frozenset[str]:
    """Those of these trunks that failed lately."""
    return frozenset(one for one in trunks if K.htable.sht_get("path", one) is not None)


class Asker:
    """Asks each path with OPTIONS; one per edge, in the process of the sweep."""

    def __init__(self) -> None:
        self._ask_at = 0.0

    def is_due(self) -> bool:
        if time.monotonic() < self._ask_at:
            return False
        self._ask_at = time.monotonic() + ASKED_EVERY_SECONDS
        return True

    @staticmethod
    def ask(trunks: tuple[Trunk, ...]) -> None:
        for trunk in trunks:
            uri = over_stream(trunk.uri)
            socket = socket_towards(uri)
            for name, value in (
                ("method", "OPTIONS"),
                ("ruri", uri),
                ("turi", uri),
                ("furi", f"sip:{socket.partition(':')[2]}"),
                ("sock", socket),
                ("evparam", trunk.trunk_id),
            ):
                ksr.sets(f"$uac_req({name})", value)
            K.pv.seti("$uac_req(evroute)", 1)
            K.uac.uac_req_send()


def answered() -> None:
    """The answer to a question of ours, or what stands for its absence."""
    trunk, code = ksr.text("$uac_req(evparam)"), int(ksr.get("$uac_req(evcode)") or 408)
    if trunk:
        note(trunk, is_path_down(code))
