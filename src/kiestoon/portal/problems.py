"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as Unreadable

from kiestoon.vocabulary.log_line import note

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


class NotJson(Exception):
    """The body is of another type than application/json."""


def problem(status: int, detail: str = "", **more: Any) -> HttpResponse:
    """`errors`, where given, is a list of {"field", "message"}."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return JsonResponse(body, status=status, content_type=PROBLEM_JSON)


def add_handlers(api: NinjaAPI) -> None:
    """Every error the API gives is a problem document."""
    api.add_exception_handler(AuthenticationError, _unauthenticated)
    api.add_exception_handler(HttpError, _refused)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(Unreadable, _unreadable)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(DataError, _out_of_range)
    api.add_exception_handler(IntegrityError, _overtaken)
    api.add_exception_handler(OperationalError, lambda request, error: no_database())
    api.add_exception_handler(InterfaceError, lambda request, error: no_database())
    api.add_exception_handler(Exception, _broken)


def _unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    response = problem(401, "send a valid token: Authorization: Bearer TOKEN")
    response["WWW-Authenticate"] = 'Bearer realm="kiestoon"'
    return response


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    """Ninja says of every body it cannot read only that; the cause says why."""
    cause = error.__cause__
    if isinstance(cause, NotJson):
        return problem(415, str(cause))
    why = f": {cause}" if error.status_code == 400 and isinstance(cause, ValueError | RecursionError) else ""
    return problem(error.status_code, f"{error}{why}")


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(404, "there is no such thing, or not for this token")


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        {
            "field": ".".join(str(part) for part in one["loc"] if part not in ("body", "change")),
            "message": one["msg"],
        }
        for one in error.errors
    ]
    return problem(422, "the request cannot be read as described in openapi.json", errors=errors)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    fields = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    errors = [
        {"field": "" if field == NON_FIELD_ERRORS else field, "message": message}
        for field, messages in fields.items()
        for message in messages
    ]
    return problem(422, " ".join(one["message"] for one in errors), errors=errors)


def _out_of_range(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(422, "a value is larger than can be kept; nothing was changed")


def _overtaken(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(409, "something else was changed at the same moment; nothing was changed: send it again")


def no_database() -> HttpResponse:
    """503: it may be sent again."""
    response = problem(503, "the database does not answer; nothing was changed. Calls are not affected.")
    response["Retry-After"] = "5"
    return response


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    code = f"K-{secrets.token_hex(2).upper()}"
    note(logger, logging.ERROR, "api-error", code=code)
    return problem(500, "something broke on our side; nothing was changed", code=code)
