"""Who asks the API, and whether they may: bearer tokens (RFC 6750) and scopes."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from kiestoon.portal.audit.middleware import note_subject
from kiestoon.portal.people.access import Access, access_of_token
from kiestoon.portal.people.services import find_token, token_hash
from kiestoon.portal.tenancy.roles import SIGN_IN
from kiestoon.portal.tenancy.walls import Wall, behind, put_up


class Bearer(HttpBearer):
    """`Authorization: Bearer TOKEN`; what it may is then in `request.auth`."""

    def authenticate(self, request: HttpRequest, token: str) -> Access | None:
        with behind(Wall(SIGN_IN, presented=token_hash(token))):
            found = find_token(token)
        if found is None:
            return None
        access = access_of_token(found)
        put_up(access.wall)
        note_subject(request)
        return access


def need(request: HttpRequest, scope: str) -> Access:
    """What the request may do; raises 403 when `scope` is not part of it."""
    access = cast(Access, request.auth)  # type: ignore[attr-defined]
    if not access.may(scope):
        raise HttpError(403, f"this token may not: {scope}")
    return access


def need_operator(request: HttpRequest, scope: str) -> Access:
    """As `need`; 403 for a customer's token too."""
    access = need(request, scope)
    if not access.is_operator:
        raise HttpError(403, "only the operator may do this")
    return access
