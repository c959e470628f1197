"""A passkey nobody has."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)


def credential() -> dict[str, Any]:
    """A passkey as a browser gives it (WebAuthn 3, section 5.1), of an authenticator that nobody has."""
    key = ES256.from_cryptography_key(  # type: ignore[no-untyped-call]
        ec.generate_private_key(ec.SECP256R1()).public_key()
    )
    data = AuthenticatorData.create(
        hashlib.sha256(b"localhost").digest(),
        AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT,
        0,
        AttestedCredentialData.create(Aaguid(bytes(16)), b"quetzal", key),
    )
    made = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    response = {"clientDataJSON": made, "attestationObject": AttestationObject.create("none", data, {})}
    return {
        "id": websafe_encode(b"quetzal"),
        "rawId": websafe_encode(b"quetzal"),
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {name: websafe_encode(value) for name, value in response.items()},
    }
