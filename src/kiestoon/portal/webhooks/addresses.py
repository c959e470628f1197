"""Where a webhook may go: never into our own network, whatever a name says when it is asked.

A URL comes from a customer, and the portal stands where the call plane, the database and the provider's
metadata service are: every address a name leads to is checked at each delivery, and the checked address is
the one connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOKUP_SECONDS = 3.0
_EMBEDS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""IPv6 networks whose last 32 bits are an IPv4 address (RFC 6052, RFC 4291)."""
_lookups = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lookup")


class NoSuchName(Exception):
    """The name leads nowhere, or its name servers do not answer."""


class ForbiddenAddress(Exception):
    """It leads into a network that is not public and that the operator has not allowed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. `host` is a name or an address without brackets."""

    scheme: str
    host: str
    port: int
    path: str
    authority: str
    """For the header Host."""


def read_url(url: str) -> Target:
    """ValidationError that says what to enter."""
    fix = _("Enter an address such as https://example.com/calls. You entered “%(entered)s”.")
    wrong = ValidationError(fix, params={"entered": url[:100]})
    if not url.isascii() or any(character <= " " or character in '\\"<>^`{|}' for character in url):
        raise wrong
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0 or len(parts.hostname) > 253:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("Leave user name and password out: each delivery is signed."))
    if parts.fragment:
        raise ValidationError(_("Leave out what follows the #: it is never sent."))
    if parts.scheme == "http" and not _allowed_by_operator(_literal(parts.hostname)):
        raise ValidationError(_("The address must begin with https://: deliveries hold telephone numbers."))
    host, path = parts.hostname, parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), target, parts.netloc)


def check_target(target: Target) -> None:
    """ValidationError when it leads into a network that is not allowed; a name that leads nowhere may."""
    try:
        resolve(target)
    except NoSuchName:
        return
    except ForbiddenAddress as error:
        raise ValidationError(
            _("“%(host)s” is not an address of the public internet."), params={"host": target.host}
        ) from error


def resolve(target: Target) -> list[Address]:
    """The addresses to try in turn. NoSuchName, or ForbiddenAddress when any of them is not allowed."""
    lookup = _lookups.submit(
        socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    try:
        found = lookup.result(LOOKUP_SECONDS)
    except (OSError, UnicodeError, TooLong) as error:
        lookup.cancel()
        raise NoSuchName(target.host) from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(row[4][0]) for row in found))
    if not addresses or not all(is_allowed(address) for address in addresses):
        raise ForbiddenAddress(target.host)
    return addresses


def is_allowed(address: Address) -> bool:
    """Public, or in one of the operator's KIESTOON_WEBHOOK_NETWORKS."""
    return _allowed_by_operator(address) or _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if any(address in network for network in _EMBEDS):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _allowed_by_operator(address: Address | None) -> bool:
    return address is not None and any(
        address in network for network in settings.WEBHOOK_NETWORKS if network.version == address.version
    )


def _literal(host: str) -> Address | None:
    """The address a host is already; `localhost` stands for loopback (RFC 6761, section 6.3)."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return None
