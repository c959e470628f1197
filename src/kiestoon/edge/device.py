"""Which device of a user a request comes from."""

from __future__ import annotations

import re

from kiestoon.edge import ksr
from kiestoon.edge.ksr import K

_INSTANCE = re.compile(r'\+sip\.instance="([^"]+)"')


def instance_in_contact() -> str:
    """+sip.instance (RFC 5626) of the request's Contact; "" when it says none."""
    found = _INSTANCE.search(ksr.text("$hdr(Contact)"))
    return found.group(1) if found else ""


def registered_from_here(username: str) -> str | None:
    """+sip.instance ("" without one) of the user's device registered from the very address this came from."""
    if K.registrar.reg_fetch_contacts("location", f"sip:{username}@kiestoon.invalid", "own") < 0:
        return None
    try:
        host = f"[{ksr.text('$si')}]" if ":" in ksr.text("$si") else ksr.text("$si")
        source = f"{host}:{ksr.text('$sp')}"
        for n in range(int(ksr.get("$(ulc(own=>count))") or 0)):
            if source in (_host_and_port(_field("received", n)), _host_and_port(_field("addr", n))):
                return _field("instance", n).strip('"')
        return None
    finally:
        K.registrar.reg_free_contacts("own")


def _field(name: str, index: int) -> str:
    return ksr.text(f"$(ulc(own=>{name})[{index}])")


def _host_and_port(uri: str) -> str:
    """ "127.0.0.5:5060" of sip:x@127.0.0.5:5060;transport=tcp."""
    return uri.partition(":")[2].rpartition("@")[2].partition(";")[0]
