from __future__ import annotations

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "kiestoon.portal.idempotency"
    label = "idempotency"
