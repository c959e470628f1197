"""Who called 112 with which number lately: whom a centre that calls back wants to reach (RFC 7090)."""

from __future__ import annotations

import time

from kiestoon.domain.routing.call_back import HELPED_SECONDS
from kiestoon.domain.routing.destination import asked_by_carrier
from kiestoon.edge import ksr
from kiestoon.edge.ksr import K
from kiestoon.vocabulary.configuration import Trunk

CALL_BACK = "call-back"
CALL_BACK_PRIORITY = "psap-callback"


def remember_helped(number: str | None, username: str | None, trunk: Trunk | None) -> None:
    """Whoever makes the emergency call at hand is who is meant when this number is called back."""
    if number and (trunk or username):
        whom = f"trunk:{trunk.trunk_id}" if trunk else f"user:{username}"
        K.htable.sht_sets("helped", number, f"{int(time.time())} {whom}")


def whom_it_helped(dialled: str) -> str | None:
    """ "user:NAME" or "trunk:ID" of who called 112 showing the number now dialled; None when nobody did."""
    number = asked_by_carrier(dialled)
    found = K.htable.sht_get("helped", number) if number else None
    return None if found is None else str(found).partition(" ")[2]


def forget_priority(centre: bool) -> None:
    """Priority is what the edge decided (RFC 4412 section 4.6.1, RFC 7090): nobody else's word is passed on.

    `centre`: the request comes from an emergency centre, whose Priority stands.
    """
    for name in ("Resource-Priority", "Accept-Resource-Priority"):
        K.hdr.remove(name)
    if not centre and ksr.text("$hdr(Priority)").strip().lower() in (CALL_BACK_PRIORITY, "emergency"):
        K.hdr.remove("Priority")


def restore_helped(helped: dict[str, str], now: float) -> None:
    """What an edge before this one remembered, for as long as it holds yet."""
    for number, note in helped.items():
        since = note.partition(" ")[0]
        left = int(since) + HELPED_SECONDS - int(now) if since.isdecimal() else 0
        if 0 < left <= HELPED_SECONDS:
            K.htable.sht_setxs("helped", number, note, left)
