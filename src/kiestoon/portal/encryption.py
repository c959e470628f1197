"""Secrets that have to be read again (signing secrets, kept answers), encrypted in the database.

The keys are not in the database: a copy of it alone tells nothing.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class UnreadableSecret(Exception):
    """Encrypted with another key, or damaged."""


def encrypt(data: bytes, key: str, purpose: str) -> bytes:
    """Fernet with a key derived (HKDF, RFC 5869) from `key` for this purpose alone."""
    return _fernet(key, purpose).encrypt(data)


def decrypt(data: bytes, key: str, purpose: str) -> bytes:
    """Raises UnreadableSecret."""
    try:
        return _fernet(key, purpose).decrypt(bytes(data))
    except InvalidToken as error:
        raise UnreadableSecret(purpose) from error


def _fernet(key: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
