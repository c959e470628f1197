"""The devices of a user, and which of them a request comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from kiestoon.edge import ksr
from kiestoon.edge.ksr import K

_INSTANCE = re.compile(r'\+sip\.instance="([^"]+)"')


def instance_in_contact() -> str:
    """+sip.instance (RFC 5626) of the request's Contact; "" when it says none."""
    found = _INSTANCE.search(ksr.text("$hdr(Contact)"))
    return found.group(1) if found else ""


def registered_from_here(username: str) -> str | None:
    """+sip.instance ("" without one) of the user's device registered from the very address this came from."""
    host = f"[{ksr.text('$si')}]" if ":" in ksr.text("$si") else ksr.text("$si")
    source = f"{host}:{ksr.text('$sp')}"
    with fetched(username) as indices:
        for n in indices:
            if source in (_host_and_port(field("received", n)), _host_and_port(field("addr", n))):
                return field("instance", n).strip('"')
    return None


@contextmanager
def fetched(username: str) -> Iterator[range]:
    """Indices of the user's contacts, for `field`; also of those removed since Kamailio's last timer."""
    if K.registrar.reg_fetch_contacts("location", f"sip:{username}@kiestoon.invalid", "own") < 0:
        yield range(0)
        return
    try:
        yield range(int(ksr.get("$(ulc(own=>count))") or 0))
    finally:
        K.registrar.reg_free_contacts("own")


def field(name: str, index: int) -> str:
    """Of a contact, while it is fetched."""
    return ksr.text(f"$(ulc(own=>{name})[{index}])")


def _host_and_port(uri: str) -> str:
    """ "127.0.0.5:5060" of sip:x@127.0.0.5:5060;transport=tcp."""
    return uri.partition(":")[2].rpartition("@")[2].partition(";")[0]
