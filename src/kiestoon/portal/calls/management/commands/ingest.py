"""PROCESS ingest: `python -m kiestoon.portal ingest`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand

from kiestoon.adapters.rtpengine import Rtpengine
from kiestoon.portal.calls.ingestion.process import Ingestion
from kiestoon.portal.calls.ingestion.reconcile import ANSWERED_SECONDS, INTERVAL_SECONDS, Reconciliation


def connect() -> psycopg.Connection[Any]:
    """A plain connection to the portal's database; waits at most 5 s."""
    database = settings.DATABASES["default"]
    return psycopg.connect(
        dbname=str(database["NAME"]), host=str(database["HOST"]), autocommit=True, connect_timeout=5
    )


class Command(BaseCommand):
    """Runs until it is ended; it may be killed at any point."""

    help = "Turn call journal events into CDRs, each exactly once."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        interval = float(os.environ.get("KIESTOON_RECONCILE_SECONDS") or INTERVAL_SECONDS)
        reconciliation = Reconciliation(Rtpengine(), interval, int(min(ANSWERED_SECONDS, 2 * interval)))
        Ingestion(Path(settings.STATE) / "journal", connect, reconciliation).run()
