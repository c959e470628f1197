from __future__ import annotations

from django.apps import AppConfig


class MaliciousCallsConfig(AppConfig):
    name = "kiestoon.portal.malicious_calls"
    label = "malicious_calls"
