"""The demo world's passwords and tokens: made at first run, kept in one file nobody else can read."""

from __future__ import annotations

import base64
import json
import os
import secrets
import string
from pathlib import Path
from typing import Any

from kiestoon.portal.demo.plan import CUSTOMERS, DOMAIN, people

PORTAL_URL = "http://localhost:8000"
_ALPHABET = string.ascii_letters + string.digits


def read_world(path: Path) -> dict[str, Any] | None:
    """The object of `demo_world --json`, or None when it was not made yet."""
    try:
        world: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return world


def make_world() -> dict[str, Any]:
    """A world with new secrets; nothing is stored yet."""
    return {
        "portal": {
            "url": PORTAL_URL,
            "api": f"{PORTAL_URL}/api",
            "openapi": f"{PORTAL_URL}/api/openapi.json",
            "people": [
                {
                    "role": person.role,
                    "username": person.username,
                    "password": _password(),
                    "totp_secret": None if person.customer else _totp_secret(),
                    "customer": person.customer.name if person.customer else None,
                }
                for person in people()
            ],
            "tokens": [
                {
                    "role": person.role,
                    "token": secrets.token_urlsafe(32),
                    "customer": person.customer.name if person.customer else None,
                }
                for person in people()
            ],
        },
        "sip": {
            "domain": DOMAIN,
            "udp": "127.0.0.1:5060",
            "tcp": "127.0.0.1:5060",
            "tls": "127.0.0.1:5061",
            "wss": "wss://127.0.0.1:8443",
            "ws": "ws://localhost:8080",
        },
        "customers": [
            {
                "name": customer.name,
                "language": customer.language,
                "main_number": customer.main_number,
                "users": [
                    {
                        "extension": user.extension,
                        "name": user.name,
                        "number": user.number,
                        "username": user.username,
                        "password": _password(),
                        "address": {
                            "street": customer.address.street,
                            "house_number": customer.address.house_number,
                            "postcode": customer.address.postcode,
                            "municipality": customer.address.municipality,
                        },
                        "nomadic": user.nomadic,
                    }
                    for user in customer.users
                ],
            }
            for customer in CUSTOMERS
        ],
    }


def keep_world(path: Path, world: dict[str, Any]) -> None:
    """Written whole or not at all, mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(world, file, ensure_ascii=False, indent=1)
    new.replace(path)


def _totp_secret() -> str:
    """160 bits, as RFC 4226 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def _password() -> str:
    """Letters and digits only: phones, sipp and digest headers take them as they are."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))
