"""Every table, and which of its rows each role may touch. A table that is not here is closed to the portal.

- `Walled`: row-level security. The operator's people touch every row; a customer's people those for which
  `customer` holds; whoever is signing in those for which `sign_in` holds. Empty: none.
- `Shared`: no tenant's data; `because` says why not.
- `Closed`: the portal's pages and API never touch it.

A column that names the customer: `Walled(of_customer("customer_id"))`. One that leads to such a table:
`Walled(through("user_id", "phones_telephoneuser"))`; the inner table's own rule applies inside.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiestoon.domain.emergency.spared import spared_classes

READ = "SELECT"
CHANGE = "SELECT, UPDATE"
ADD = "SELECT, INSERT"
ADD_UNSEEN = "SELECT (id), INSERT"
KEEP = "SELECT, INSERT, UPDATE"
USE_UP = "SELECT, UPDATE, DELETE"
SAID = "SELECT, INSERT, DELETE"
"""Never changed; it goes with whom it is about."""
ALL = "SELECT, INSERT, UPDATE, DELETE"

CUSTOMER_ID = "current_setting('kiestoon.customer', true)::bigint"
"""Not in a SELECT of its own: the planner could not know its value then, and for a customer with many calls
it would sort them all instead of walking back in time (decision 0007)."""
PRESENTED = "current_setting('kiestoon.presented', true)"


@dataclass(frozen=True)
class Walled:
    """Conditions are SQL over a row; rights are what GRANT takes."""

    customer: str = ""
    sign_in: str = ""
    customer_rights: str = ALL
    operator_rights: str = ALL
    sign_in_rights: str = READ


@dataclass(frozen=True)
class Shared:
    because: str
    everyone: str = READ
    operator_rights: str = ALL
    nobody: str = ""
    """Rights of whoever is not known yet, or not any more."""


@dataclass(frozen=True)
class Closed:
    because: str


def of_customer(column: str) -> str:
    return f"{column} = {CUSTOMER_ID}"


def through(column: str, table: str, key: str = "id") -> str:
    """`{row}` becomes the name of the walled table."""
    return f"EXISTS (SELECT FROM {table} owner WHERE owner.{key} = {{row}}.{column})"


CALLS = (
    f"CASE WHEN customer_id = {CUSTOMER_ID} THEN true ELSE called_customer_id = {CUSTOMER_ID} END"
    " AND emergency_class IS NULL"
    + "".join(f" AND emergency_class IS DISTINCT FROM '{one}'" for one in spared_classes("customer-lists"))
)
"""A customer's calls, made or received; never one to a helpline or to 112 (docs/duties.md).

Not an OR: beside `customer_id = …` in a query the planner would multiply both chances, take the customer for
one with few calls, and sort them all (10,000 calls: 245 ms) instead of walking back in time (0.1 ms)."""
MARKS = f"customer_id IS NULL OR {of_customer('customer_id')}"
"""A mark without a customer says only that the operator's settings are to be published."""

