from __future__ import annotations

from django.apps import AppConfig


class EmergencyConfig(AppConfig):
    name = "kiestoon.portal.emergency"
    label = "emergency"
