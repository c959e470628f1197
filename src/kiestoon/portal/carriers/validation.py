"""SIP addresses of trunks."""

from __future__ import annotations

import ipaddress
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_URI = re.compile(
    r"sips?:(?:[^\s@;:]+@)?(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?:;transport=(?:udp|tcp|tls))?\Z"
)
_PREFIX = re.compile(r"\+32\d{2,9}\Z")
_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<four>[0-9.]+))(?::(?P<port>\d{1,5}))?\Z")


def check_uri(uri: str) -> None:
    if not _URI.match(uri):
        raise ValidationError(
            _(
                "Enter a SIP address, for example sip:127.0.1.1:5060;transport=tcp. "
                "You entered “%(entered)s”."
            ),
            params={"entered": uri},
        )


def read_source(entered: str) -> str:
    """ "IP", "IP:port" or "[IPv6]:port", as the edge compares it; IPv6 always in brackets."""
    text = f"[{entered}]" if entered.count(":") > 1 and not entered.startswith("[") else entered
    found = _ADDRESS.match(text)
    try:
        if found is None or int(found["port"] or 1) not in range(1, 65536):
            raise ValueError
        address = ipaddress.ip_address(found["six"] or found["four"])
    except ValueError as error:
        raise ValidationError(
            _(
                "Enter an IP address, with a port if needed, for example 192.0.2.1:5060 or "
                "[2001:db8::1]:5060. You entered “%(entered)s”."
            ),
            params={"entered": entered},
        ) from error
    host = f"[{address}]" if address.version == 6 else str(address)
    return f"{host}:{found['port']}" if found["port"] else host


def check_domain(domain: str) -> None:
    """A host name, or an IP address without brackets."""
    try:
        ipaddress.ip_address(domain)
    except ValueError as error:
        if not _DOMAIN.match(domain):
            raise ValidationError(
                _("Enter a domain, for example sip.example.be. You entered “%(entered)s”."),
                params={"entered": domain},
            ) from error


def check_block(prefix: str) -> None:
    if not _PREFIX.match(prefix):
        raise ValidationError(
            _(
                "Enter a number block as the first digits of its numbers, for example +323808. "
                "You entered “%(entered)s”."
            ),
            params={"entered": prefix},
        )
