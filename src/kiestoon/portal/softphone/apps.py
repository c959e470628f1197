"""The phone in the browser."""

from django.apps import AppConfig


class SoftphoneConfig(AppConfig):
    name = "kiestoon.portal.softphone"
