from __future__ import annotations

from django.apps import AppConfig


class NumberCountsConfig(AppConfig):
    name = "kiestoon.portal.number_counts"
    label = "number_counts"
