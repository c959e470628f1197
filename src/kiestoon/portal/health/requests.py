"""Log line and figures of every request, by the name of its route, never by its address."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from prometheus_client import Counter, Histogram

from kiestoon.vocabulary.log_line import note

REQUESTS = Counter("kiestoon_portal_requests", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram(
    "kiestoon_portal_request_seconds",
    "Server time of a request",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
QUIET = ("health", "static")
"""Routes asked over and over, which have figures but no line."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

logger = logging.getLogger(__name__)


class RequestsMiddleware:
    """Outermost, so that it sees what every other made of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self._get_response(request)
        seconds = time.perf_counter() - begun
        route, method = route_of(request, response), request.method or ""
        method = method if method in METHODS else "other"
        REQUESTS.labels(route, method, str(response.status_code)).inc()
        SECONDS.labels(route).observe(seconds)
        if route not in QUIET:
            level = logging.ERROR if response.status_code >= 500 else logging.INFO
            note(
                logger, level, "request", route=route, method=method, code=response.status_code,
                ms=round(seconds * 1000, 1),
            )  # fmt: skip
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Without the database no page can be made; say so, and that calls go on."""
        if isinstance(error, OperationalError | InterfaceError):
            response = HttpResponse(loader.get_template("503.html").render(), status=503)
            response["Retry-After"] = "5"
            return response
        return None


def route_of(request: HttpRequest, response: HttpResponse) -> str:
    """The name of the pattern that matched; `static` and `none` for what no pattern did."""
    match = request.resolver_match
    if match is None:
        return "static" if response.status_code == 200 or request.path.startswith("/static/") else "none"
    return match.view_name or "unnamed"
