"""Where a request comes from."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address of the browser; behind proxies as ALLAUTH_TRUSTED_PROXY_COUNT tells."""
    return str(get_adapter().get_client_ip(request))
