"""/api/bans"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from kiestoon.portal.description import scope
from kiestoon.portal.paging import CountedKeyset, in_pages
from kiestoon.portal.people.authentication import need
from kiestoon.portal.security.listing import BanRow, current_bans, shown
from kiestoon.portal.security.services import ban, undo

router = Router(tags=["bans"])


class BanOut(Schema):
    """`why` is a code; `by` null when the edge placed the ban itself; `times` it was banned lately."""

    source: str
    why: str
    since: datetime
    until: datetime
    times: int
    by: str | None


class NewBan(Schema):
    """`address`: IPv4, or IPv6, of which the whole /64 is banned. `seconds`: 60 to 30 days."""

    address: str
    seconds: int
    reason: str


NEW = {"address": "192.0.2.66", "seconds": 3600, "reason": "password guessing"}


@router.get("", response=list[BanOut], openapi_extra=scope("security:read"))
@in_pages(CountedKeyset, order=("-since", "source"))
def list_bans(request: HttpRequest) -> list[BanRow]:
    """Sources the edge answers nothing but emergency calls, newest first; at most a second old."""
    need(request, "security:read")
    return current_bans()


@router.post("", response={201: BanOut}, openapi_extra=scope("security:write", NEW))
def create_ban(request: HttpRequest, new: NewBan) -> Status[BanRow]:
    """In force when this answers; a ban there is, is replaced."""
    access = need(request, "security:write")
    placed = ban(new.address, new.seconds, new.reason, f"API token, {access.role}")
    return Status(201, shown(placed))


@router.delete("/{path:source}", response={204: None}, openapi_extra=scope("security:write"))
def delete_ban(request: HttpRequest, source: str) -> Status[None]:
    """End a ban: the source is heard again when this answers."""
    access = need(request, "security:write")
    try:
        found = undo(source, f"API token, {access.role}")
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            raise Http404 from None  # no address: nothing is banned under it
        raise
    if not found:
        raise Http404
    return Status(204, None)
