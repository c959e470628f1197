from __future__ import annotations

from django.apps import AppConfig


class EmergencyDrillsConfig(AppConfig):
    name = "kiestoon.portal.emergency_drills"
    label = "emergency_drills"
