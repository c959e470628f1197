"""`assets`: what pages need beside the code: compiled translations, static files under hashed names."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from kiestoon.portal.translations import compile_translations


class Command(BaseCommand):
    help = "Compile translations and collect static files into the state directory."

    def handle(self, *args: Any, **options: Any) -> None:
        compile_translations(settings.LOCALE_PATHS[0])
        call_command("collectstatic", "--noinput", verbosity=0)
