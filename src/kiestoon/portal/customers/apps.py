from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "kiestoon.portal.customers"
    label = "customers"
