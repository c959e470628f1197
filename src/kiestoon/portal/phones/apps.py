from __future__ import annotations

from django.apps import AppConfig


class PhonesConfig(AppConfig):
    name = "kiestoon.portal.phones"
    label = "phones"
