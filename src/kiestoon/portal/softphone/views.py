"""The page with the phone of whoever is signed in: their own telephone user, nobody else's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from kiestoon.belgium.emergency_numbers import ON_SITE
from kiestoon.portal.carriers.models import Operator
from kiestoon.portal.content_policy import POLICY
from kiestoon.portal.people.models import Person
from kiestoon.portal.phones.models import TelephoneUser

DEMO_WS_URL = "ws://localhost:8080"
"""A browser silently refuses a WSS certificate it does not know; it counts loopback as safe without one."""


@login_required
@never_cache
def phone(request: HttpRequest) -> HttpResponse:
    """The HA1 in the page lets this browser register; so the page is kept by no cache."""
    assert isinstance(request.user, Person)
    user = request.user.telephone_user
    ws_url = getattr(settings, "PHONE_WS_URL", DEMO_WS_URL)
    context = {"configuration": _whole_configuration(request, user, ws_url) if user else None}
    response = render(request, "softphone/phone.html", context)
    response.headers["Content-Security-Policy"] = policy(ws_url)
    response.headers["Permissions-Policy"] = "microphone=(self)"
    return response


def _whole_configuration(request: HttpRequest, user: TelephoneUser, ws_url: str) -> dict[str, Any]:
    """With what a phone that moves asks and answers about its place."""
    asks = {"location_url": reverse("phone_location"), "csrf_token": get_token(request)}
    return configuration(user, ws_url) | (asks if user.nomadic else {})


def configuration(user: TelephoneUser, ws_url: str) -> dict[str, Any]:
    """What the phone needs to know (softphone/src/configuration.ts)."""
    operator = Operator.objects.get()
    number = user.numbers.order_by("e164").values_list("e164", flat=True).first()
    address = user.address or user.customer.address
    return {
        "ws_url": ws_url,
        "domain": operator.domains[0] if operator.domains else operator.realm,
        "realm": operator.realm,
        "username": user.username,
        "ha1": user.ha1,
        "display_name": user.name,
        "extension": user.extension,
        "number": number or user.customer.main_number,
        "address": str(address) if address else "",
        "emergency_numbers": sorted(ON_SITE),
    }


def policy(ws_url: str) -> str:
    """The portal's policy, and this page may talk to the edge."""
    parts = urlsplit(ws_url)
    return POLICY.replace("connect-src 'self'", f"connect-src 'self' {parts.scheme}://{parts.netloc}")
