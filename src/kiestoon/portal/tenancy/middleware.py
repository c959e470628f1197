"""Puts up the wall of whoever asks, before any page is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kiestoon.portal.people.access import access_of_person
from kiestoon.portal.people.models import Person
from kiestoon.portal.tenancy.walls import NOBODY, SIGNING_IN, behind, put_up

SIGN_IN_ROUTES = frozenset({"sign_in"})
"""Where someone who is not known yet may look for a person: by user name, to check a password."""


class WallMiddleware:
    """After AuthenticationMiddleware. The API's tokens put up their wall themselves (authentication.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        put_up(NOBODY)
        with behind(SIGNING_IN):
            known = request.user.is_authenticated
        if known and isinstance(request.user, Person):
            put_up(access_of_person(request.user).wall)
        response = self.get_response(request)
        if not response.streaming:  # a stream asks the database until its end: see request_finished
            put_up(NOBODY)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        if match is not None and match.view_name in SIGN_IN_ROUTES and not request.user.is_authenticated:
            put_up(SIGNING_IN)
