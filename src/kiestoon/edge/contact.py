"""Contact values as text."""

from __future__ import annotations

import re

_URI = re.compile(
    r"<?\s*sips?:(?:[^@<>;\s]*@)?(?P<host>\[[^\]]*\]|[^:;<>?\s]+)(?::(?P<port>\d+))?(?P<rest>[^<>?\s]*)",
    re.IGNORECASE,
)


def elsewhere(contact: str, address: str, port: int) -> bool:
    """Whether this Contact names another place than the source `address`:`port`, and no alias yet."""
    found = _URI.search(contact)
    if found is None or ";alias=" in found["rest"].lower():
        return False
    secure = "transport=tls" in found["rest"].lower()
    named = int(found["port"] or (5061 if secure else 5060))
    return found["host"].strip("[]").lower() != address.strip("[]").lower() or named != port
