"""What is asked of whom: a second factor, and how long a sign-in lasts. The values are in the settings."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from kiestoon.portal.people.models import CUSTOMER_ROLES, Person

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes are a way back to one of these, no factor of their own."""


def needs_second_factor(person: Person) -> bool:
    return person.role in settings.SECOND_FACTOR_ROLES


def has_second_factor(person: Person) -> bool:
    return bool(is_mfa_enabled(person, FACTORS))


def is_last_factor(authenticator: Authenticator) -> bool:
    """Is it the only factor of somebody who must have one?"""
    person = authenticator.user
    if authenticator.type not in FACTORS or not needs_second_factor(person):
        return False
    others = Authenticator.objects.filter(user_id=person.pk, type__in=FACTORS).exclude(pk=authenticator.pk)
    return not others.exists()


def session_age(person: Person) -> tuple[timedelta, timedelta]:
    """How long a sign-in lasts at most, and without use."""
    ages: dict[str, tuple[timedelta, timedelta]] = settings.SESSION_AGES
    return ages["customer" if person.role in CUSTOMER_ROLES else "operator"]
