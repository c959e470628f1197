"""Standard Webhooks (https://www.standardwebhooks.com): secrets and signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.conf import settings

from kiestoon.portal.encryption import decrypt, encrypt

PREFIX = "whsec_"
PURPOSE = "webhook secret"


def new_secret() -> bytes:
    """24 to 64 random bytes, says the standard."""
    return secrets.token_bytes(32)


def shown(secret: bytes) -> str:
    return PREFIX + base64.b64encode(secret).decode()


def kept(secret: bytes) -> bytes:
    return encrypt(secret, settings.SECRET_KEY, PURPOSE)


def read(row: bytes) -> bytes:
    """Raises UnreadableSecret when the portal's key is another one than when it was made."""
    return decrypt(row, settings.SECRET_KEY, PURPOSE)


def signature(webhook_id: str, timestamp: int, body: bytes, keys: Iterable[bytes]) -> str:
    """The header webhook-signature: one v1 signature for each secret in force."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
