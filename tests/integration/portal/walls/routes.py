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

from kiestoon.portal.people.access import GRANTS

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
    "account_login": public("where people sign in"),
    "mfa_login_webauthn": public("where a browser sends what a passkey says"),
    "mfa_authenticate": public("the second step of signing in; without the first it leads back to it"),
    "one_time_code": public("where a password is chosen with a code an administrator gave"),
    "account_logout": public("ends the session there is, and says the same when there is none"),
    **{
        name: Route(SIGNED_IN, shows=False)
        for name in (
            *("account", "mfa_index", "second_factor", "account_reauthenticate", "mfa_reauthenticate"),
            *("mfa_reauthenticate_webauthn", "account_change_password", "mfa_activate_totp"),
            *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
            "mfa_add_webauthn",
        )
    },
    "account_language": Route(SIGNED_IN, body={"language": "fr"}, methods=("POST",)),
    "end_other_sessions": Route(SIGNED_IN, methods=("POST",)),
    "end_session": Route(
        SIGNED_IN, fill={"session_id": "annas_session"}, methods=("POST",), refused=tuple(GRANTS)
    ),
    "mfa_remove_webauthn": Route(SIGNED_IN, fill={"pk": "annas_passkey"}, refused=tuple(GRANTS)),
    "access": Route("people:read"),
    "add_person": Route(
        "people:write",
        body={"username": "newcomer", "role": "customer-user", "customer": "{customer_id}"},
        shows=False,
    ),
    "person": Route("people:read"),
    "change_person": Route(
        "people:write",
        body={"first_name": "New", "role": "customer-user", "version": "{person_version}"},
        methods=("POST",),
    ),
    "switch_person": Route("people:write", body={"active": "no"}, methods=("POST",)),
    "reset_password": Route("people:write", body={}, methods=("POST",)),
    "reset_second_factors": Route("people:write", body={}, methods=("POST",)),
    "sign_out_everywhere": Route("people:write", body={}, methods=("POST",)),
    "tokens": Route("tokens:read"),
    "add_token": Route(
        "tokens:write", body={"name": "program", "scopes": ["calls:read"], "days": "30"}, shows=False
    ),
    "revoke_token": Route("tokens:write", body={}, methods=("POST",)),
    "roles": Route("people:read", shows=False),
    "audit": Route("audit:read"),
    "webhooks": Route("webhooks:read"),
    "add_webhook": Route(
        "webhooks:write", body={"url": "https://crm.example/", "events": ["call.ended"]}, shows=False
    ),
    "webhook": Route("webhooks:read"),
    "change_webhook": Route(
        "webhooks:write",
        body={"url": "https://crm.example/", "events": ["call.ended"]},
        methods=("POST",),
    ),
    "switch_webhook": Route("webhooks:write", body={}, methods=("POST",)),
    "rotate_webhook_secret": Route("webhooks:write", body={}, methods=("POST",)),
    "test_webhook": Route("webhooks:write", body={}, methods=("POST",)),
    "remove_webhook": Route("webhooks:write", body={}, methods=("POST",)),
    "send_delivery_again": Route("webhooks:write", body={}, methods=("POST",)),
    "home": Route(SIGNED_IN, shows=False),
    "calls": Route("calls:read"),
    "call": Route("calls:read"),
    "devices": Route("devices:read"),
    "phone": Route(SIGNED_IN, shows=False),
    "health": public("one word for load balancers and watchers: whether the service works"),
    "network_now": Route("health:read", shows=False),
    "take_alert": Route("health:write", fill={"pk": "alert"}, body={}, methods=("POST",), tenants=False),
    "runbook": Route("health:read", fill={"kind": "runbook"}, shows=False, tenants=False),
}
"""By the name of the route, with its namespace."""

