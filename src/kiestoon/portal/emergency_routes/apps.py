from __future__ import annotations

from django.apps import AppConfig


class EmergencyRoutesConfig(AppConfig):
    name = "kiestoon.portal.emergency_routes"
    label = "emergency_routes"
