"""REGISTER: digest, the user registers itself only, at most three devices."""

from __future__ import annotations

from typing import Any

from kiestoon.edge import ksr
from kiestoon.edge.contacts import FIELDS
from kiestoon.edge.identity import authenticate
from kiestoon.edge.ksr import K
from kiestoon.edge.plane import CallPlane
from kiestoon.vocabulary.configuration import MAX_DEVICES


def register(plane: CallPlane) -> None:
    username = authenticate(plane)
    if username is None:
        return
    if ksr.text("$tU") != username:
        _refuse(plane, username, 403, "Register your own user only", "not-own-user")
        return
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


def _is_one_too_many(username: str) -> bool:
    """Whether this REGISTER would add a device to a user who has the maximum."""
    if K.registrar.reg_fetch_contacts("location", f"sip:{username}@kiestoon.invalid", "own") < 0:
        return False
    count = int(ksr.get("$(ulc(own=>count))") or 0)
    try:
        if count < MAX_DEVICES or ksr.get("$(ct{nameaddr.uri})") in (None, "", "*"):
            return False
        contact = ksr.text("$(ct{nameaddr.uri})")
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
