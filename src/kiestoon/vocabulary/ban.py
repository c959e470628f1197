"""A source the edge does not answer for a while; the text is what Kamailio's hash table holds."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from functools import lru_cache

EDGE = "edge"
"""Who placed a ban when it was no person."""
BY_HAND = "by-hand"
"""Why, when it was one; else the offence (domain.abuse.offences)."""


@dataclass(frozen=True, slots=True)
class Ban:
    """`source`: an IPv4 address or an IPv6 /64. `since`, `until`: Unix seconds. `times`: how often banned."""

    source: str
    why: str
    since: int
    until: int
    times: int = 1
    by: str = EDGE

    def text(self) -> str:
        return json.dumps([self.why, self.since, self.until, self.times, self.by], separators=(",", ":"))

    @classmethod
    def read(cls, source: str, text: str) -> Ban:
        """Raises ValueError when the text is not one that `text` made."""
        try:
            why, since, until, times, by = json.loads(text)
            return cls(source, str(why), int(since), int(until), int(times), str(by))
        except TypeError as error:
            raise ValueError(f"not a ban: {error}") from error


@lru_cache(4096)
def source_of(address: str) -> str:
    """Who is behind an address: itself, or the /64 an IPv6 line has (its hosts are free to choose within).

    Raises ValueError for what is no address.
    """
    found = ipaddress.ip_address(address)
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
