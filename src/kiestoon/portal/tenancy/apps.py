from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.signals import request_finished
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    name = "kiestoon.portal.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        post_migrate.connect(_migrated, sender=self)
        connection_created.connect(_connected)
        request_finished.connect(_finished)


def _migrated(**given: Any) -> None:
    from kiestoon.portal.tenancy.installation import install

    # Only `migrate` has a plan; emptying tables changes no policy.
    if "plan" in given:
        install(given["using"])


def _connected(connection: BaseDatabaseWrapper, **given: Any) -> None:
    from kiestoon.portal.tenancy.walls import apply_to

    apply_to(connection)


def _finished(**given: Any) -> None:
    from kiestoon.portal.tenancy.walls import take_down

    take_down()
