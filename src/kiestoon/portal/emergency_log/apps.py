from __future__ import annotations

from django.apps import AppConfig


class EmergencyLogConfig(AppConfig):
    name = "kiestoon.portal.emergency_log"
    label = "emergency_log"
