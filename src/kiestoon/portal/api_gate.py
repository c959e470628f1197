"""What every request to /api must be, and what every refusal there looks like, whoever gave it."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from ninja.parser import Parser

from kiestoon.portal.problems import PROBLEM_JSON, NotJson, problem


class ApiGate:
    """Middleware: turns away what no operation can read; makes Django's own refusals problem details."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/api/"):
            return self._get_response(request)
        answer = _refusal(request) or self._get_response(request)
        if answer.status_code < 400 or answer.get("Content-Type", "").startswith(PROBLEM_JSON):
            return answer
        return _as_problem(answer)


class StrictParser(Parser):
    """JSON bodies: no NaN and Infinity (RFC 8259), no text PostgreSQL cannot keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise NotJson("send the body as JSON: Content-Type: application/json")
        data = json.loads(request.body, parse_constant=_no_number)
        _check_text(data)
        return data


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        return problem(400, "the address holds a NUL character (%00)")
    try:
        request.body  # noqa: B018
    except RequestDataTooBig:
        return problem(413, "the body is larger than 2.5 MB")
    return None


def _as_problem(answer: HttpResponseBase) -> HttpResponse:
    details = {
        404: "there is no such address in this API: see /api/openapi.json",
        405: "this address does not take this method",
    }
    status = answer.status_code if answer.status_code in HTTPStatus._value2member_map_ else 400
    response = problem(status, details.get(status, ""))
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in answer:
            response[name] = answer[name]
    return response


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _check_text(data: Any) -> None:
    """ValueError for NUL and for half a surrogate pair (RFC 8259, section 8.2), in keys too."""
    if isinstance(data, str):
        if "\0" in data:
            raise ValueError("a text holds a NUL character")
        data.encode()
    elif isinstance(data, dict):
        for key, value in data.items():
            _check_text(key)
            _check_text(value)
    elif isinstance(data, list):
        for value in data:
            _check_text(value)
