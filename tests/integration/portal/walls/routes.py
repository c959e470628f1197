"""Who may open which address: one entry for every page and every operation of the API.

A new route without an entry fails the walk. What an entry says:

- `opens`: the scope (people/access.py) it asks for, or SIGNED_IN for everyone who signed in, OWN for
  what belongs to one person (to Anna of customer A), or PUBLIC, and then `reason` says why;
- parameters of an address are filled with the object of customer A that `planted.py` keeps under the
  parameter's name; `fill` names another one, for example `fill={"pk": "webhook"}`;
- `body`: a form or JSON that is valid and changes something; "{username}" in a text stands for that object;
- `methods`: what a page answers; as a rule GET, and POST when there is a body (of operations OpenAPI tells);
- `writes`: the scope a POST to a page asks for, where looking asks for another;
- `refused`: roles that have the scope and are refused all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

SIGNED_IN = "signed in"
PUBLIC = "public"
OWN = "own"


@dataclass(frozen=True)
class Route:
    """How the walk tries one address."""

    opens: str
    reason: str = ""
    fill: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    methods: tuple[str, ...] = ()
    writes: str = ""
    refused: tuple[str, ...] = ()
    shows: bool = True
    """Those who may open it see something of customer A: the proof that the others were tried on it."""
    tenants: bool = True
    """Its parameters name an object of a customer; False: one of the operator's, or of no one's."""
    noted: bool = False
    """That it was looked at is written down."""
    changes: bool = True
    """The body changes a row."""


def public(reason: str, **more: Any) -> Route:
    return Route(PUBLIC, reason, shows=False, changes=False, **more)


MINE = Route(SIGNED_IN, shows=False)
"""About whoever asks, and nobody else."""
PERSON = {"username": "new.person", "role": "customer-user"}
REQUEST = {
    "asked_by": "BIPT",
    "reference": "2026/9",
    "asked_at": "2026-11-01 10:00:00",
    "call_id": "{call_id}",
    "tolerance_seconds": 0,
}

TRUNK = {
    "name": "New",
    "uri": "sip:192.0.2.7:5060",
    "addresses": "192.0.2.7",
    "interface": "national",
    "priority": "7",
}
NEW_TRUNK = {"trunk_id": "new", "kind": "carrier", "version": "{no_trunk_version}"}
ADDRESS = {
    "street": "Meir",
    "house_number": "99",
    "postcode": "2000",
    "municipality": "Antwerpen",
    "country": "BE",
}
NETWORKS = "prefix,asn,country,name\n203.0.113.0/24,64500,BE,office"
API_SITE = {"prefix": "7", "name": "New", "address": ADDRESS}
SITE = ADDRESS | {"prefix": "7", "name": "New"}
OPERATOR = {
    "realm": "demo.kiestoon.test",
    "domains": "demo.kiestoon.test",
    "blocks": "+323808",
    "roaming_check": "document 7",
}

READ, WRITE, APPROVE = "emergency-routes:read", "emergency-routes:write", "emergency-routes:approve"
DRAFT: dict[str, Any] = {"fill": {"table_id": "draft_table"}, "shows": False, "tenants": False}
PROPOSED: dict[str, Any] = {"fill": {"table_id": "proposed_table"}, "shows": False, "tenants": False}
AREA = {"name_nl": "Z", "name_fr": "Z", "name_de": "Z", "name_en": "Z"}
ROUTE = {"service": "112", "trunk": "emergency", "rank": "1"}


class File(SimpleUploadedFile):
    """A file that is sent whole each time."""

    def read(self, *args: Any) -> bytes:
        self.seek(0)
        return bytes(super().read(*args))


PAGES: dict[str, Route] = {
    "set_language": public("chooses the language of the pages, before and after signing in"),
    "account_login": public("where people sign in"),
    "mfa_login_webauthn": public("signing in with a passkey"),
    "mfa_authenticate": public("the second step of signing in; leads back to the first when there was none"),
    "one_time_code": public("choosing a password with the code an administrator handed over"),
    "account_logout": public("ends the session there is, and says the same when there is none"),
    "home": Route(SIGNED_IN, shows=False),
    "calls": Route("calls:read"),
    "live_calls": Route("calls:read", shows=False),
    "export_calls": Route("calls:read"),
    "call": Route("calls:read"),
    # Recorded in the audit log, which is not compared.
    "show_call_numbers": Route("calls:read", body={}, methods=("POST",), changes=False),
    "users": Route("devices:read"),
    "user": Route("devices:read"),
    "add_user": Route("users:write", body={"name": "New", "extension": "7179", "username": "new.user"}),
    "edit_user": Route(
        "users:write",
        body={"name": "New", "extension": "7171", "srtp": "auto", "version": "{user_version}"},
    ),
    "bar_calls": Route("users:write", body={"barred": ["mobile"], "version": "{user_version}"}),
    "lock_user": Route("users:write", body={"version": "{user_version}"}),
    "suspend_user": Route("users:write", refused=("customer-admin",), body={"version": "{user_version}"}),
    "delete_user": Route("users:write", fill={"username": "spare_user"}, body={"version": "{spare_version}"}),
    "new_phone_password": Route("users:write", body={"version": "{user_version}"}),
    "set_up_phone": Route("users:write", body={}, methods=("POST",)),
    "remove_device": Route("users:write", body={"uri": "sip:x"}, methods=("POST",), changes=False),
    "provisioning": public("a phone that scanned a QR code: the address is the secret", tenants=False),
    "forwarding": Route("forwarding:write", shows=False),
    "forwarding_of": Route(
        "forwarding:write", body={"ring_seconds": "20", "clir": "on", "version": "{user_version}"}
    ),
    "numbers": Route("numbers:read"),
    "number": Route(
        "numbers:read",
        writes="numbers:write",
        body={"kind": "everyone", "version": "{number_version}"},
    ),
    "take_back_number": Route(
        "numbers:write", refused=("customer-admin",), body={"version": "{number_version}"}
    ),
    "give_number": Route("numbers:write", refused=("customer-admin",), body={"e164": "+3238087179"}),
    "trunks": Route("trunks:read"),
    "trunk": Route("trunks:read"),
    "add_trunk": Route("trunks:write", shows=False, body=TRUNK | NEW_TRUNK),
    "edit_trunk": Route("trunks:write", body=TRUNK | {"version": "{trunk_version}"}),
    "delete_trunk": Route("trunks:write", body={"version": "{trunk_version}"}),
    "special_interface": Route(
        "trunks:write",
        fill={"trunk_id": "special_trunk"},
        body={"agreement": "agreement 8", "version": "{special_version}"},
        shows=False,
        tenants=False,
    ),
    "operator": Route(
        "operator:read", writes="trunks:write", body=OPERATOR | {"version": "{operator_version}"}, shows=False
    ),
    "customers": Route("customers:read", shows=False),
    "add_customer": Route(
        "customers:write",
        refused=("customer-admin",),
        body=ADDRESS | {"name": "New", "language": "nl"},
        shows=False,
    ),
    "customer": Route("customers:read"),
    "edit_customer": Route(
        "customers:write",
        body={"name": "Quetzal", "language": "fr", "version": "{customer_version}"},
    ),
    "blocked_numbers": Route(
        "customers:write", body={"blocked": "0470 71 71 71", "version": "{customer_version}"}, changes=False
    ),
    "add_address": Route(
        "customers:write", refused=("customer-admin",), body=ADDRESS | {"version": "{no_address_version}"}
    ),
    "edit_address": Route(
        "customers:write", refused=("customer-admin",), body=ADDRESS | {"version": "{address_version}"}
    ),
    "choose_address": Route(
        "customers:write",
        refused=("customer-admin",),
        fill={"address_id": "second_address"},
        body={"version": "{customer_version}"},
    ),
    "phone": Route(SIGNED_IN, shows=False),
    "account": MINE,
    "mfa_index": MINE,
    "account_language": Route(SIGNED_IN, body={"language": "fr"}, methods=("POST",)),
    "second_factor": MINE,
    "account_reauthenticate": MINE,
    "mfa_reauthenticate": MINE,
    "mfa_reauthenticate_webauthn": MINE,
    "account_change_password": MINE,
    "mfa_activate_totp": MINE,
    "mfa_deactivate_totp": Route(OWN, shows=False, body={}),
    "mfa_view_recovery_codes": Route(OWN, shows=False, noted=True),
    "mfa_generate_recovery_codes": Route(SIGNED_IN, shows=False, methods=("GET", "POST")),
    "mfa_add_webauthn": MINE,
    "mfa_remove_webauthn": Route(OWN, fill={"pk": "passkey"}, body={}),
    "end_other_sessions": Route(SIGNED_IN, body={}, methods=("POST",), changes=False),
    "end_session": Route(OWN, body={}, methods=("POST",)),
    "access": Route("people:read"),
    "add_person": Route("people:write", body=PERSON | {"customer": "{customer_id}"}, shows=False),
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
        "tokens:write", body={"name": "new", "scopes": ["calls:read"], "days": 7}, shows=False
    ),
    "revoke_token": Route("tokens:write", body={}, methods=("POST",)),
    "roles": Route("people:read", shows=False),
    "audit": Route("audit:read"),
    "locations": Route("locations:read"),
    "location": Route("locations:read", writes="locations:write", body={"place": "installation"}),
    "where_now": public(
        "whoever was mailed a link answers for one device: the address is the secret", tenants=False
    ),
    # Each person's own device; a place is said only by whoever has one.
    "phone_location": Route(
        SIGNED_IN,
        body={"instance": "quetzal-laptop", "place": "installation"},
        shows=False,
        noted=True,
        changes=False,
    ),
    "networks": Route(
        "networks:read", writes="networks:write", body={"origin": "x", "pasted": NETWORKS}, shows=False
    ),
    "verify_networks": Route("networks:write", body={}, methods=("POST",), tenants=False),
    "sites": Route("trunks:read"),
    "add_site": Route("sites:write", body=SITE | {"version": "{no_site_version}"}),
    "edit_site": Route("sites:write", body=SITE | {"version": "{site_version}"}),
    "remove_site": Route("sites:write", body={"version": "{site_version}"}),
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
    "duties": Route("duties:read", shows=False),
    "duty": Route("duties:read", shows=False, tenants=False),
    "duty_counts": Route("duties:read", shows=False, tenants=False),
    "duty_decisions": Route("duties:read", shows=False, tenants=False),
    "emergency_calls": Route("emergency-log:read"),
    "emergency_contact": Route("emergency-log:write", body={"addresses": "new@example.be"}, shows=False),
    "emergency_reception": Route(
        "customers:write", body={"enabled": "on", "addresses": "new@quetzal.example"}
    ),
    "number_counts": Route("duties:read", shows=False),
    "number_counts_csv": Route("duties:read", shows=False),
    "record_number_count": Route(
        "duties:write",
        fill={"what": "count_form"},
        body={
            "agreement-partner": "Partner",
            "agreement-document": "contract 9",
            "agreement-since": "01/01/2026",
        },
        methods=("POST",),
        tenants=False,
        shows=False,
    ),
    "malicious_calls": Route("malicious:read"),
    "malicious_call": Route("malicious:write", fill={"case": "malicious"}),
    "change_malicious_call": Route(
        "malicious:write",
        fill={"case": "malicious", "what": "case_form"},
        body={"close-outcome": "a misunderstanding"},
        methods=("POST",),
    ),
    "mark_malicious": Route(
        "malicious:mark", fill={"call_id": "received_call"}, body={"note": "threatened me"}
    ),
    "notice_stickers": Route("notices:read", shows=False),
    "directory": Route("directory:read"),
    "directory_number": Route(
        "directory:read",
        writes="directory:write",
        body={"company": "Quetzal NV", "version": "{listing_version}"},
    ),
    "number_database": Route("duties:read"),
    "number_database_differences": Route("duties:read"),
    "notice": Route("notices:read", shows=False),
    "notice_version": Route("notices:read", fill={"version": "notice_version"}, shows=False, tenants=False),
    "customer_notice": Route(
        "notices:accept",
        body={"version": 1, "language": "nl", "agree": "on", "by": "Quetzal", "document": "contract 7"},
    ),
    "notice_deliveries": Route("duties:read"),
    "notice_came_back": Route("notices:write", fill={"delivery": "notice"}, body={}, methods=("POST",)),
    "identity_requests": Route("requests:read"),
    "new_identity_request": Route("requests:write", shows=False, body=REQUEST),
    "identity_request": Route("requests:read", fill={"pk": "request"}),
    "answer_identity_request": Route(
        "requests:write", fill={"pk": "request"}, body={"note": "by mail"}, methods=("POST",)
    ),
    "judge_identity_request": Route(
        "requests:write", fill={"pk": "answered_request"}, body={"found": "wrong"}, methods=("POST",)
    ),
    "block_identity_request": Route(
        "requests:write", fill={"pk": "request"}, body={"numbers": "02 555 12 34"}, methods=("POST",)
    ),
    "lift_blocking": Route("requests:write", fill={"pk": "request"}, body={}, methods=("POST",)),
    "health": public("one word for load balancers and watchers: whether the service works"),
    "network_now": Route("health:read", shows=False),
    "take_alert": Route("health:write", fill={"pk": "alert"}, body={}, methods=("POST",), tenants=False),
    "runbook": Route("health:read", fill={"kind": "runbook"}, shows=False, tenants=False),
    "emergency_routes": Route(READ, shows=False),
    "load_emergency_table": Route(
        WRITE,
        body={
            "areas": File("areas.csv", b"key,name_nl,name_fr,name_de,name_en,municipalities\n"),
            "routes": File(
                "routes.csv",
                b"service,area,trunk,rank,testing\n"
                b"100,,emergency,1,no\n101,,emergency,1,no\n112,,emergency,1,no\n",
            ),
            "origin": "a letter",
        },
        shows=False,
    ),
    "emergency_table": Route(READ, **DRAFT),
    "emergency_table_file": Route(READ, **DRAFT),
    "copy_emergency_table": Route(WRITE, body={}, methods=("POST",), **DRAFT),
    "edit_emergency_table": Route(WRITE, body={"origin": "another letter"}, **DRAFT),
    "discard_emergency_table": Route(WRITE, body={}, methods=("POST",), **DRAFT),
    "propose_emergency_table": Route(WRITE, body={"in_force": "{in_a_year}"}, methods=("POST",), **DRAFT),
    "approve_emergency_table": Route(APPROVE, body={}, methods=("POST",), **PROPOSED),
    "refuse_emergency_table": Route(APPROVE, body={"why": "wrong"}, methods=("POST",), **PROPOSED),
    "add_emergency_area": Route(WRITE, body={**AREA, "key": "south", "municipalities": "92094"}, **DRAFT),
    "edit_emergency_area": Route(WRITE, body={**AREA, "municipalities": "11002 11001"}, **DRAFT),
    "remove_emergency_area": Route(WRITE, body={}, methods=("POST",), **DRAFT),
    "add_emergency_route": Route(WRITE, body={**ROUTE, "service": "101", "area": "north"}, **DRAFT),
    "edit_emergency_route": Route(WRITE, body={**ROUTE, "rank": "7", "area": "north"}, **DRAFT),
    "remove_emergency_route": Route(WRITE, body={}, methods=("POST",), **DRAFT),
    "emergency_policy": Route(READ, shows=False),
    "propose_emergency_policy": Route(
        WRITE, body={"policy": "route", "reason": "as before"}, methods=("POST",), shows=False
    ),
    "approve_emergency_policy": Route(APPROVE, body={}, methods=("POST",), tenants=False),
    "refuse_emergency_policy": Route(APPROVE, body={}, methods=("POST",), tenants=False),
    "emergency_drills": Route(READ, shows=False),
    "start_emergency_drill": Route(WRITE, body={}, methods=("POST",), shows=False),
    "emergency_drill_settings": Route(WRITE, body={"limit_days": "60"}, shows=False),
    "emergency_drill_run": Route(READ, shows=False, tenants=False),
    "emergency_drill_progress": Route(READ, shows=False, tenants=False),
    "address_tests": Route("devices:read"),
    "answer_address_question": Route(
        "users:write", fill={"call_id": "address_check"}, body={}, methods=("POST",)
    ),
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
    "PATCH /users/{username}": Route("users:write", body={"name": "New"}),
    "GET /devices": Route("devices:read"),
    "GET /devices/refused": Route("devices:read"),
    "GET /health": Route("health:read", shows=False),
    "GET /locations": Route("locations:read"),
    "GET /locations/{device_id}": Route("locations:read"),
    "GET /locations/{device_id}/places": Route("locations:read"),
    "POST /locations/{device_id}/places": Route("locations:write", body={"place_id": "{place}"}),
    "GET /networks": Route("networks:read", shows=False),
    "GET /networks/tables": Route("networks:read", shows=False),
    "POST /networks/tables": Route("networks:write", body={"origin": "x", "csv": NETWORKS}, shows=False),
    "POST /networks/tables/{table_id}/verified": Route("networks:write", body={}, tenants=False),
    "GET /trunks/{trunk_id}/sites": Route("trunks:read"),
    "POST /trunks/{trunk_id}/sites": Route("sites:write", body=API_SITE),
    "PUT /trunks/{trunk_id}/sites/{site_id}": Route("sites:write", body=API_SITE),
    "DELETE /trunks/{trunk_id}/sites/{site_id}": Route("sites:write", body={}),
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
    "POST /people": Route("people:write", body=PERSON | {"customer_id": "{customer_id}"}),
    "GET /people/{person_id}": Route("people:read"),
    "PATCH /people/{person_id}": Route("people:write", body={"first_name": "New"}),
    "POST /people/{person_id}/one-time-code": Route("people:write", body={}),
    "DELETE /people/{person_id}/second-factors": Route("people:write", body={}),
    "DELETE /people/{person_id}/sessions": Route("people:write", body={}),
    "GET /tokens": Route("tokens:read"),
    "POST /tokens": Route(
        "tokens:write", body={"name": "new", "scopes": ["calls:read"], "expires_at": "{tomorrow}"}
    ),
    "DELETE /tokens/{token_id}": Route("tokens:write", body={}),
    "GET /compliance/duties": Route("duties:read", shows=False),
    "GET /compliance/duties/{key}/counts": Route("duties:read", shows=False, tenants=False),
    "GET /compliance/requests": Route("requests:read"),
    "POST /compliance/requests": Route(
        "requests:write", body={**REQUEST, "asked_at": "2026-11-01T10:00:00+01:00"}
    ),
    "GET /compliance/requests/{request_id}": Route("requests:read", fill={"request_id": "request"}),
    "GET /compliance/requests/{request_id}/calls": Route("requests:read", fill={"request_id": "request"}),
    "POST /compliance/requests/{request_id}/answer": Route(
        "requests:write", fill={"request_id": "request"}, body={"note": "by mail"}
    ),
    "POST /compliance/requests/{request_id}/found": Route(
        "requests:write", fill={"request_id": "answered_request"}, body={"found": "wrong"}
    ),
    "POST /compliance/requests/{request_id}/block": Route(
        "requests:write", fill={"request_id": "request"}, body={"numbers": ["02 555 12 34"]}
    ),
    "POST /compliance/blockings/{blocking_id}/lift": Route(
        "requests:write", fill={"blocking_id": "blocking"}, body={}
    ),
    "GET /notice": Route("notices:read", shows=False),
    "GET /notice/acceptances": Route("notices:accept"),
    "POST /notice/acceptances": Route(
        "notices:accept",
        body={
            "customer_id": "{customer_id}",
            "version": 1,
            "language": "nl",
            "by": "Quetzal",
            "document": "contract 7",
        },
    ),
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
    "GET /trunks/{trunk_id}/agreement": Route(
        "operator:read", fill={"trunk_id": "special_trunk"}, shows=False, tenants=False
    ),
    "PATCH /trunks/{trunk_id}/agreement": Route(
        "trunks:write",
        fill={"trunk_id": "special_trunk"},
        body={"agreement": "agreement 8"},
        shows=False,
        tenants=False,
    ),
    "GET /operator": Route("operator:read", shows=False),
    "PATCH /operator": Route("trunks:write", body={"roaming_check": "document 7"}, shows=False),
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
    "GET /emergency-routes": Route(READ, shows=False),
    "POST /emergency-routes": Route(
        WRITE, body={"areas": "{areas}", "routes": "{routes}", "origin": "a letter"}, shows=False
    ),
    "GET /emergency-routes/{table_id}": Route(READ, **DRAFT),
    "DELETE /emergency-routes/{table_id}": Route(WRITE, body={}, **DRAFT),
    "POST /emergency-routes/{table_id}/propose": Route(WRITE, body={"in_force": "{in_a_year}"}, **DRAFT),
    "POST /emergency-routes/{table_id}/approve": Route(APPROVE, body={}, **PROPOSED),
    "POST /emergency-routes/{table_id}/refuse": Route(APPROVE, body={"why": "wrong"}, **PROPOSED),
    "GET /emergency-policy": Route(READ, shows=False),
    "POST /emergency-policy": Route(WRITE, body={"policy": "route", "reason": "as before"}, shows=False),
    "POST /emergency-policy/{decision_id}/approve": Route(APPROVE, body={}, tenants=False),
    "POST /emergency-policy/{decision_id}/refuse": Route(APPROVE, body={}, tenants=False),
    "GET /emergency-drills": Route(READ, shows=False),
    "POST /emergency-drills/runs": Route(WRITE, body={}, shows=False),
    "GET /emergency-drills/runs/{run_id}": Route(READ, shows=False, tenants=False),
    "GET /emergency-drills/runs/{run_id}/drills": Route(READ, shows=False, tenants=False),
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
    "audit_entry": "that somebody tried may be recorded",
    "portal_cache": "tries at signing in are counted there",
    "django_session": "a refused request may begin or end the session of whoever sent it",
}
"""Tables a refused request may change, and why."""
