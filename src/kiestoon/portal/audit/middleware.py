"""Every change a request makes is recorded with it: both are committed, or neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from kiestoon.portal.audit.routes import UNRECORDED, action_of
from kiestoon.portal.audit.services import record
from kiestoon.portal.audit.subjects import customer_of
from kiestoon.portal.people.access import Access, access_of_person
from kiestoon.portal.people.models import Person

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def concerns(request: HttpRequest, *, customer_id: int | None = None, **ids: int | str) -> None:
    """For a view: what the request is about where its address does not tell (a thing it made)."""
    noted = getattr(request, "_audit", None) or {"customer_id": None, "ids": {}}
    noted["customer_id"] = customer_id if customer_id is not None else noted["customer_id"]
    noted["ids"].update(ids)
    request._audit = noted  # type: ignore[attr-defined]


def note_subject(request: HttpRequest) -> None:
    """Whom the address concerns: looked up before the view, as afterwards a deleted thing tells no more."""
    if request.method not in SAFE and request.resolver_match is not None:
        customer_id = customer_of(request.resolver_match.kwargs)
        if customer_id is not None:
            concerns(request, customer_id=customer_id)


class AuditMiddleware:
    """Records successful requests that may change something: people's in pages, tokens' over the API."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_api = request.path_info.startswith("/api/")
        if request.method in SAFE or not (is_api or isinstance(request.user, Person)):
            return self._get_response(request)
        # Before the view: a person who signs out, or loses a role, was who they were.
        person = None if is_api or not isinstance(request.user, Person) else access_of_person(request.user)
        with transaction.atomic():
            response = self._get_response(request)
            connection = transaction.get_connection()
            if response.status_code < 400 and not connection.needs_rollback:
                self._record(request, response, person)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if isinstance(request.user, Person):
            note_subject(request)

    def _record(self, request: HttpRequest, response: HttpResponseBase, person: Access | None) -> None:
        match = request.resolver_match
        auth = getattr(request, "auth", None)
        access = auth if isinstance(auth, Access) else person
        if match is None or access is None or match.url_name in UNRECORDED:
            return
        noted = getattr(request, "_audit", None) or {"customer_id": None, "ids": {}}
        record(
            action_of(request.method or "", match),
            access,
            customer_id=noted["customer_id"],
            ids={**match.kwargs, **noted["ids"]},
            status=response.status_code,
        )