TABLES: dict[str, Walled | Shared | Closed] = {
    "customers_customer": Walled(of_customer("id"), customer_rights=CHANGE),
    "customers_address": Walled(of_customer("customer_id")),
    "phones_telephoneuser": Walled(of_customer("customer_id")),
    "phones_forwarding": Walled(through("user_id", "phones_telephoneuser")),
    "phones_provisioninglink": Walled(
        of_customer("customer_id"), sign_in=f"token_hash = {PRESENTED}", sign_in_rights=CHANGE
    ),
    "numbers_number": Walled(of_customer("customer_id"), customer_rights=CHANGE),
    "carriers_trunk": Walled(of_customer("customer_id"), customer_rights=CHANGE),
    "carriers_specialinterface": Walled(),
    "carriers_operator": Shared("the operator's own names and number blocks"),
    "people_person": Walled(of_customer("customer_id"), sign_in="true", sign_in_rights=CHANGE),
    "people_person_groups": Walled(through("person_id", "people_person")),
    "people_person_user_permissions": Walled(through("person_id", "people_person")),
    "people_apitoken": Walled(
        of_customer("customer_id"), sign_in=f"token_hash = {PRESENTED}", sign_in_rights=CHANGE
    ),
    "account_emailaddress": Walled(through("user_id", "people_person"), sign_in="true"),
    "account_emailconfirmation": Walled(through("email_address_id", "account_emailaddress")),
    "mfa_authenticator": Walled(through("user_id", "people_person"), sign_in="true", sign_in_rights=CHANGE),
    "usersessions_usersession": Walled(
        through("user_id", "people_person"), sign_in="true", sign_in_rights=ALL
    ),
    "identity_onetimecode": Walled(
        through("person_id", "people_person"), sign_in="true", sign_in_rights=USE_UP
    ),
    "identity_attempt": Walled(sign_in="true", sign_in_rights=ALL, operator_rights=""),
    "portal_cache": Shared("which one-time codes were used, by allauth's keys", ALL),
    "audit_entry": Walled(
        of_customer("customer_id"),
        customer_rights=ADD,
        operator_rights=ADD,
        sign_in="true",
        sign_in_rights=ADD_UNSEEN,
    ),
    "publication_change": Walled(MARKS, customer_rights=ADD),
    "publication_published": Shared("a version and a checksum", operator_rights=READ),
    "calls_call": Walled(CALLS, customer_rights=READ, operator_rights=READ),
    "calls_refusal": Walled(
        through("username", "phones_telephoneuser", "username"), customer_rights=READ, operator_rights=READ
    ),
    "calls_securityevent": Walled(operator_rights=READ),
    "calls_segment": Walled(operator_rights=READ),
    "calls_gap": Walled(operator_rights=CHANGE),
    "calls_unreadable": Walled(operator_rights=READ),
    "compliance_countedhour": Closed("only the job that counts reads it"),
    "compliance_decisioncount": Walled(operator_rights=READ),
    "compliance_example": Walled(operator_rights=READ),
    "compliance_measurement": Walled(operator_rights=READ),
    "compliance_identityrequest": Walled(operator_rights=KEEP),
    "compliance_blocking": Walled(operator_rights=KEEP),
    "number_database_listing": Walled(through("number_id", "numbers_number", "e164")),
    "number_database_entry": Walled(of_customer("customer_id"), customer_rights=READ, operator_rights=READ),
    "number_database_batch": Walled(operator_rights=READ),
    "number_database_comparison": Walled("true", customer_rights=READ, operator_rights=READ),
    "number_database_difference": Walled(
        through("number", "numbers_number", "e164"), customer_rights=READ, operator_rights=READ
    ),
    "emergency_log_contact": Walled(operator_rights=KEEP),
    "emergency_log_reception": Walled(of_customer("customer_id"), customer_rights=KEEP),
    "emergency_log_begun": Walled(operator_rights=READ),
    "emergency_log_told": Walled(operator_rights=READ),
    "number_counts_count": Walled(operator_rights=READ),
    "number_counts_report": Walled(operator_rights=ADD),
    "number_counts_nationaltotal": Walled(operator_rights=KEEP),
    "number_counts_agreement": Walled(operator_rights=ADD),
    "number_counts_notice": Walled(operator_rights=ADD),
    "malicious_calls_case": Walled(of_customer("customer_id"), customer_rights=ADD, operator_rights=KEEP),
    "malicious_calls_handover": Walled(operator_rights=ADD),
    "notices_acceptance": Walled(of_customer("customer_id"), customer_rights=ADD, operator_rights=ADD),
    "notices_delivery": Walled(operator_rights=CHANGE),
    "notices_round": Walled(operator_rights=READ),
    "emergency_network": Shared("parts of the address space, and whose they are"),
    "emergency_networktable": Walled(operator_rights=KEEP),
    "emergency_device": Walled(of_customer("customer_id"), customer_rights=USE_UP, operator_rights=USE_UP),
    "emergency_place": Walled(of_customer("customer_id"), customer_rights=SAID, operator_rights=SAID),
    "emergency_locationquestion": Walled(of_customer("customer_id")),
    "emergency_site": Walled(of_customer("customer_id")),
    "emergency_routes_table": Walled(),
    "emergency_routes_area": Walled(),
    "emergency_routes_route": Walled(),
    "emergency_routes_policydecision": Walled(operator_rights=KEEP),
    "emergency_drills_drillsettings": Walled(),
    # Nobody's but the drills' own customer; with a user or a customer, its lines would go.
    "emergency_drills_drillline": Walled(
        of_customer("customer_id"), customer_rights="SELECT, DELETE", operator_rights="SELECT, DELETE"
    ),
    "emergency_drills_drillrun": Walled(operator_rights=KEEP),
    "emergency_drills_drill": Walled(operator_rights=READ),
    "emergency_drills_addresscheck": Walled(
        of_customer("customer_id"), customer_rights=CHANGE, operator_rights=CHANGE
    ),
    "health_evaluation": Shared("when alerts were last evaluated", operator_rights=READ),
    "health_watched": Walled(operator_rights=READ),
    "health_alert": Walled(operator_rights=CHANGE),
    "health_minute": Walled(operator_rights=READ),
    "idempotency_keptanswer": Walled(through("token_id", "people_apitoken")),
    "webhooks_endpoint": Walled(of_customer("customer_id")),
    "webhooks_delivery": Walled(through("endpoint_id", "webhooks_endpoint", "endpoint_id")),
    "webhooks_event": Walled(operator_rights=READ),
    "security_banchange": Walled(operator_rights=ADD),
    "procrastinate_jobs": Walled(operator_rights=READ),
    "procrastinate_events": Walled(operator_rights=READ),
    "procrastinate_periodic_defers": Walled(operator_rights=READ),
    "procrastinate_workers": Walled(operator_rights=READ),
    "django_session": Shared("signed values under random keys, needed before anyone is known", ALL, ALL, ALL),
    "django_content_type": Shared("names of our own models", operator_rights=READ),
    "auth_permission": Shared("names of our own permissions", operator_rights=READ),
    "auth_group": Closed("roles say who may do what (people/access.py)"),
    "auth_group_permissions": Closed("roles say who may do what (people/access.py)"),
    "django_migrations": Closed("only migrate reads it"),
}
