"""Who has how many connections open with the edge, from the kernel's tables."""

from __future__ import annotations

import ipaddress
from collections import Counter

from kiestoon.edge.sockets import SIP_PORT, TLS_PORT, V4, V6, WS_PORT, WSS_PORT
from kiestoon.vocabulary.ban import source_of

_ESTABLISHED = "01"
_PORTS = frozenset(f"{port:04X}" for port in (SIP_PORT, TLS_PORT, WS_PORT, WSS_PORT))


def count_connections(table: str, more_than: int) -> dict[str, int]:
    """Connections open with the edge by source, of those with more than so many at one address.

    `table` is the text of /proc/net/tcp and tcp6.
    """
    counts: Counter[str] = Counter()
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 4 or fields[3] != _ESTABLISHED:
            continue
        local, _, port = fields[1].partition(":")
        if port in _PORTS and local in _LOCAL:
            counts[fields[2].partition(":")[0]] += 1
    found: Counter[str] = Counter()
    for address, count in counts.items():
        found[source_of(_address(address))] += count
    return {source: count for source, count in found.items() if count > more_than}


def _hexadecimal(address: str) -> str:
    """As /proc writes it: each 32-bit word in host byte order."""
    raw = ipaddress.ip_address(address.strip("[]")).packed
    return "".join(raw[i : i + 4][::-1].hex() for i in range(0, len(raw), 4)).upper()


_LOCAL = frozenset(_hexadecimal(address) for address in (V4, V6))


def _address(text: str) -> str:
    raw = b"".join(bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8))
    return str(ipaddress.ip_address(raw))
