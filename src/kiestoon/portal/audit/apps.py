from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "kiestoon.portal.audit"
    label = "audit"

    def ready(self) -> None:
        from kiestoon.portal.audit import signals  # noqa: F401
