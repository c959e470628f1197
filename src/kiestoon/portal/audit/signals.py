"""Sign-ins, failures and changes of second factors, as allauth tells them."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.dispatch import receiver

from kiestoon.portal.audit.services import record
from kiestoon.portal.identity.signals import password_chosen, sign_in_failed
from kiestoon.portal.people.access import access_of_person
from kiestoon.portal.people.models import Person


@receiver(user_logged_in)
def _signed_in(user: Person, **_: Any) -> None:
    record("sign-in", access_of_person(user))


@receiver(sign_in_failed)
def _failed(username: str, **_: Any) -> None:
    person = Person.objects.filter(username__iexact=username).first()
    _nobody("sign-in-failed", person)


@receiver(authentication_failed)
def _wrong_code(user: Person, **_: Any) -> None:
    _nobody("second-factor-failed", user)


@receiver(authenticator_added)
def _factor_added(user: Person, authenticator: Any, **_: Any) -> None:
    _factor("factor-added", user, authenticator)


@receiver(authenticator_removed)
def _factor_removed(user: Person, authenticator: Any, **_: Any) -> None:
    _factor("factor-removed", user, authenticator)


@receiver(authenticator_reset)
def _codes_made(user: Person, authenticator: Any, **_: Any) -> None:
    _factor("factor-renewed", user, authenticator)


@receiver(password_changed)
def _password_changed(user: Person, **_: Any) -> None:
    record("password-changed", access_of_person(user))


@receiver(password_chosen)
def _password_chosen(person: Person, **_: Any) -> None:
    record("password-chosen", access_of_person(person))


def _nobody(action: str, person: Person | None) -> None:
    """Nobody has signed in: whom it was tried for is what it concerns, not who did it."""
    ids = {"person_id": person.pk} if person else {}
    record(action, customer_id=person.customer_id if person else None, ids=ids)


def _factor(action: str, person: Person, authenticator: Any) -> None:
    record(action, access_of_person(person), ids={"factor": str(authenticator.type)})
