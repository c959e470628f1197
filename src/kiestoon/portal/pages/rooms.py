"""The rooms of the portal: what the navigation shows to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from kiestoon.portal.people.access import Access, access_of_person
from kiestoon.portal.people.models import Person

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Room:
    """A page in the navigation, and the one question it answers."""

    title: str
    question: str
    url: str
    here: bool


@dataclass(frozen=True)
class RoomGroup:
    """Rooms that stand together in the navigation."""

    title: str
    rooms: list[Room]


def access_of(request: HttpRequest) -> Access:
    """What the signed-in person may do and see."""
    assert isinstance(request.user, Person)
    return access_of_person(request.user)


def rooms(request: HttpRequest) -> dict[str, list[Room] | list[RoomGroup]]:
    """Context processor: the rooms open to this person, in groups and in one list."""
    if not isinstance(getattr(request, "user", None), Person):
        return {"rooms": [], "room_groups": []}
    access = access_of(request)
    plan = {
        _("Calls"): (
            ("calls:read", "calls", _("Calls"), _("Who called, what happened, why?")),
            (
                "malicious:read",
                "malicious_calls",
                _("Malicious calls"),
                _("Which calls were malicious, and what is done about them?"),
            ),
        ),
        _("Phones and numbers"): (
            ("devices:read", "users", _("Users and devices"), _("Which phones work, and how do I add one?")),
            (
                "forwarding:write",
                "forwarding",
                _("Forwarding and blocking"),
                _("What happens when someone calls me?"),
            ),
            (
                "numbers:read",
                "numbers",
                _("Numbers"),
                _("Which numbers are there, and where do they ring?"),
            ),
            (
                "devices:read",
                "address_tests",
                _("Emergency address test"),
                _("Where would the ambulance go?"),
            ),
            (
                "directory:read",
                "directory",
                _("Directory and 112 data"),
                _("What do directories and emergency centres have of my numbers?"),
            ),
            (
                "notices:read",
                "notice",
                _("Emergency calls"),
                _("Does 112 work here, and when does it not?"),
            ),
            (
                "locations:read",
                "locations",
                _("Emergency locations"),
                _("Where would emergency services go?"),
            ),
            ("webhooks:read", "webhooks", _("Webhooks"), _("Which programs hear of calls?")),
        ),
        _("Customers and network"): (
            ("customers:read", "customers", _("Customers"), _("What do they have, what is broken?")),
            ("health:read", "network_now", _("Network now"), _("Can people call right now?")),
            ("trunks:read", "trunks", _("Trunks and carriers"), _("Which carrier is bad?")),
            (
                "emergency-routes:read",
                "emergency_routes",
                _("Emergency routes"),
                _("Which centre answers 112 from where?"),
            ),
            (
                "emergency-routes:read",
                "emergency_drills",
                _("Emergency drills"),
                _("Would 112 work today, from everywhere?"),
            ),
            ("networks:read", "networks", _("Networks"), _("Whose network is an address in?")),
            ("security:read", "security", _("Security"), _("Who is kept out, and why?")),
            ("operator:read", "operator", _("Operator"), _("How is this operator set up?")),
        ),
        _("Law and access"): (
            ("duties:read", "duties", _("Duties"), _("What must we do, and what proves it?")),
            (
                "emergency-log:read",
                "emergency_calls",
                _("Log of emergency calls"),
                _("Who called 112, and who was told?"),
            ),
            (
                "duties:read",
                "number_database",
                _("Central number database"),
                _("Does it know every number of ours?"),
            ),
            (
                "duties:read",
                "number_counts",
                _("Number count and redundancy"),
                _("How many numbers, and which paths must there be?"),
            ),
            ("requests:read", "identity_requests", _("Requests"), _("What was asked, and answered by when?")),
            ("people:read", "access", _("Access"), _("Who may do what, and with which token?")),
            ("audit:read", "audit", _("Audit log"), _("Who did what?")),
        ),
    }
    groups = [
        RoomGroup(group, [_room(request, *row) for scope, *row in rows if access.may(scope)])
        for group, rows in plan.items()
    ]
    if access.user_id is not None:
        groups[0].rooms.append(_room(request, "phone", _("Phone"), _("Will it ring here?")))
    return {
        "rooms": [room for group in groups for room in group.rooms],
        "room_groups": [group for group in groups if group.rooms],
    }


def _room(request: HttpRequest, name: str, title: str, question: str) -> Room:
    return Room(title, question, reverse(name), request.path.startswith(reverse(name)))


def page(scope: str) -> Callable[[View], View]:
    """A page for signed-in people who have this scope; 403 for others."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not access_of(request).may(scope):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate
