"""Between a session and a page: is the sign-in young enough, and is there a second factor where needed?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kiestoon.portal.identity.policy import has_second_factor, needs_second_factor, session_age
from kiestoon.portal.people.models import Person

BEGAN, SEEN = "identity.began", "identity.seen"
"""Keys in the session: when it began and was last used, in seconds since 1970."""
SEEN_EVERY = 60
"""Seconds between two notes of use: not every request writes."""

WITHOUT_FACTOR = frozenset(
    {
        *("second_factor", "mfa_activate_totp", "mfa_add_webauthn", "set_language", "account_logout"),
        *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
        *("account_change_password", "account_login"),
    }
)
"""Pages open to somebody who still has to set up a second factor."""

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SessionAgeMiddleware:
    """Signs out who signed in too long ago or did nothing for too long (policy.session_age)."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, Person):
            self._check(request, request.user)
        return self._get_response(request)

    def _check(self, request: HttpRequest, person: Person) -> None:
        longest, idle = session_age(person)
        now, session = time.time(), request.session
        if BEGAN not in session:
            session[BEGAN] = session[SEEN] = now
            session.set_expiry(longest)
        elif now - session[BEGAN] > longest.total_seconds() or now - session[SEEN] > idle.total_seconds():
            logout(request)
            messages.info(request, _("You were signed out, because you were away or signed in for long."))
        elif now - session[SEEN] > SEEN_EVERY:
            session[SEEN] = now


class SecondFactorMiddleware:
    """Leads whoever needs a second factor and has none to the page that sets one up."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        person, match = request.user, request.resolver_match
        if not isinstance(person, Person) or match is None or match.url_name in WITHOUT_FACTOR:
            return None
        if needs_second_factor(person) and not has_second_factor(person):
            return redirect("second_factor")
        return None
