"""Who may open which address: one entry for every page and every operation of the API.

A new route without an entry fails the walk. What an entry says:

- `opens`: the scope (people/access.py) it asks for, or SIGNED_IN for everyone who signed in, or PUBLIC, and
  then `reason` says why;
- parameters of an address are filled with the object of customer A that `planted.py` keeps under the
  parameter's name; `fill` names another one, for example `fill={"pk": "webhook"}`;
- `body`: a form or JSON that is valid and changes something; "{username}" in a text stands for that object;
- `methods`: what a page answers; as a rule GET, and POST when there is a body (of operations OpenAPI tells);
- `refused`: roles that have the scope and are refused all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SIGNED_IN = "signed in"
PUBLIC = "public"


@dataclass(frozen=True)
class Route:
    """How the walk tries one address."""

    opens: str
    reason: str = ""
    fill: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    methods: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    shows: bool = True
    """Those who may open it see something of customer A: the proof that the others were tried on it."""
    tenants: bool = True
    """Its parameters name an object of a customer; False: one of the operator's, or of no one's."""
    changes: bool = True
    """The body changes a row."""


def public(reason: str, **more: Any) -> Route:
    return Route(PUBLIC, reason, shows=False, changes=False, **more)


PAGES: dict[str, Route] = {
    "set_language": public("chooses the language of the pages, before and after signing in"),
    "sign_in": public("where people sign in"),
    "sign_out": public("ends the session there is, and says the same when there is none"),
    "home": Route(SIGNED_IN, shows=False),
    "calls": Route("calls:read"),
    "call": Route("calls:read"),
    "devices": Route("devices:read"),
    "phone": Route(SIGNED_IN, shows=False),
    "security": Route("security:read"),
    "security_ban": Route(
        "security:write",
        body={"address": "192.0.2.67", "seconds": "3600", "reason": "a scanner"},
        methods=("POST",),
        shows=False,
    ),
    "security_undo": Route("security:write", body={"source": "{source}"}, methods=("POST",), shows=False),
}
"""By the name of the route, with its namespace."""

OPERATIONS: dict[str, Route] = {
    "GET /calls": Route("calls:read"),
    "GET /calls/{call_id}": Route("calls:read"),
    "GET /customers": Route("customers:read"),
    "GET /customers/{customer_id}": Route("customers:read"),
    "PATCH /customers/{customer_id}": Route("customers:write", body={"outside_prefix": "7"}),
    "GET /users": Route("users:read"),
    "GET /users/{username}": Route("users:read"),
    "PATCH /users/{username}": Route("users:write", body={"clir": True}),
    "GET /devices": Route("devices:read"),
    "GET /devices/refused": Route("devices:read"),
    "GET /numbers": Route("numbers:read"),
    "GET /trunks": Route("trunks:read"),
    "GET /trunks/{trunk_id}": Route("trunks:read"),
    "GET /bans": Route("security:read", shows=False),
    "POST /bans": Route(
        "security:write",
        body={"address": "192.0.2.67", "seconds": 3600, "reason": "a scanner"},
    ),
    "DELETE /bans/{source}": Route("security:write", body={}, tenants=False),
    "PATCH /trunks/{trunk_id}": Route("trunks:write", body={"priority": 7}),
}
"""By method and path as OpenAPI has them."""

BESIDE_THE_DESCRIPTION: dict[str, str] = {
    "openapi-json": "the description itself, without an example of anyone's",
    "api-root": "where the API begins; nothing is served there",
}
"""Routes of the API that OpenAPI leaves out, public, and why."""

NOT_COMPARED: dict[str, str] = {
    "django_session": "a refused request may begin or end the session of whoever sent it",
}
"""Tables a refused request may change, and why."""
