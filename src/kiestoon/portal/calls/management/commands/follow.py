"""`./kiestoon follow ID`: one call through all processes, in order of time."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kiestoon.portal.calls.following import NotFound, TooMany, follow


class Command(BaseCommand):
    """Works without PostgreSQL too, with what the journal and the logs still hold."""

    help = "Follow one call through journal, logs, ingestion and its CDR, by our call_id or its SIP Call-ID."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="call_id, SIP Call-ID, or at least 6 letters of one")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = follow(Path(settings.STATE), options["id"])
        except (NotFound, TooMany) as error:
            raise CommandError(str(error), returncode=1) from error
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False))
            return
        self.stdout.write(f"call {found.call_id}, SIP {', '.join(found.sip_call_ids)}")
        for row in found.rows:
            fields = " ".join(f"{name}={_brief(value)}" for name, value in row.fields.items())
            self.stdout.write(f"{row.time}  {row.source:<9} {row.what:<18} {fields}".rstrip())
        if found.missing:
            self.stdout.write(f"not asked: {', '.join(found.missing)}")


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
