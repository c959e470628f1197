"""REGISTER: digest, the user registers itself only, at most three devices."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from kiestoon.edge import ksr
from kiestoon.edge.contacts import FIELDS
from kiestoon.edge.device import fetched, field, instance_in_contact
from kiestoon.edge.identity import authenticate
from kiestoon.edge.ksr import K
from kiestoon.edge.nat import fix_register
from kiestoon.edge.plane import CallPlane
from kiestoon.edge.whereabouts import note_whereabouts
from kiestoon.vocabulary.configuration import MAX_DEVICES


def register(plane: CallPlane) -> None:
    fix_register()
    username = authenticate(plane)
    if username is None:
        return
    if ksr.text("$tU") != username:
        _refuse(plane, username, 403, "Register your own user only", "not-own-user")
        return
    if _is_one_too_many(_forget_same_device(username)):
        _refuse(plane, username, 403, f"Too many devices: {MAX_DEVICES} are registered", "too-many-devices")
    elif K.registrar.save("location", 0) < 0:
        _note(plane, username, "bad-contact", "the contact could not be stored")  # Kamailio has replied
    else:
        plane.contacts.write(username, _contacts(username))
        note_whereabouts(plane, username)


def _holding(indices: Iterable[int]) -> list[int]:
    """Of fetched contacts those that hold: Kamailio keeps removed ones until its next timer."""
    now = time.time()
    return [index for index in indices if int(field("expires", index) or 0) > now]


def _contacts(username: str) -> list[dict[str, Any]]:
    """All contacts the user has now, as the contact log keeps them."""
    with fetched(username) as indices:
        return [
            {**{name: field(name, index) for name in FIELDS}, "expires_at": int(field("expires", index))}
            for index in _holding(indices)
        ]


def _forget_same_device(username: str) -> list[str]:
    """Remove what this device registered under another address: a reload, a new NAT port, a reconnection.

    A device is known by its instance (RFC 5626) or, within one run of it, by the Call-ID of its REGISTERs.
    With it go browsers whose connection is gone: nothing else leads to them, and they are no devices.
    Returns the addresses of the contacts that stay.
    """
    instance, call_id, contact = instance_in_contact(), ksr.text("$ci"), _contact()
    old, stay = [], []
    with fetched(username) as indices:
        for index in _holding(indices):
            address = field("addr", index)
            if address == contact:
                stay.append(address)
                continue
            same = (instance and field("instance", index).strip('"') == instance) or (
                field("callid", index) == call_id
            )
            if same or _is_unreachable(address, index):
                old.append(field("ruid", index))
            else:
                stay.append(address)
    for ruid in old:
        K.registrar.unregister_ruid("location", f"sip:{username}@kiestoon.invalid", ruid)
    return stay


def _is_unreachable(address: str, index: int) -> bool:
    """Whether this fetched contact is a browser's whose WebSocket has ended."""
    if ";transport=ws" not in address.lower():
        return False
    return bool(K.tcpops.tcp_conid_alive(int(field("conid", index) or -1)) < 0)


def _contact() -> str:
    return ksr.text("$(ct{nameaddr.uri})")


def _is_one_too_many(addresses: list[str]) -> bool:
    """Whether this REGISTER would add a device to a user who has the maximum."""
    contact = _contact()
    if contact in ("", "*") or ksr.text("$hdr(Expires)") == "0":
        return False
    return len(addresses) >= MAX_DEVICES and contact not in addresses


def _refuse(plane: CallPlane, username: str, code: int, phrase: str, result: str) -> None:
    _note(plane, username, result, phrase)
    ksr.reply(code, phrase)


def _note(plane: CallPlane, username: str, result: str, why: str) -> None:
    source = f"{ksr.text('$si')}:{ksr.text('$sp')}"
    plane.recorder.event(
        "registration",
        "",
        ksr.text("$ci"),
        user=username,
        src=source,
        result=result,
        why=why,
        ua=ksr.text("$ua"),
    )
