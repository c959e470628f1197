"""Who sent this request: a trunk by its address, or a user by digest."""

from __future__ import annotations

from kiestoon.edge import ksr
from kiestoon.edge.gate import wrong_password
from kiestoon.edge.ksr import K
from kiestoon.edge.plane import CallPlane
from kiestoon.vocabulary.configuration import Trunk

_STALE_NONCE = -4
_NO_CREDENTIALS = -5
_NONCE_REUSED = -6
_QOP, _STALE = 1, 16
"""Flags of a challenge: qop=auth; only the nonce is old, the password need not be asked again."""


def find_trunk(plane: CallPlane) -> Trunk | None:
    with plane.snapshot() as snapshot:
        return snapshot.trunk_by_address(ksr.text("$si"), int(ksr.get("$sp") or 0))


def check_digest(plane: CallPlane) -> str | None:
    """The user whose credentials are right, or None; asks nothing and bans nobody."""
    username = ksr.get("$au")
    if not username:
        return None
    with plane.snapshot() as snapshot:
        ha1 = snapshot.ha1(username)
        realm = plane.realm(snapshot)
    if ha1 is None or K.auth.pv_auth_check(realm, ha1, 1, 0) < 0:
        return None
    return str(username)


def authenticate(plane: CallPlane) -> str | None:
    """The authenticated user; otherwise the request has been challenged and None is returned."""
    username = ksr.get("$au")
    challenge = _QOP
    with plane.snapshot() as snapshot:
        realm = plane.realm(snapshot)
        ha1 = snapshot.ha1(username) if username else None
    if username:
        result = K.auth.pv_auth_check(realm, ha1, 1, 0) if ha1 is not None else -3
        if result > 0:
            K.auth.consume_credentials()
            if ksr.get("$sht(open=>$si)"):
                K.pv.seti("$sht(open=>$si)", 0)
            return str(username)
        if result in (_STALE_NONCE, _NONCE_REUSED):
            challenge |= _STALE
        elif result != _NO_CREDENTIALS:
            wrong_password(plane, str(username))
    ksr.get("$shtinc(open=>$si)")
    K.auth.auth_challenge(realm, challenge)
    return None
