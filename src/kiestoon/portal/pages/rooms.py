"""The rooms of the portal: what the navigation shows to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.portal.people.access import Access, access_of_person
from kiestoon.portal.people.models import Person

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Room:
    """A page in the navigation, and the one question it answers."""

    title: str
    question: str
    url: str
    here: bool


def access_of(request: HttpRequest) -> Access:
    """What the signed-in person may do and see."""
    assert isinstance(request.user, Person)
    return access_of_person(request.user)


def rooms(request: HttpRequest) -> dict[str, list[Room]]:
    """Context processor: the rooms open to this person."""
    if not isinstance(getattr(request, "user", None), Person):
        return {"rooms": []}
    access = access_of(request)
    plan = (
        ("calls:read", "calls", _("Calls"), _("Who called, what happened, why?")),
        ("devices:read", "devices", _("Devices"), _("Which phones work?")),
        ("security:read", "security", _("Security"), _("Who is kept out, and why?")),
    )
    found = [
        Room(title, question, reverse(name), request.path.startswith(reverse(name)))
        for scope, name, title, question in plan
        if access.may(scope)
    ]
    if access.user_id is not None:
        here = request.path.startswith(reverse("phone"))
        found.append(Room(_("Phone"), _("Will it ring here?"), reverse("phone"), here))
    return {"rooms": found}


def page(scope: str) -> Callable[[View], View]:
    """A page for signed-in people who have this scope; 403 for others."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not access_of(request).may(scope):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate
