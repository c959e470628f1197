"""PROCESS jobs: `python -m kiestoon.portal jobs`; procrastinate's worker, without the words its own command
prints beside the log."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


class Command(BaseCommand):
    """Runs until SIGTERM; the job under way is finished first."""

    help = "Do the jobs that are due, for ever."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        assert isinstance(app.connector, DjangoConnector)
        with app.replace_connector(app.connector.get_worker_connector()):
            asyncio.run(_work())


async def _work() -> None:
    async with app.open_async():
        await app.run_worker_async()
