from __future__ import annotations

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "kiestoon.portal.compliance"
    label = "compliance"

    def ready(self) -> None:
        """Fill the register: what proves each duty, and what each asks before something is activated."""
        from kiestoon.portal.compliance.checks import CHECKS
        from kiestoon.portal.compliance.evidence import PROVIDERS
        from kiestoon.portal.compliance.register import REGISTER

        for key, evidence in PROVIDERS.items():
            REGISTER.provide(key, evidence)
        for of, key, check in CHECKS:
            REGISTER.check_activation(of, key, check)
