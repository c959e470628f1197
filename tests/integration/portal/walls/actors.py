"""Everyone who tries A's doors, and the person of A whose own things are behind some of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import Client

from kiestoon.portal.audit.services import record
from kiestoon.portal.customers.models import Customer
from kiestoon.portal.identity.services import give_authenticator_app
from kiestoon.portal.people.access import GRANTS, access_of_person
from kiestoon.portal.people.listing import version_of_person
from kiestoon.portal.people.models import CUSTOMER_ROLES, ApiToken, Person, Role
from kiestoon.portal.people.services import create_person, create_token
from kiestoon.portal.phones.models import TelephoneUser
from tests.integration.portal.walls.passkey import credential

ANNA = "Anna of A"
"""The actor who is the person behind A's objects."""


@dataclass(frozen=True)
class Actor:
    """Someone who tries: by pages with a session, by the API with a token."""

    name: str
    role: str = ""
    customer: str = ""
    page: Client = field(default_factory=Client)
    api: Client = field(default_factory=Client)

    def may(self, scope: str) -> bool:
        return bool(self.role) and scope in GRANTS[self.role]

    @property
    def is_operator(self) -> bool:
        return bool(self.role) and self.role not in CUSTOMER_ROLES


@dataclass(frozen=True)
class Annas:
    """Anna's person, and what is hers alone by the names routes have for it."""

    person: Person
    ids: dict[str, str]


def person_of(anna: TelephoneUser) -> Annas:
    """A customer-user with a passkey, a token, another browser signed in and an entry in the audit log."""
    person = create_person("quetzal.annas", "secret", Role.CUSTOMER_USER, anna.customer, telephone_user=anna)
    passkey = Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Quetzal key", "credential": credential()},
    )
    give_authenticator_app(person, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(person)
    create_token("quetzal export", person.role, person.customer, person=person)
    record("password-changed", access_of_person(person), ids={"person_id": person.pk})
    person = Person.objects.get(pk=person.pk)
    ids = {
        "person_id": str(person.pk),
        "person_version": version_of_person(person).tag,
        "passkey": str(passkey.pk),
        "session_id": str(_other_browser(person).pk),
        "token_id": str(ApiToken.objects.get(name="quetzal export").pk),
        "tomorrow": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    return Annas(person, ids)


def _other_browser(person: Person) -> UserSession:
    client = _signed_in(person)
    store = SessionStore(client.session.session_key)
    assert {SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY} <= set(store.keys())
    row: UserSession = UserSession.objects.create(
        user=person, ip="192.0.2.1", session_key=store.session_key, user_agent="quetzal"
    )
    return row


def actors(
    a: Customer, b: Customer, annas: Annas, bram: TelephoneUser, denis: TelephoneUser
) -> Iterable[Actor]:
    """Nobody, each role of B, each role of A, each role of the operator, and Anna herself."""
    yield Actor("nobody")
    yield Actor(ANNA, Role.CUSTOMER_USER, "A", _signed_in(annas.person), _token(annas.person))
    people: tuple[tuple[str, Role, Customer | None, TelephoneUser | None], ...] = (
        ("admin of B", Role.CUSTOMER_ADMIN, b, None),
        ("user of B", Role.CUSTOMER_USER, b, denis),
        ("admin of A", Role.CUSTOMER_ADMIN, a, None),
        ("user of A", Role.CUSTOMER_USER, a, bram),
        *((role.value, role, None, None) for role in Role if role not in CUSTOMER_ROLES),
    )
    for name, role, customer, user in people:
        person = create_person(name.replace(" ", "-"), "secret", role, customer, telephone_user=user)
        whose = "" if customer is None else "A" if customer == a else "B"
        yield Actor(name, role, whose, _signed_in(person), _token(person))


def _signed_in(person: Person) -> Client:
    """Just now, with the password: nothing important asks for it again."""
    client = Client()
    client.force_login(person)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, person, "password", reauthenticated=True)
    request.session.save()
    return client


def _token(person: Person) -> Client:
    later = datetime.now(UTC) + timedelta(hours=1)  # so that no use changes the row
    value = create_token("walk", person.role, person.customer, person=person, last_used_at=later)
    return Client(headers={"Authorization": f"Bearer {value}"})
