"""One world for the whole walk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.test import override_settings

from kiestoon.adapters.edge_bans_fake import FakeBans
from kiestoon.portal.security import services
from tests.integration.portal.walls.planted import Planted, plant


class Steady(FakeBans):
    """An edge whose bans end as often as they are tried."""

    def lift(self, source: str) -> bool:
        return True


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Planted]:
    """Customers A and B and who tries A's doors; undone at the end, what a test changes at its own end."""
    folder: Path = tmp_path_factory.mktemp("walls")
    location = folder / "location.sqlite"
    stores = {"ROUTING_STORE": folder / "customers.sqlite", "LOCATION": location, "SECRETS": folder}
    edge = mock.patch.object(services, "bans", return_value=Steady())
    with edge, override_settings(**stores), django_db_blocker.unblock(), transaction.atomic():
        yield plant(location)
        transaction.set_rollback(True)
