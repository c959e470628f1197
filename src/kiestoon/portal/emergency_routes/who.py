"""Who asks, as the trail of a table keeps it."""

from __future__ import annotations

from django.http import HttpRequest

from kiestoon.portal.emergency_routes.services import By
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import ApiToken, Person


def by_person(request: HttpRequest) -> By:
    assert isinstance(request.user, Person)
    return By(request.user.display_name, request.user.pk)


def by_token(access: Access) -> By:
    """The person behind a token; a program nobody stands behind goes by the token's name."""
    person = Person.objects.filter(pk=access.person_id).first() if access.person_id else None
    if person is not None:
        return By(person.display_name, person.pk)
    token = ApiToken.objects.filter(pk=access.token_id).first() if access.token_id else None
    return By(token.name if token else access.role, None)
