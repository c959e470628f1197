"""Requests to the API that carry an Idempotency-Key are answered once."""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kiestoon.portal.idempotency.services import answer_once, read_key
from kiestoon.portal.people.access import access_of_token
from kiestoon.portal.people.models import ApiToken
from kiestoon.portal.people.services import find_token, token_hash
from kiestoon.portal.problems import no_database, problem
from kiestoon.portal.tenancy.roles import SIGN_IN
from kiestoon.portal.tenancy.walls import Wall, behind, put_up

METHODS = ("POST", "PATCH", "PUT", "DELETE")


class IdempotencyMiddleware:
    """Innermost of all: what it keeps is the API's own answer. Without a valid token nothing is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        header = request.headers.get("Idempotency-Key")
        if header is None or request.method not in METHODS or not request.path_info.startswith("/api/"):
            return self._get_response(request)
        key = read_key(header)
        if key is None:
            return problem(400, "Idempotency-Key is at most 255 visible characters, in quotes or not")
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        try:
            token = _token(bearer) if scheme.lower() == "bearer" else None
            if token is None:
                return self._get_response(request)
            put_up(access_of_token(token).wall)
            return answer_once(request, self._get_response, token, bearer, key)
        except (OperationalError, InterfaceError):
            return no_database()


def _token(bearer: str) -> ApiToken | None:
    with behind(Wall(SIGN_IN, presented=token_hash(bearer))):
        return find_token(bearer)
