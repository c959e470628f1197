"""Who says where a device is: its own user, whose word confirms it, or somebody else."""

from __future__ import annotations

from kiestoon.portal.emergency.models import Device, Place
from kiestoon.portal.emergency.services import Sayer
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import ApiToken, Person


def sayer(access: Access, device: Device, how: str) -> Sayer:
    """The user of the device, or staff who asked the user by telephone, confirm; others declare."""
    is_user = access.user_id == device.user_id
    asked = access.is_operator and how == Place.How.CALL
    return Sayer(name_of(access), how, is_user or asked, access.person_id)


def name_of(access: Access) -> str:
    """The person's sign-in name; of a token of nobody, the token's own name."""
    person = Person.objects.filter(pk=access.person_id).first() if access.person_id else None
    if person is not None:
        return person.get_username()
    token = ApiToken.objects.filter(pk=access.token_id).first() if access.token_id else None
    return token.name if token else access.role
