from __future__ import annotations

from django.apps import AppConfig


class NumberDatabaseConfig(AppConfig):
    name = "kiestoon.portal.number_database"
    label = "number_database"
