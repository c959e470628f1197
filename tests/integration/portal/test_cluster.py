"""The database tests run on is a PostgreSQL of their own."""

from __future__ import annotations

import pytest

from kiestoon.portal.people.models import Person


@pytest.mark.django_db
def test_a_person_is_kept() -> None:
    Person.objects.create_user("an", password="secret", role=Person.Role.SUPPORT)
    assert Person.objects.get(username="an").role == "support"
