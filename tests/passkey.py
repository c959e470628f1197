"""What a browser sends when it made a passkey (WebAuthn, section 5.1), without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData


def registration(rp_id: str = "localhost") -> dict[str, Any]:
    """A credential that nobody can use: its private key is forgotten."""
    credential_id = secrets.token_bytes(16)
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
    data = AuthenticatorData.create(
        _sha256(rp_id),
        AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT,
        0,
        AttestedCredentialData.create(Aaguid.NONE, credential_id, key),
    )
    client = {"type": "webauthn.create", "challenge": _text(b"0" * 32), "origin": f"https://{rp_id}"}
    return {
        "id": _text(credential_id),
        "rawId": _text(credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": _text(json.dumps(client).encode()),
            "attestationObject": _text(bytes(AttestationObject.create("none", data, {}))),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
