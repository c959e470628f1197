"""What follows when somebody signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from kiestoon.portal.identity.address import address_of
from kiestoon.portal.identity.services import remember_sign_in
from kiestoon.portal.people.models import Person


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: Person, **_: Any) -> None:
    remember_sign_in(user, address_of(request))
