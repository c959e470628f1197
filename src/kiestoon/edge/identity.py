"""Who sent this request: a trunk by its address, or a user by digest."""

from __future__ import annotations

from kiestoon.edge import ksr
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
        trunk = snapshot.trunk_by_address(ksr.text("$si"), int(ksr.get("$sp") or 0))
    if trunk is not None:
        plane.gate.remember()
    return trunk


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
    gate, challenge = plane.gate, _QOP
    claimed = str(username or ("" if gate.is_known() else ksr.text("$tU" if _is_register() else "$fU")))
    with plane.snapshot() as snapshot:
        realm = plane.realm(snapshot)
        ha1 = snapshot.ha1(claimed) if claimed else None
    if username:
        if gate.waits(claimed):
            return None
        result = K.auth.pv_auth_check(realm, ha1, 1, 0) if ha1 is not None else -3
        if result > 0:
            K.auth.consume_credentials()
            gate.remember()
            return claimed
        if result in (_STALE_NONCE, _NONCE_REUSED):
            challenge |= _STALE
        elif result != _NO_CREDENTIALS:
            gate.wrong_password(claimed)
    if gate.stranger(claimed, exists=ha1 is not None):
        K.auth.auth_challenge(realm, challenge)
    return None


def _is_register() -> bool:
    return ksr.text("$rm") == "REGISTER"
