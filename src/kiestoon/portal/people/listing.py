"""People and tokens as lists, of whoever may see them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404

from kiestoon.portal.identity.models import OneTimeCode
from kiestoon.portal.identity.policy import FACTORS
from kiestoon.portal.people.access import Access
from kiestoon.portal.people.models import ApiToken, Person
from kiestoon.portal.people.services import lock_people
from kiestoon.portal.versions import Version, version_of

_OWN = frozenset({"last_login", "password", "language", "sessions_ended"})


def visible_people(access: Access) -> QuerySet[Person]:
    """By customer and name, those of the operator last."""
    people = access.visible(Person.objects.select_related("customer", "telephone_user"))
    return people.order_by("customer__name", "username")


def person_to_change(access: Access, person_id: int) -> Person:
    """For whoever changes it in this transaction; nobody else does meanwhile. Http404 when not visible."""
    lock_people()
    return get_object_or_404(visible_people(access).select_for_update(of=("self",)), pk=person_id)


def with_state(people: QuerySet[Person]) -> QuerySet[Person]:
    """Adds `has_factor` and `has_code` (a one-time code not used yet)."""
    factors = Person.objects.filter(pk=OuterRef("pk"), authenticator__type__in=FACTORS)
    codes = OneTimeCode.objects.filter(person_id=OuterRef("pk"))
    return people.annotate(has_factor=Exists(factors), has_code=Exists(codes))


def version_of_person(person: Person) -> Version:
    """Of what an administrator changes: signing in or choosing a language is no change of it."""
    return version_of(person, without=_OWN, person_id=person.pk)


def visible_tokens(access: Access) -> QuerySet[ApiToken]:
    """Those that work first, newest first."""
    tokens = access.visible(ApiToken.objects.select_related("person", "customer"))
    return tokens.order_by("-revoked_at", "-created_at", "pk")
