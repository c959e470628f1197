"""The API's description (OpenAPI 3.1): what ninja derives from the code, and what it cannot know."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from kiestoon.portal.paging import link_next
from kiestoon.portal.problems import PROBLEM_JSON

SCOPE = "x-scope"
CHANGING = ("post", "put", "patch", "delete")

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, and what to do."},
        "code": {"type": "string", "description": "Quote it when you ask us about a fault of ours."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Unprocessable Entity",
            "status": 422,
            "detail": "Enter a number of seconds from 5 to 120.",
            "errors": [{"field": "ring_seconds", "message": "Enter a number of seconds from 5 to 120."}],
        }
    ],
}
REFUSALS = {
    400: "Cannot be read as HTTP or JSON.",
    401: "No token, or one that is unknown or expired.",
    403: "The token lacks the scope, or only the operator may do this.",
    404: "There is no such thing, or not for this token.",
    409: "A request with the same Idempotency-Key is still running.",
    412: "Changed since it was read (If-Match).",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "Read, but not possible: `errors` say which field and what to do.",
    503: "The database does not answer; nothing was changed.",
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent twice, done once: the same key and request get the same answer for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_-]+$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
LINK: dict[str, Any] = {
    "description": 'Address of the next page, rel="next" (RFC 8288); absent on the last.',
    "schema": {"type": "string"},
}


def scope(name: str, example: dict[str, Any] | None = None, *, also: str = "") -> dict[str, Any]:
    """`openapi_extra` of an operation: the scopes it needs, and an example of its body."""
    extra: dict[str, Any] = {SCOPE: [name, also] if also else [name]}
    if example is not None:
        extra["requestBody"] = {"content": {"application/json": {"examples": {"one": {"value": example}}}}}
    return extra


class Api(NinjaAPI):
    """Names operations after their functions, links pages, describes every refusal."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def create_response(self, request: HttpRequest, data: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(request, data, **kwargs)
        link_next(request, response)
        return response

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                _complete(path, method, operation)
        return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["summary"] = operation["summary"].capitalize()
    if names := operation.get(SCOPE):
        # OpenAPI 3.1 allows the names of roles here for schemes other than OAuth 2.
        operation["security"] = [dict.fromkeys(one, names) for one in operation["security"]]
        needed = f"Needs the scope {' and '.join(f'`{name}`' for name in names)}."
        operation["description"] = f"{operation.get('description', '')}\n\n{needed}".strip()
    codes = [400, 401, 403, 422, 503]
    if "{" in path:
        codes.append(404)
    if method in CHANGING:
        codes += [409, 412, 413, 415]
        operation["parameters"] = [*operation.get("parameters", []), IDEMPOTENCY_KEY]
    responses = operation["responses"]
    for code in sorted(codes):
        responses[code] = {
            "description": REFUSALS[code],
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if any(one["name"] == "cursor" for one in operation.get("parameters", [])):
        responses[200]["headers"] = {"Link": LINK}
