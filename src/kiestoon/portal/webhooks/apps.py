from __future__ import annotations

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "kiestoon.portal.webhooks"
    label = "webhooks"
