"""Where a device can be reached: the address its packets come from, whatever its Contact says.

A phone behind NAT, or one that keeps a TCP or TLS connection open, cannot be reached at its Contact. The
alias that is added there is what requests of the other side come back to. A trunk is reached where it says.
"""

from __future__ import annotations

from kiestoon.edge import ksr
from kiestoon.edge.contact import elsewhere
from kiestoon.edge.ksr import K

_REQUEST_TESTS = 64 + 16 + 2 + 1
_REPLY_TESTS = 64 + 1


def remember_source(trunk: bool) -> None:
    """Have requests to the sender of the message at hand come back to where it came from."""
    if trunk:
        tests = _REPLY_TESTS if ksr.get("$rs") else _REQUEST_TESTS
        needed = K.nathelper.nat_uac_test(tests) > 0
    else:
        needed = elsewhere(ksr.text("$hdr(Contact)"), ksr.text("$si"), int(ksr.get("$sp") or 0))
    if needed:
        K.nathelper.set_contact_alias()


def fix_register() -> None:
    if ksr.get("$proto") in ("ws", "wss") or K.nathelper.nat_uac_test(_REQUEST_TESTS) > 0:
        K.nathelper.fix_nated_register()
