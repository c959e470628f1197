from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "kiestoon.portal.identity"
    label = "identity"

    def ready(self) -> None:
        from kiestoon.portal.identity import receivers  # noqa: F401
