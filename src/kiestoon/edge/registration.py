"""REGISTER: digest, the user registers itself only, at most three devices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kiestoon.edge import ksr
from kiestoon.edge.contacts import FIELDS
from kiestoon.edge.device import instance_in_contact
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


@contextmanager
def _fetched(username: str) -> Iterator[list[int]]:
    """Indices of the user's contacts that hold: Kamailio keeps removed ones until its next timer."""
    if K.registrar.reg_fetch_contacts("location", f"sip:{username}@kiestoon.invalid", "own") < 0:
        yield []
        return
    try:
        now = time.time()
        every = range(int(ksr.get("$(ulc(own=>count))") or 0))
        yield [index for index in every if int(_field("expires", index) or 0) > now]
    finally:
        K.registrar.reg_free_contacts("own")


def _field(name: str, index: int) -> str:
    return ksr.text(f"$(ulc(own=>{name})[{index}])")


def _contacts(username: str) -> list[dict[str, Any]]:
    """All contacts the user has now, as the contact log keeps them."""
    with _fetched(username) as indices:
        return [
            {**{name: _field(name, index) for name in FIELDS}, "expires_at": int(_field("expires", index))}
            for index in indices
        ]


def _forget_same_device(username: str) -> list[str]:
    """Remove what this device registered under another address: a reload, a new NAT port, a reconnection.

    A device is known by its instance (RFC 5626) or, within one run of it, by the Call-ID of its REGISTERs.
    With it go browsers whose connection is gone: nothing else leads to them, and they are no devices.
    Returns the addresses of the contacts that stay.
    """
    instance, call_id, contact = instance_in_contact(), ksr.text("$ci"), _contact()
    old, stay = [], []
    with _fetched(username) as indices:
        for index in indices:
            address = _field("addr", index)
            if address == contact:
                stay.append(address)
                continue
            same = (instance and _field("instance", index).strip('"') == instance) or (
                _field("callid", index) == call_id
            )
            if same or _is_unreachable(address, index):
                old.append(_field("ruid", index))
            else:
                stay.append(address)
    for ruid in old:
        K.registrar.unregister_ruid("location", f"sip:{username}@kiestoon.invalid", ruid)
    return stay


def _is_unreachable(address: str, index: int) -> bool:
    """Whether this fetched contact is a browser's whose WebSocket has ended."""
    if ";transport=ws" not in address.lower():
        return False
    return bool(K.tcpops.tcp_conid_alive(int(_field("conid", index) or -1)) < 0)


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
