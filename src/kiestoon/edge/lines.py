"""Calls in progress on each trunk, counted in Kamailio's memory: what its limit and its reserve are held to.

One entry a call and direction: a repeated BYE frees nothing twice, and a call that lost its end expires.
A restarted edge begins at nothing: it then lets through a few calls too many, never too few.
"""

from __future__ import annotations

from typing import Any

from kiestoon.domain.routing.capacity import has_room
from kiestoon.edge import ksr
from kiestoon.edge.ksr import K

_INCOMING = ".i"
_EMERGENCY = "!"
"""Marks the lines emergency calls take; trunk ids have no such sign."""


def take(stage: dict[str, Any], call_id: str) -> bool:
    """Count the call on the trunk of the stage about to be tried; False, and not counted, when it is full."""
    target = stage["targets"][0]
    if target["kind"] != "trunk":
        K.htable.sht_rm("lines", call_id)
        return True
    trunk = target["id"]
    if stage["emergency"]:
        K.htable.sht_sets("lines", call_id, trunk + _EMERGENCY)
        return True
    K.htable.sht_sets("lines", call_id, trunk)  # first, so that two workers never both take the last line
    most, reserved = target["max_calls"], target["reserved_calls"]
    if most == 0 or has_room(_count(trunk) - 1, _count(trunk + _EMERGENCY), most, reserved):
        return True
    K.htable.sht_rm("lines", call_id)
    return False


def take_incoming(trunk: str, call_id: str) -> None:
    """Count a call that came in; whoever sends it knows its own limit."""
    K.htable.sht_sets("lines", call_id + _INCOMING, trunk)


def free(call_id: str) -> None:
    """The call has ended."""
    K.htable.sht_rm("lines", call_id)
    K.htable.sht_rm("lines", call_id + _INCOMING)


def _count(value: str) -> int:
    return int(ksr.get(f"$shtcv(lines=>=={value})") or 0)
