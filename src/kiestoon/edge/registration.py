"""REGISTER: digest, the user registers itself only, at most three devices."""

from __future__ import annotations

import re
from typing import Any

from kiestoon.edge import ksr
from kiestoon.edge.contacts import FIELDS
from kiestoon.edge.identity import authenticate
from kiestoon.edge.ksr import K
from kiestoon.edge.nat import fix_register
from kiestoon.edge.plane import CallPlane
from kiestoon.vocabulary.configuration import MAX_DEVICES


def register(plane: CallPlane) -> None:
    fix_register()
    username = authenticate(plane)
    if username is None:
        return
    if ksr.text("$tU") != username:
        _refuse(plane, username, 403, "Register your own user only", "not-own-user")
        return
    _forget_same_device(username)
    if _is_one_too_many(username):
        _refuse(plane, username, 403, f"Too many devices: {MAX_DEVICES} are registered", "too-many-devices")
    elif K.registrar.save("location", 0) < 0:
        _note(plane, username, "bad-contact", "the contact could not be stored")  # Kamailio has replied
    else:
        plane.contacts.write(username, _contacts(username))


def _contacts(username: str) -> list[dict[str, Any]]:
    """All contacts the user has now, as the contact log keeps them."""
    if K.registrar.reg_fetch_contacts("location", f"sip:{username}@kiestoon.invalid", "own") < 0:
        return []
    rows = []
    for index in range(int(ksr.get("$(ulc(own=>count))") or 0)):
        row: dict[str, Any] = {name: ksr.text(f"$(ulc(own=>{name})[{index}])") for name in FIELDS}
        row["expires_at"] = int(ksr.get(f"$(ulc(own=>expires)[{index}])") or 0)
        rows.append(row)
    K.registrar.reg_free_contacts("own")
    return rows


_INSTANCE = re.compile(r'\+sip\.instance="([^"]+)"')


def _forget_same_device(username: str) -> None:
    """Remove what this device registered under another address: a reload, a new NAT port, a reconnection.

    A device is known by its instance (RFC 5626) or, within one run of it, by the Call-ID of its REGISTERs.
    With it go browsers whose connection is gone: nothing else leads to them, and they are no devices.
    """
    uri = f"sip:{username}@kiestoon.invalid"
    if K.registrar.reg_fetch_contacts("location", uri, "own") < 0:
        return
    found = _INSTANCE.search(ksr.text("$hdr(Contact)"))
    instance, call_id, contact = (found.group(1) if found else ""), ksr.text("$ci"), _contact()
    old = []
    for index in range(int(ksr.get("$(ulc(own=>count))") or 0)):
        if ksr.text(f"$(ulc(own=>addr)[{index}])") == contact:
            continue
        known = ksr.text(f"$(ulc(own=>instance)[{index}])").strip('"')
        same = (instance and known == instance) or ksr.text(f"$(ulc(own=>callid)[{index}])") == call_id
        if same or _is_unreachable(index):
            old.append(ksr.text(f"$(ulc(own=>ruid)[{index}])"))
    K.registrar.reg_free_contacts("own")
    for ruid in old:
        K.registrar.unregister_ruid("location", uri, ruid)


def _is_unreachable(index: int) -> bool:
    """Whether this fetched contact is a browser's whose WebSocket has ended."""
    if ";transport=ws" not in ksr.text(f"$(ulc(own=>addr)[{index}])").lower():
        return False
    return bool(K.tcpops.tcp_conid_alive(int(ksr.get(f"$(ulc(own=>conid)[{index}])") or -1)) < 0)


def _contact() -> str:
    return ksr.text("$(ct{nameaddr.uri})")


def _is_one_too_many(username: str) -> bool:
    """Whether this REGISTER would add a device to a user who has the maximum."""
    if K.registrar.reg_fetch_contacts("location", f"sip:{username}@kiestoon.invalid", "own") < 0:
        return False
    count = int(ksr.get("$(ulc(own=>count))") or 0)
    try:
        contact = _contact()
        if count < MAX_DEVICES or contact in ("", "*") or ksr.text("$hdr(Expires)") == "0":
            return False
        known = [ksr.text(f"$(ulc(own=>addr)[{n}])") for n in range(count)]
        return contact not in known
    finally:
        K.registrar.reg_free_contacts("own")


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
