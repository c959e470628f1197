"""PROCESSES jobs and webhooks: `python -m kiestoon.portal jobs [--queue webhooks]`; procrastinate's worker,
without the words its own command prints beside the log.

Webhooks have a process of their own: a slow receiver must not delay a publication.
"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

SIDE_BY_SIDE = {"default": 1, "webhooks": 8}
"""Queue → jobs at once."""
BESIDE = {"webhooks": ("drills",)}
"""Queues the process of another does besides: what waits for others must not delay a publication."""


class Command(BaseCommand):
    """Runs until SIGTERM; the job under way is finished first."""

    help = "Do the jobs that are due, for ever."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", choices=sorted(SIDE_BY_SIDE), default="default")

    def handle(self, *args: Any, **options: Any) -> None:
        assert isinstance(app.connector, DjangoConnector)
        with app.replace_connector(app.connector.get_worker_connector()):
            asyncio.run(_work(options["queue"]))


async def _work(queue: str) -> None:
    async with app.open_async():
        await app.run_worker_async(queues=[queue, *BESIDE.get(queue, ())], concurrency=SIDE_BY_SIDE[queue])