OPERATIONS: dict[str, Route] = {
    "GET /calls": Route("calls:read"),
    "GET /calls/{call_id}": Route("calls:read"),
    "GET /customers": Route("customers:read"),
    "POST /customers": Route(
        "customers:write",
        body={
            "name": "Newcomer",
            "language": "nl",
            "address": {
                "street": "Meir",
                "house_number": "9",
                "postcode": "2000",
                "municipality": "Antwerpen",
            },
        },
        refused=("customer-admin",),
    ),
    "GET /customers/{customer_id}": Route("customers:read"),
    "PATCH /customers/{customer_id}": Route("customers:write", body={"outside_prefix": "7"}),
    "GET /users": Route("users:read"),
    "GET /users/{username}": Route("users:read"),
    "POST /users": Route(
        "users:write",
        body={
            "customer_id": "{customer_id}",
            "username": "newcomer",
            "extension": "7999",
            "name": "Newcomer",
        },
    ),
    "DELETE /users/{username}": Route("users:write", fill={"username": "spare_user"}, body={}),
    "POST /users/{username}/password": Route("users:write", body={}),
    "PATCH /users/{username}": Route("users:write", body={"clir": True}),
    "GET /devices": Route("devices:read"),
    "GET /devices/refused": Route("devices:read"),
    "GET /health": Route("health:read", shows=False),
    "GET /numbers": Route("numbers:read"),
    "POST /numbers": Route(
        "numbers:write",
        body={"e164": "+3238087999", "customer_id": "{customer_id}"},
        refused=("customer-admin",),
    ),
    "GET /numbers/{e164}": Route("numbers:read"),
    "PATCH /numbers/{e164}": Route("numbers:write", body={"target": ""}),
    "DELETE /numbers/{e164}": Route("numbers:write", body={}, refused=("customer-admin",)),
    "GET /people": Route("people:read"),
    "POST /people": Route(
        "people:write",
        body={"username": "newcomer", "role": "customer-user", "customer_id": "{customer_id}"},
    ),
    "GET /people/{person_id}": Route("people:read"),
    "PATCH /people/{person_id}": Route("people:write", body={"first_name": "New"}),
    "POST /people/{person_id}/one-time-code": Route("people:write", body={}),
    "DELETE /people/{person_id}/second-factors": Route("people:write", body={}),
    "DELETE /people/{person_id}/sessions": Route("people:write", body={}),
    "GET /tokens": Route("tokens:read"),
    "POST /tokens": Route(
        "tokens:write", body={"name": "program", "scopes": ["calls:read"], "expires_at": "{tomorrow}"}
    ),
    "DELETE /tokens/{token_id}": Route("tokens:write", body={}),
    "GET /trunks": Route("trunks:read"),
    "POST /trunks": Route(
        "trunks:write",
        body={
            "trunk_id": "new",
            "name": "new",
            "kind": "carrier",
            "uri": "sip:127.0.1.9",
            "addresses": ["127.0.1.9"],
        },
    ),
    "GET /trunks/{trunk_id}": Route("trunks:read"),
    "DELETE /trunks/{trunk_id}": Route("trunks:write", body={}),
    "GET /webhooks": Route("webhooks:read"),
    "POST /webhooks": Route("webhooks:write", body={"url": "https://crm.example/", "events": ["call.ended"]}),
    "GET /webhooks/{endpoint_id}": Route("webhooks:read"),
    "PATCH /webhooks/{endpoint_id}": Route("webhooks:write", body={"active": False}),
    "DELETE /webhooks/{endpoint_id}": Route("webhooks:write", body={}),
    "POST /webhooks/{endpoint_id}/rotate-secret": Route("webhooks:write", body={}),
    "POST /webhooks/{endpoint_id}/test": Route("webhooks:write", body={}),
    "GET /webhooks/{endpoint_id}/deliveries": Route("webhooks:read"),
    "POST /webhooks/{endpoint_id}/deliveries/{delivery}/send-again": Route("webhooks:write", body={}),
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
    "audit_entry": "a request that was answered is recorded, also where it had nothing to change",
    "portal_cache": "tries with passkeys are counted there",
}
"""Tables a refused request may change, and why."""
