"""Make the demo world in the database: what is missing is made, what is there is left as people set it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from kiestoon.duties.duty import belgian_day
from kiestoon.portal.carriers.models import Operator, SpecialInterface, Trunk
from kiestoon.portal.carriers.services import (
    change_trunk,
    create_trunk,
    set_operator,
    set_special_interface,
)
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.customers.services import change_customer, create_customer
from kiestoon.portal.demo.emergency_plan import DRILLS, ORIGIN, areas_csv, routes_csv
from kiestoon.portal.demo.plan import (
    BLOCKS,
    CUSTOMERS,
    DOMAIN,
    EMERGENCY_CONTACT,
    EVIDENCE,
    NETWORKS,
    NETWORKS_ORIGIN,
    PBX,
    PBX_TRUNK,
    ROAMING_CHECK,
    SITES,
    SPECIAL,
    TRUNKS,
    PlannedCustomer,
    people,
)
from kiestoon.portal.emergency.models import NetworkTable
from kiestoon.portal.emergency.networks import load_networks
from kiestoon.portal.emergency.sites import add_site
from kiestoon.portal.emergency_drills.services import set_drill_settings
from kiestoon.portal.emergency_log.models import Contact
from kiestoon.portal.emergency_log.services import set_contact
from kiestoon.portal.emergency_routes.models import Table
from kiestoon.portal.emergency_routes.services import By, approve_table, load_table, propose_table
from kiestoon.portal.identity.policy import has_second_factor
from kiestoon.portal.identity.services import give_authenticator_app
from kiestoon.portal.notices.models import Acceptance
from kiestoon.portal.notices.services import accept_notice, has_accepted
from kiestoon.portal.notices.texts import notice_in_force
from kiestoon.portal.numbers.models import Number
from kiestoon.portal.numbers.services import Target, give_number
from kiestoon.portal.people.models import ApiToken, Person
from kiestoon.portal.people.services import create_person, create_token, token_hash
from kiestoon.portal.phones.models import TelephoneUser
from kiestoon.portal.phones.services import create_user, ha1, set_password


@transaction.atomic
def make_demo_world(world: dict[str, Any], *, new_secrets: bool) -> None:
    """The rows behind `world`; with `new_secrets` also passwords of rows that were there already."""
    if not Operator.objects.exists():
        set_operator(
            realm=DOMAIN,
            domains=[DOMAIN, "localhost", "127.0.0.1", "::1"],
            blocks=BLOCKS,
            roaming_check=ROAMING_CHECK,
        )
    for trunk_id, fields in TRUNKS:
        if not Trunk.objects.filter(trunk_id=trunk_id).exists():
            create_trunk(trunk_id, special=SPECIAL if trunk_id == "special" else None, **fields)
    special = Trunk.objects.get(trunk_id="special")
    if not SpecialInterface.objects.filter(trunk=special).exists():
        set_special_interface(special, **SPECIAL)
    passwords = {user["username"]: user["password"] for one in world["customers"] for user in one["users"]}
    for planned in CUSTOMERS:
        _make_customer(planned, passwords)
    if not NetworkTable.objects.exists():
        load_networks(NETWORKS, origin=NETWORKS_ORIGIN, by="demo world")
    _make_people(world, new_secrets=new_secrets)
    _make_routing_table()


def _make_routing_table() -> None:
    """Proposed by the demo's network person, approved by its compliance person."""
    if Table.objects.exists():
        return
    network, compliance = (
        By(name, Person.objects.get(username=name).pk) for name in ("network", "compliance")
    )
    table = load_table(network, areas=areas_csv(), routes=routes_csv(), origin=ORIGIN)
    propose_table(table, network, belgian_day(datetime.now(UTC)))
    approve_table(table, compliance)
    if not Contact.objects.exists():
        set_contact([EMERGENCY_CONTACT], "demo world", datetime.now(UTC))
    set_drill_settings(**DRILLS)


def sign_notice(customer: Customer, by: str) -> None:
    """As if a customer of the demo had signed what is told about emergency calls."""
    accept_notice(
        customer,
        version=notice_in_force(datetime.now(UTC)).version,
        language=customer.language,
        by=by,
        how=Acceptance.How.DOCUMENT,
        document="demo world",
    )


def _make_customer(planned: PlannedCustomer, passwords: dict[str, str]) -> None:
    customer = Customer.objects.filter(name=planned.name).first()
    if customer is None:
        customer = create_customer(planned.name, planned.language, planned.address, evidence=EVIDENCE)
    if not has_accepted(customer):
        sign_notice(customer, by=f"{planned.key}-admin")
    for one in planned.users:
        password = passwords[one.username]
        user = TelephoneUser.objects.filter(username=one.username).first()
        if user is None:
            user = create_user(
                customer,
                username=one.username,
                password=password,
                extension=one.extension,
                name=one.name,
                nomadic=one.nomadic,
                address=customer.address,
            )
        elif user.ha1 != ha1(one.username, DOMAIN, password):
            set_password(user, password)
        _give(customer, one.number, user)
    for number in (planned.main_number, *planned.spare_numbers):
        _give(customer, number, None)
    if planned.trunk_numbers:
        trunk = Trunk.objects.filter(trunk_id=PBX_TRUNK).first()
        trunk = trunk or create_trunk(PBX_TRUNK, customer=customer, **PBX)
        for number in planned.trunk_numbers:
            _give(customer, number, trunk)
        for prefix, name, address in SITES:
            if not trunk.sites.filter(prefix=prefix).exists():
                add_site(trunk, prefix=prefix, name=name, address=address, evidence=EVIDENCE)
        if not trunk.main_number:
            change_trunk(trunk, main_number=planned.trunk_numbers[0])
    if not customer.main_number:
        change_customer(customer, main_number=planned.main_number)


def _give(customer: Customer, number: str, target: Target) -> None:
    if not Number.objects.filter(e164=number).exists():
        give_number(customer, number, target)


def _make_people(world: dict[str, Any], *, new_secrets: bool) -> None:
    portal = world["portal"]
    passwords = {person["username"]: person["password"] for person in portal["people"]}
    apps = {person["username"]: person["totp_secret"] for person in portal["people"]}
    tokens = {(token["role"], token["customer"]): token["token"] for token in portal["tokens"]}
    for planned in people():
        name = planned.customer.name if planned.customer else None
        customer = Customer.objects.get(name=name) if name else None
        person = Person.objects.filter(username=planned.username).first()
        if person is None:
            person = create_person(
                planned.username,
                passwords[planned.username],
                planned.role,
                customer,
                email=f"{planned.username}@{DOMAIN}",
            )
        elif new_secrets:
            person.set_password(passwords[planned.username])
            person.save()
        # Whoever took a passkey instead keeps it alone.
        if planned.customer is None and (new_secrets or not has_second_factor(person)):
            give_authenticator_app(person, apps[planned.username])
        if planned.role == "customer-user" and planned.customer and person.telephone_user is None:
            person.telephone_user = TelephoneUser.objects.get(username=planned.customer.portal_user.username)
            person.save()
        token = tokens[planned.role, name]
        if not ApiToken.objects.filter(token_hash=token_hash(token)).exists():
            ApiToken.objects.filter(name=f"demo {planned.username}").delete()
            create_token(f"demo {planned.username}", planned.role, customer, token=token, person=person)
