from __future__ import annotations

from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "kiestoon.portal.numbers"
    label = "numbers"
